"""Evidence bundles: proved from the log of a real federation, verified twice, and forged.

Each forgery must be found, by both verifiers unless the case says by which.
"""

import os
import pathlib
import shutil
import time
import zipfile

import cases
from bundles import (COULD_NOT, DONE, HOME, LOG, MEMBERS, NO, QUORUM, SIZE, TSA, TSA_WORDS, USAGE, authority,
                     both_hold, check, copy, evidence_log, evidence_world, found_by, journal, message_pb, note_of,
                     prove, record, records_with, sum_again, verify, world)

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


# --- Time-stamps --------------------------------------------------------------------------


def checked(bundle, finds, what="", by_sh=False):
    """`audit check`, and where it says so verify.sh, of who trusts the authority."""
    sum_again(bundle)
    found_by(bundle, finds, finds, what, TSA_WORDS, programs=(verify, check) if by_sh else (check,))


def case_earliest_time_stamp_that_covers_the_message_is_in_the_bundle():
    assert (small / "timestamp/checkpoint").read_text() == note_of(SIZE - 1)
    both_hold(small, "--pin", world.pin(), *TSA_WORDS)
    assert "by /CN=tsa" in check(small, *TSA_WORDS).stdout


def case_time_stamp_that_nobody_judged_is_told_as_such():
    for done in (verify(small), check(small)):
        assert "NOT JUDGED (give --tsa-ca)" in done.stdout, done.stdout


def log_stamped_at(*sizes):
    log = HOME / f"stamped-{'-'.join(map(str, sizes))}"
    shutil.copytree(LOG, log)
    shutil.rmtree(log / "timestamp")
    for size in sizes:
        TSA.stamp(log, note_of(size))
    return log


def case_log_without_time_stamps_gives_a_bundle_without():
    bundle = prove("LA-SMALL", "unstamped-bundle", log=log_stamped_at())
    assert not (bundle / "timestamp").exists()
    checked(bundle, False)


def case_time_stamp_that_does_not_hold_is_passed_over():
    log = log_stamped_at(2, SIZE - 1, SIZE)
    shutil.copy(log / "timestamp/2.tsr", log / f"timestamp/{SIZE - 1}.tsr")
    bundle = prove("LA-SMALL", "badly-stamped-bundle", log=log)
    assert (bundle / "timestamp/checkpoint").read_text() == note_of(SIZE)
    checked(bundle, False)


def case_prover_who_trusts_another_authority_takes_none_of_this():
    stranger = authority.Authority(HOME / "stranger")
    bundle = prove("LA-SMALL", "strange-bundle", "--tsa-ca", stranger.ca)
    assert not (bundle / "timestamp").exists()
    for program in (verify, check):
        assert program(small, "--tsa-ca", str(stranger.ca)).returncode == NO, program


def case_bundle_whose_time_stamp_was_taken_out_holds_with_less_evidence():
    bundle = copy(small)
    shutil.rmtree(bundle / "timestamp")
    checked(bundle, False, by_sh=True)


def case_half_of_a_time_stamp_is_found():
    for name in sorted(path.name for path in (small / "timestamp").iterdir()):
        bundle = copy(small)
        (bundle / "timestamp" / name).unlink()
        checked(bundle, True, name, by_sh=name == "token.tsr")


def case_token_over_another_checkpoint_is_found():
    bundle = copy(small)
    later = prove("LA-SMALL", "later", log=log_stamped_at(SIZE))
    shutil.copy(later / "timestamp/token.tsr", bundle / "timestamp/token.tsr")
    checked(bundle, True, "another token", by_sh=True)


def case_time_stamp_over_a_checkpoint_without_the_message_is_found():
    bundle = copy(small)
    shutil.copy(LOG / "timestamp/2.checkpoint", bundle / "timestamp/checkpoint")
    shutil.copy(LOG / "timestamp/2.tsr", bundle / "timestamp/token.tsr")
    checked(bundle, True, "a checkpoint of two records")


def case_file_beside_the_time_stamp_is_found():
    bundle = copy(small)
    (bundle / "timestamp/other.tlog-proof").write_text("nothing\n")
    checked(bundle, True, "a file too much", by_sh=True)


def case_authority_file_that_is_none_is_usage_or_could_not():
    assert verify(small, "--tsa-ca", "/nowhere").returncode == USAGE
    assert check(small, "--tsa-ca", "/nowhere").returncode == COULD_NOT


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


def forged(change, found=(True, True)):
    """Applies a change to a copy with new checksums; who finds it."""
    bundle = copy(small)
    change(bundle)
    sum_again(bundle)
    found_by(bundle, *found, change.__name__)


def checkpoint_lines(bundle):
    return (bundle / "checkpoint").read_text().splitlines(keepends=True)


def put_checkpoint(bundle, lines):
    """Replaces the checkpoint everywhere: in the receipts too."""
    old = (bundle / "checkpoint").read_bytes()
    new = "".join(lines).encode()
    for path in (bundle / "checkpoint", *bundle.glob("records/*/receipt.tlog-proof")):
        path.write_bytes(path.read_bytes().replace(old, new))


def case_one_cosignature_too_many_is_found():
    def one_more(bundle):
        key = world.witness(MEMBERS[-1])
        text = "".join(checkpoint_lines(bundle)[:3])
        put_checkpoint(bundle, [*checkpoint_lines(bundle), key.line(text, int(time.time()))])
        with open(bundle / "witnesses.vkeys", "a", encoding="ascii") as file:
            file.write(key.vkey() + "\n")
    forged(one_more)


def case_one_cosignature_too_few_is_found():
    def one_less(bundle):
        put_checkpoint(bundle, checkpoint_lines(bundle)[:-1])
        vkeys = (bundle / "witnesses.vkeys").read_text().splitlines(keepends=True)
        (bundle / "witnesses.vkeys").write_text("".join(vkeys[:-1]))
    forged(one_less)


def case_cosignature_by_a_stranger_is_found():
    def stranger(bundle):
        world.cli("keygen", "witness", "--out", HOME / "stranger")
        key = evidence_log.NoteKey(world.witness(MEMBERS[QUORUM - 1]).name, HOME / "stranger.key", 4)
        text = "".join(checkpoint_lines(bundle)[:3])
        put_checkpoint(bundle, [*checkpoint_lines(bundle)[:-1], key.line(text, int(time.time()))])
        vkeys = (bundle / "witnesses.vkeys").read_text().splitlines(keepends=True)
        (bundle / "witnesses.vkeys").write_text("".join(vkeys[:-1]) + key.vkey() + "\n")
    forged(stranger)


def case_one_cosignature_twice_is_found():
    def twice(bundle):
        lines = checkpoint_lines(bundle)
        put_checkpoint(bundle, [*lines[:-1], lines[-2]])
        vkeys = (bundle / "witnesses.vkeys").read_text().splitlines(keepends=True)
        (bundle / "witnesses.vkeys").write_text("".join([*vkeys[:-1], vkeys[-2]]))
    forged(twice)


def case_cosignatures_in_another_order_are_found():
    def swapped(bundle):
        lines = checkpoint_lines(bundle)
        put_checkpoint(bundle, [*lines[:-2], lines[-1], lines[-2]])
    forged(swapped)


def case_extension_line_is_found():
    def extended(bundle):
        lines = checkpoint_lines(bundle)
        put_checkpoint(bundle, [*lines[:3], "extension\n", *lines[3:]])
    forged(extended)


def change_text(bundle, name, change):
    path = bundle / name
    path.write_text(change(path.read_text()))


def case_text_that_is_not_canonical_is_found():
    """Line ends, spaces, leading zeroes, missing padding, a line too many."""
    proof = next(iter(sorted(small.glob("records/*/receipt.tlog-proof")))).relative_to(small)
    changes = [
        ("checkpoint", lambda text: text.replace("\n", "\r\n", 1)),
        ("checkpoint", lambda text: text + "\n"),
        ("checkpoint", lambda text: text.rstrip("\n")),
        ("log.vkey", lambda text: text + text),
        ("log.vkey", lambda text: text.rstrip("\n")),
        ("log.vkey", lambda text: " " + text),
        ("witnesses.vkeys", lambda text: text + "\n"),
        ("witnesses.vkeys", lambda text: text.replace("\n", " \n", 1)),
        ("MANIFEST", lambda text: text.replace("message ", "message 0", 1)),
        ("MANIFEST", lambda text: text + "\n"),
        ("MANIFEST", lambda text: text.replace("witnessed 5 of 6", "witnessed 6 of 6")),
        ("MANIFEST", lambda text: text.replace("governs", "related", 1)),
        (proof, lambda text: text.replace("index ", "index 0", 1)),
        (proof, lambda text: text.replace("index ", "index  ", 1)),
        (proof, lambda text: text.replace("\n", "\n\n", 1)),
        (proof, lambda text: text + "x"),
        (proof, lambda text: text.replace("=\n", "\n", 1)),
    ]
    for number, (name, change) in enumerate(changes):
        bundle = copy(small)
        change_text(bundle, name, change)
        sum_again(bundle)
        found_by(bundle, True, True, f"change {number} of {name}")


def case_base64_with_stray_bits_is_found():
    """The last digit before the padding has bits that decode to nothing."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    def stray(text):
        at = text.index("=\n")
        at = at - 1 if text[at - 1] == "=" else at
        return text[:at - 1] + digits[digits.index(text[at - 1]) ^ 1] + text[at:]
    for name in ("checkpoint", next(iter(small.glob("records/*/receipt.tlog-proof"))).relative_to(small)):
        before = small.joinpath(name).read_text()
        assert stray(before) != before
        forged(lambda bundle, name=name: change_text(bundle, name, stray))


def case_extra_missing_and_linked_files_are_found():
    def extra(bundle):
        (bundle / "records/note").write_text("?")

    def hidden(bundle):
        (bundle / ".hidden").write_text("?")

    def extra_certificate(bundle):
        (bundle / "certificates" / ("0" * 64 + ".der")).write_bytes(b"?")

    def missing(bundle):
        next(iter(bundle.glob("certificates/*"))).unlink()

    def missing_record(bundle):
        shutil.rmtree(sorted(bundle.glob("records/*"))[2])

    def link(bundle):
        path = next(iter(bundle.glob("certificates/*")))
        path.rename(HOME / "elsewhere")
        path.symlink_to(HOME / "elsewhere")
    for change in (extra, hidden, extra_certificate, missing, missing_record, link):
        forged(change)


def case_part_said_to_be_withheld_beside_the_part_is_found():
    def both(bundle):
        path = next(iter(bundle.glob("records/*/part-00")))
        path.with_name("withheld-00").write_text("withheld\n")
    forged(both)


def case_governance_without_its_part_is_found():
    def withhold(bundle):
        folder = record(bundle, 1)
        (folder / "part-00").unlink()
        (folder / "salt-00").unlink()
        (folder / "withheld-00").write_text("withheld\n")
    forged(withhold)


def case_acknowledgement_for_another_message_is_found():
    """An acknowledgement of LA-OTHER put into the bundle as if it related to LA-SMALL."""
    other = prove("LA-OTHER", "other")

    def mixed(bundle):
        ours = {path.name for path in (bundle / "records").iterdir()}
        for path in (other / "records").iterdir():
            header = path / "header"
            if path.name in ours or not header.exists():
                continue
            if message_pb.Header.FromString(header.read_bytes()).kind != message_pb.KIND_ACKNOWLEDGEMENT:
                continue
            shutil.copytree(path, bundle / "records" / path.name)
            ours.add(path.name)
            roles = {int(line.split()[1]): line for line in (bundle / "MANIFEST").read_text().splitlines()[4:]}
            roles[int(path.name)] = f"related {int(path.name)}"
            head = (bundle / "MANIFEST").read_text().splitlines()[:4]
            (bundle / "MANIFEST").write_text("\n".join([*head, *(roles[i] for i in sorted(roles))]) + "\n")
    forged(mixed)


def case_superfluous_governance_is_found_by_audit_check():
    """A directory that nothing was admitted under: harmless, but not this evidence's one form."""
    other = prove("MM-P384", "superfluous")

    def more(bundle):
        extra = sorted({path.name for path in (other / "records").iterdir()} -
                       {path.name for path in (bundle / "records").iterdir()})[0]
        shutil.copytree(other / "records" / extra, bundle / "records" / extra)
        lines = (bundle / "MANIFEST").read_text().splitlines()
        roles = sorted([*lines[4:], f"governs {int(extra)}"], key=lambda line: int(line.split()[1]))
        (bundle / "MANIFEST").write_text("\n".join([*lines[:4], *roles]) + "\n")
    forged(more, (False, True))


def case_changed_derived_message_is_found():
    expiry = prove("KH-EXPIRY", "expiry-again")
    [path] = (expiry / "derived").iterdir()
    whole = path.read_bytes()
    told = message_pb.Header.FromString(whole)

    def changed(**fields):
        other = message_pb.Header.FromString(whole)
        for name, value in fields.items():
            setattr(other, name, value)
        return other.SerializeToString()
    other_time = message_pb.Header.FromString(whole)
    other_time.expiry.expired_at_us += 1
    for content, found in ((changed(id=bytes(16)), (True, True)),
                           (changed(ucr="LA-1"), (False, True)),
                           (other_time.SerializeToString(), (False, True))):
        path.write_bytes(content)
        sum_again(expiry)
        found_by(expiry, *found, f"{told.expiry}")


def case_changed_verifier_and_page_are_found_by_audit_check():
    for name, old, new in (("verify.sh", "exit 1", "exit 0"), ("VERIFY.md", "HOLDS", "FAILS")):
        bundle = copy(small)
        change_text(bundle, name, lambda text, old=old, new=new: text.replace(old, new, 1))
        sum_again(bundle)
        assert check(bundle).returncode == NO


def case_usage_is_told():
    assert verify(small, "--what").returncode == USAGE
    assert check(small, "--pin", "xyz").returncode == USAGE
    assert world.cli("audit", "prove", "LA-SMALL", check=False).returncode == USAGE


# --- Archives -----------------------------------------------------------------------------


def archive_of(name, files):
    path = HOME / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, content in files:
            archive.writestr(inside, content)
    return path


def case_archive_that_leaves_its_folder_is_refused():
    files = [(str(path.relative_to(small)), path.read_bytes()) for path in small.rglob("*") if path.is_file()]
    for number, name in enumerate(("../evil", "/etc/evil", "records/../../evil", "a\\..\\evil", ".hidden",
                                   "records//x", "x" * 200)):
        done = check(archive_of(f"traversal-{number}.zip", [*files, (name, b"evil")]))
        assert done.returncode == NO, f"{name}: {done.stdout}{done.stderr}"
        assert not (HOME / "evil").exists()


def case_archive_that_unpacks_without_end_is_refused():
    done = check(archive_of("bomb.zip", [("checkpoint", bytes(64 << 20))]))
    assert done.returncode == NO and "more than a bundle may" in done.stdout, done.stdout
    done = check(archive_of("many.zip", [(f"records/{i}", b"") for i in range(16385)]))
    assert done.returncode == NO and "more than a bundle may" in done.stdout, done.stdout


def case_archive_cut_short_is_refused():
    whole = prove("LA-SMALL", "whole.zip").read_bytes()
    for part in (0, 10, len(whole) // 2):
        path = HOME / "cut.zip"
        path.write_bytes(whole[:part])
        assert check(path).returncode == NO, part


def case_archive_with_a_file_twice_is_refused():
    files = [(str(path.relative_to(small)), path.read_bytes()) for path in small.rglob("*") if path.is_file()]
    assert check(archive_of("twice.zip", [*files, files[0]])).returncode == NO


cases.run(globals())
