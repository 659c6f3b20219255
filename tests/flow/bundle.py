"""Evidence bundles: proved from the log of a real federation, and verified twice.

What must hold, and logs that nothing may be proved from.
"""

import os
import pathlib
import shutil
import time
import zipfile

import cases
from bundles import (COULD_NOT, DONE, HOME, LOG, MEMBERS, NO, QUORUM, USAGE, both_hold, check, copy,
                     evidence_log, evidence_world, found_by, journal, message_pb, prove, record,
                     records_with, sum_again, verify, world)

small = prove("LA-SMALL", "small")


# --- What holds ---------------------------------------------------------------------------


def case_bundle_of_one_message_holds_with_sh_coreutils_and_openssl_alone():
    both_hold(small, "--pin", world.pin())


def case_bundle_holds_exactly_a_quorum_of_cosignatures():
    lines = (small / "checkpoint").read_text().split("\n\n")[1].splitlines()
    assert len(lines) == 1 + QUORUM
    assert len((small / "witnesses.vkeys").read_text().splitlines()) == QUORUM
    assert f"witnessed {QUORUM} of 6, quorum {QUORUM}\n" in (small / "MANIFEST").read_text()


def case_log_as_the_router_published_it_is_proved_from():
    bundle = prove("LA-SMALL", "live-bundle", log=world.dir / "live")
    assert f"witnessed {QUORUM} of 6, quorum {QUORUM}\n" in (bundle / "MANIFEST").read_text()
    both_hold(bundle, "--pin", world.pin())


def case_acknowledgement_by_sm2_is_in_the_bundle():
    [answer] = records_with(lambda header: header.kind == message_pb.KIND_ACKNOWLEDGEMENT
                            and header.ucr == "LA-SMALL")
    signature = message_pb.Signature.FromString((record(small, answer) / "signature").read_bytes())
    assert signature.algorithm == message_pb.ALGORITHM_SM2_SM3


def case_p384_and_rsa_pss_hold():
    bundle = prove("MM-P384", "p384")
    found = {message_pb.Signature.FromString(path.read_bytes()).algorithm
             for path in bundle.glob("records/*/signature")}
    assert {message_pb.ALGORITHM_ECDSA_P384_SHA384, message_pb.ALGORITHM_RSA_PSS_SHA256} <= found
    both_hold(bundle)


def case_batch_amendment_decision_and_withheld_part_hold():
    bundle = prove("LA-BATCH", "batch")
    batches = [message_pb.Signature.FromString(path.read_bytes()).HasField("batch")
               for path in bundle.glob("records/*/signature")]
    assert batches.count(True) >= 2, "two messages of the batch have this UCR"
    kinds = [message_pb.Header.FromString(path.read_bytes()).kind for path in bundle.glob("records/*/header")]
    assert message_pb.KIND_AMENDMENT in kinds and message_pb.KIND_DECISION in kinds
    [withheld] = bundle.glob("records/*/withheld-00")
    assert withheld.read_text() == "withheld\n"
    both_hold(bundle)


def case_expiry_and_ed25519_hold():
    bundle = prove("KH-EXPIRY", "expiry")
    [derived] = (bundle / "derived").iterdir()
    told = message_pb.Header.FromString(derived.read_bytes())
    assert told.kind == message_pb.KIND_EXPIRY and told.expiry.destination == evidence_world.MOCBAI
    both_hold(bundle)


def case_registry_that_followed_and_what_was_sent_under_it_hold():
    log = HOME / "followed"
    evidence_log.publish(world.dir / "router/journal", log, world.log_key(),
                         [world.witness(cc) for cc in MEMBERS])
    bundle = prove("LA-AFTER", "followed-bundle", log=log)
    registries = [path for path in bundle.glob("records/*/header")
                  if message_pb.Header.FromString(path.read_bytes()).kind == message_pb.KIND_REGISTRY]
    assert len(registries) == 2
    both_hold(bundle, "--pin", world.pin())


def case_message_id_leads_to_its_message():
    [index] = records_with(lambda header: header.ucr == "LA-OTHER"
                           and header.kind == message_pb.KIND_DECLARATION)
    header = message_pb.Header.FromString(world.records()[index].body)
    for key in (header.id.hex(), "-".join((header.id.hex()[:8], header.id.hex()[8:12], header.id.hex()[12:16],
                                           header.id.hex()[16:20], header.id.hex()[20:]))):
        bundle = prove(key, f"id-{len(key)}")
        assert f"message {index}\n" in (bundle / "MANIFEST").read_text()


def case_bundle_without_parts_says_withheld_and_holds():
    bundle = prove("LA-SMALL", "without-parts", "--withhold-parts")
    both_hold(bundle)
    assert "1 parts, 1 of them withheld" in check(bundle).stdout
    assert "parts: 1, withheld: 1" in verify(bundle).stdout


def case_bundle_from_a_log_without_journal_parts_says_withheld_and_holds():
    """As after pruning: the parts of messages are gone from the segments, the leaves are not."""
    pruned = HOME / "pruned"
    shutil.copytree(LOG, pruned)
    for path in (pruned / "journal").glob("*.seg"):
        path.write_bytes(b"".join(prune(one) for one in journal.read_segment(path)))
    bundle = prove("LA-SMALL", "pruned-bundle", log=pruned)
    assert list(bundle.glob("records/*/withheld-00"))
    both_hold(bundle)


def prune(one):
    """A frame of the segment, without the parts unless they are governance."""
    kind = message_pb.Header.FromString(one.body).kind if one.kind == journal.MESSAGE else 0
    parts = one.parts if kind >= message_pb.KIND_REGISTRY else b""
    head = b"RGJ1" + len(one.leaf).to_bytes(4, "big") + len(parts).to_bytes(4, "big") + \
        one.index.to_bytes(8, "big") + one.durable_size.to_bytes(8, "big")
    return head + journal.crc32c(head + one.leaf).to_bytes(4, "big") + \
        journal.crc32c(parts).to_bytes(4, "big") + one.leaf + parts


def case_same_question_gives_the_same_bytes():
    again = prove("LA-SMALL", "again")
    assert (again / "SHA256SUMS").read_bytes() == (small / "SHA256SUMS").read_bytes()
    archives = [prove("LA-SMALL", name).read_bytes() for name in ("one.zip", "two.zip")]
    assert archives[0] == archives[1]


def case_archive_holds_the_same_files():
    path = prove("LA-SMALL", "three.zip")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = {name: archive.read(name) for name in archive.namelist()}
        archive.extractall(HOME / "unpacked")
    assert names == {str(file.relative_to(small)): file.read_bytes()
                     for file in small.rglob("*") if file.is_file()}
    assert check(path).returncode == DONE
    both_hold(HOME / "unpacked")


# --- Bundles of earlier versions ----------------------------------------------------------


def case_bundle_of_every_earlier_version_holds_and_so_does_its_own_script():
    for path in sorted((pathlib.Path(os.environ["RIVERGATE_SOURCE"]) / "tests/vectors").glob("bundle-*.zip")):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(HOME / path.stem)
        both_hold(HOME / path.stem)
        assert check(path).returncode == DONE


def case_script_of_an_earlier_version_that_was_changed_is_found():
    for name in ("verify.sh", "VERIFY.md"):
        bundle = copy(HOME / "bundle-1")
        with open(bundle / name, "a", encoding="utf-8") as file:
            file.write("\n")
        sum_again(bundle)
        found_by(bundle, False, True, name, programs=(check,))


# --- What is refused ----------------------------------------------------------------------


def case_other_pin_is_refused():
    pin = "0" * 64
    for done in (verify(small, "--pin", pin), check(small, "--pin", pin)):
        assert done.returncode == NO, done.stdout


def case_unknown_key_is_not_found():
    assert "nothing in this log" in prove("LA-NOWHERE", "nowhere", exit_code=NO)


def case_existing_folder_is_never_written_over():
    before = (small / "MANIFEST").read_bytes()
    prove("LA-SMALL", "small", exit_code=COULD_NOT)
    assert (small / "MANIFEST").read_bytes() == before


def log_with(name, witnesses, **words):
    """The log with other cosignatures."""
    folder = HOME / name
    shutil.copytree(LOG, folder)
    text = (LOG / "checkpoint").read_text().split("\n\n")[0] + "\n"
    evidence_log.write_checkpoint(folder, text, world.log_key(), [world.witness(cc) for cc in witnesses], **words)
    return folder


def case_fewer_cosignatures_than_a_quorum_are_refused_or_told():
    log = log_with("few", MEMBERS[:4])
    assert "4 of 6 witnesses" in prove("LA-SMALL", "few-bundle", log=log, exit_code=NO)
    bundle = prove("LA-SMALL", "few-bundle", "--unwitnessed", log=log)
    assert "unwitnessed 4 of 6, quorum 5\n" in (bundle / "MANIFEST").read_text()
    found_by(bundle, True, True, "an unwitnessed bundle, unasked")
    for done in (verify(bundle, "--unwitnessed"), check(bundle, "--unwitnessed")):
        assert done.returncode == DONE and "unwitnessed" in done.stdout.lower(), done.stdout


def log_after_a_stop(name, size, origin=None):
    """Nobody cosigned the last head; all witnesses the one of this size (and of this origin)."""
    folder = log_with(name, [])
    leaves = [record.leaf for record in journal.records(LOG / "journal")]
    text = evidence_log.checkpoint_text(world.log_key(), leaves[:size])
    text = text.replace(world.log_key().name, origin or world.log_key().name)
    evidence_log.write_checkpoint(folder, text, world.log_key(), [world.witness(cc) for cc in MEMBERS],
                                  name="checkpoint.witnessed")
    return folder


def case_older_head_that_a_quorum_cosigned_serves_after_a_stop():
    n = len(list(journal.records(LOG / "journal")))
    bundle = prove("LA-SMALL", "stopped-bundle", log=log_after_a_stop("stopped", n - 1))
    assert (bundle / "checkpoint").read_text().splitlines()[1] == str(n - 1)
    both_hold(bundle, "--pin", world.pin())


def case_older_head_that_does_not_cover_the_message_or_is_of_another_log_does_not_serve():
    n = len(list(journal.records(LOG / "journal")))
    for name, log in (("uncovered", log_after_a_stop("uncovered", 2)),
                      ("foreign", log_after_a_stop("foreign", n - 1, "other.example/log"))):
        assert "0 of 6 witnesses" in prove("LA-SMALL", f"{name}-bundle", log=log, exit_code=NO), name


def case_cosignature_older_than_a_record_is_refused():
    log = log_with("old", MEMBERS, seconds=int(time.time()) - 86400)
    assert "earliest cosignature" in prove("LA-SMALL", "old-bundle", log=log, exit_code=NO)


def case_log_with_a_changed_leaf_is_refused():
    folder = HOME / "changed"
    shutil.copytree(LOG, folder)
    [path] = (folder / "tile/entries").rglob("*/*")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    prove("LA-SMALL", "changed-bundle", log=folder, exit_code=NO)


def case_usage_is_told():
    assert verify(small, "--what").returncode == USAGE
    assert check(small, "--pin", "xyz").returncode == USAGE
    assert world.cli("audit", "prove", "LA-SMALL", check=False).returncode == USAGE


cases.run(globals())
