"""`rivergate audit verify` over a real router's log, and over what a dishonest operator makes of it.

Every forgery is complete: bundles, tiles, checkpoint and journal are written again and
signed with the router's own keys. Half of the cases are logs in which nothing may be found.
"""

import base64
import fcntl
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import cases
import client
import journal
import logs
from client import message_pb, record_pb, registry_pb, session_pb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf import json_format
from forging import Forged, a_message, cosign, name_witnesses, set_progress, settlements, sign_note

ROOM = pathlib.Path(tempfile.mkdtemp(prefix="rivergate-audit-"))
SENDER, RECEIVER = logs.SENDER, logs.RECEIVER
SECOND = 1_000_000
WORLD = logs.Log(ROOM / "world")
KEYS = WORLD.dir / "keys"
RECEIPTS = ROOM / "receipts"
EARLY = ROOM / "early.checkpoint"
KNOWN = {"n": 0}
DONE, NO, USAGE, COULD_NOT = 0, 1, 2, 3


def submit(count, **fields):
    """Sends declarations and keeps their receipts as files: indexes."""
    peer, headers, indexes = WORLD.session(), {}, []
    for _ in range(count):
        part, frame = client.make_part("customs", "rivergate.v1.Declaration", os.urandom(60))
        header = client.make_header(SENDER, [RECEIVER], message_pb.KIND_DECLARATION, [part], **fields)
        headers[message_pb.Header.FromString(header).id] = header
        peer.submit(header, WORLD.signer.signature(header), [frame])
    while len(indexes) < count:
        answer, _ = peer.wait("receipts", "refusal")
        assert answer.WhichOneof("body") == "receipts", peer.check_refusal(answer.refusal)
        for name, text in client.check_receipts(answer.receipts, headers, WORLD.key).items():
            (RECEIPTS / f"{name.hex()}.tlog-proof").write_text(text)
        indexes += [record.index for record in answer.receipts.records]
    peer.close()
    return indexes


def receive(party, count):
    """Takes and settles so many deliveries."""
    peer = WORLD.session(party, receive=True)
    derived = 0
    for _ in range(count):
        frame, raw = peer.wait("deliver")
        derived += frame.deliver.derived
        header = message_pb.Header.FromString(raw[0])
        peer.settle(frame.deliver.index, header.id if frame.deliver.derived else b"")
        peer.send(session_pb.Frame(credit=session_pb.Credit(messages=1, bytes=1 << 20)))
    time.sleep(1.2)
    peer.close()
    return derived


def make_log():
    """600 messages, deliveries, an expiry with its notice; stopped, so that all is published."""
    RECEIPTS.mkdir()
    WORLD.start()
    submit(300)
    receive(RECEIVER, 40)
    time.sleep(1.2)
    shutil.copy(WORLD.dir / "checkpoint", EARLY)
    submit(2, expires_at_us=int(time.time() * SECOND) + 2 * SECOND, ucr="KH-LATE")
    submit(298)
    time.sleep(3.5)
    assert receive(SENDER, 2) == 2, "the sender was not told of two expiries"
    submit(3)
    WORLD.stop()


def verify(folder, *words, code=None, **options):
    done = WORLD.world.cli("audit", "verify", "--json", *words, folder, check=False, **options)
    assert code is None or done.returncode == code, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    return json.loads(done.stdout) if done.stdout else done


def good(folder, *words, **options):
    report = verify(folder, *words, code=DONE, **options)
    assert report["verified"] and report["findings"] == [], report
    return report


def found(folder, rule, record=None, *words):
    """The findings of a log in which this rule does not hold, for this record."""
    report = verify(folder, *words, code=NO)
    hits = [one for one in report["findings"] if one["rule"] == rule and
            (record is None or one["record"] <= record <= one["lastRecord"])]
    assert hits, f"no {rule} of record {record}: {json.dumps(report['findings'][:10], indent=1)}"
    assert all(one["meaning"] and one["text"] for one in hits)
    return hits


def forge():
    KNOWN["n"] += 1
    return Forged(WORLD.dir, ROOM / f"forged-{KNOWN['n']}", KEYS / "log.key")


def copy():
    KNOWN["n"] += 1
    folder = ROOM / f"copy-{KNOWN['n']}"
    shutil.copytree(WORLD.dir, folder, ignore=shutil.ignore_patterns("index", "keys", "lock"))
    return folder


def resign(header):
    return WORLD.signer.signature(header)


# --- Honest logs ---------------------------------------------------------------------------


def case_log_of_a_real_router_verifies():
    make_log()
    report = good(WORLD.dir, "--pin", WORLD.world.pin(), "--from", EARLY, "--from", RECEIPTS)
    assert report["size"] == report["logSize"] > 600 and report["read"] == report["size"]
    assert report["judged"] and report["pinned"] and report["compared"] == 1 + 603
    KNOWN["size"] = report["size"]


def case_every_number_of_threads_gives_the_same_answer():
    for jobs in (0, 1, 3):
        assert good(WORLD.dir, "--jobs", jobs)["root"] == good(WORLD.dir)["root"]


def case_forging_nothing_gives_the_same_log():
    log = forge().write()
    assert (log.dir / "checkpoint").read_text() == (WORLD.dir / "checkpoint").read_text()
    good(log.dir, "--from", EARLY, "--from", RECEIPTS)


def case_log_without_its_journal_verifies_as_far_as_it_goes():
    folder = copy()
    shutil.rmtree(folder / "journal")
    index = forge().governance(message_pb.KIND_REGISTRY)[0]
    found(folder, "MISSING", index)
    report = good(folder, "--registry", WORLD.world.dir / "registry.json", "--directories",
                  WORLD.world.dir / "directories", "--pin", WORLD.world.pin(), "--from", RECEIPTS)
    assert report["judged"] and report["size"] == KNOWN["size"]


def case_log_whose_parts_were_pruned_verifies():
    log = forge()
    for index in log.kinds(journal.MESSAGE):
        if log.header(index).kind == message_pb.KIND_DECLARATION:
            log.parts[index] = b""
    good(log.write().dir, "--from", RECEIPTS)


def case_archive_verifies():
    archive = ROOM / "archive"
    WORLD.run("backup", "--archive", archive)
    report = verify(archive)
    assert report["verified"] or {one["rule"] for one in report["findings"]} == {"MISSING"}, report
    law = ("--registry", WORLD.world.dir / "registry.json", "--directories",
           WORLD.world.dir / "directories", "--pin", WORLD.world.pin())
    good(archive, *law, "--from", EARLY, "--from", RECEIPTS)


def case_log_as_it_was_verifies_at_a_size_and_at_a_time():
    report = good(WORLD.dir, "--at", 300, "--from", RECEIPTS)
    assert report["size"] == 300 and report["logSize"] == KNOWN["size"]
    assert report["root"] != good(WORLD.dir)["root"]
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400))
    assert good(WORLD.dir, "--at", day)["size"] == KNOWN["size"]


def case_text_says_what_it_means_and_how_far_it_went():
    done = WORLD.world.cli("audit", "verify", WORLD.dir)
    assert "VERIFIED: " in done.stdout and "no witnesses in the registry" in done.stdout


# --- Damage --------------------------------------------------------------------------------


def case_flipped_byte_in_an_entry_is_found():
    folder = copy()
    bundle = folder / "tile/entries/000"
    data = bundle.read_bytes()
    at = sum(2 + int.from_bytes(data[:2], "big") for _ in [0])
    logs.flip(bundle, at + 2 + 40)
    found(folder, "ENTRY", 1)
    found(folder, "JOURNAL", 1)


def case_flipped_byte_in_every_hash_tile_is_found():
    for tile in sorted((WORLD.dir / "tile").glob("[0-9]*/**/*")):
        if not tile.is_file():
            continue
        size = int(tile.name) if ".p" in str(tile.parent) else 256
        folder = copy()
        logs.flip(folder / tile.relative_to(WORLD.dir), 5 * 32 % (size * 32))
        report = verify(folder)
        stale = ".p" in str(tile.parent) and report["verified"]
        assert stale or report["findings"], f"{tile}: nothing found"


def case_flipped_byte_in_the_journal_is_found():
    for part, rule in ((0, "JOURNAL"), (1, "JOURNAL")):
        folder = copy()
        record = [row for row in journal.records(folder / "journal") if row.kind == journal.MESSAGE][50]
        logs.flip(record.segment, record.offset + journal.HEAD.size + (len(record.leaf) * part) + 50)
        found(folder, rule, record.index)


def case_flipped_byte_in_the_checkpoint_is_found():
    for at in range(0, (WORLD.dir / "checkpoint").stat().st_size, 7):
        folder = copy()
        logs.flip(folder / "checkpoint", at)
        found(folder, "CHECKPOINT")
        shutil.rmtree(folder)


def case_missing_bundle_is_read_from_the_journal_and_told():
    folder = copy()
    (folder / "tile/entries/000").unlink()
    hits = found(folder, "MISSING", 0)
    assert (hits[0]["record"], hits[0]["lastRecord"]) == (0, 255)


def case_missing_checkpoint_is_told():
    folder = copy()
    (folder / "checkpoint").unlink()
    assert verify(folder).get("verified") is not True


def case_folder_that_is_no_log_could_not_be_verified():
    empty = ROOM / "empty"
    empty.mkdir()
    assert WORLD.world.cli("audit", "verify", empty, check=False).returncode in (NO, COULD_NOT)


def case_wrong_options_are_usage():
    for words in (("--pin", "abc"), ("--at", "yesterday"), ("--registry", "x"), ("--jobs", "-1")):
        assert WORLD.world.cli("audit", "verify", *words, WORLD.dir, check=False).returncode == USAGE, words
    assert WORLD.world.cli("audit", "verify", "--from", "/nowhere", WORLD.dir, check=False).returncode == COULD_NOT


# --- History rewritten, and signed again with the log's key --------------------------------


def case_records_changed_under_the_old_checkpoint_are_found():
    log = forge()
    log.swap(a_message(log), a_message(log) + 1)
    log.write(checkpoint=False)
    found(log.dir, "HEAD", a_message(log))


def case_removed_record_is_found_by_a_receipt():
    log = forge()
    index = a_message(log)
    log.remove(index)
    log.write()
    found(log.dir, "RECEIPT", index, "--from", RECEIPTS)
    found(log.dir, "HISTORY", index, "--from", RECEIPTS)


def case_removed_record_is_found_by_one_earlier_checkpoint():
    log = forge()
    index = a_message(log)
    log.remove(index)
    log.write()
    found(log.dir, "HISTORY", index, "--from", EARLY)


def case_removed_end_is_found_by_one_earlier_checkpoint():
    log = forge()
    del log.leaves[200:], log.parts[200:]
    log.write()
    found(log.dir, "TRUNCATED", 200, "--from", EARLY)


def case_swapped_records_are_found_by_their_receipts_and_their_times():
    log = forge()
    one = a_message(log, 20)
    other = a_message(log, 250)
    log.swap(one, other)
    log.write()
    found(log.dir, "RECEIPT", one, "--from", RECEIPTS)
    found(log.dir, "RECEIPT", other, "--from", RECEIPTS)
    found(log.dir, "TIME_ORDER", one + 1)


def case_rewritten_record_is_named_by_its_receipt():
    log = forge()
    index = a_message(log)
    header = log.header(index)
    header.ucr = "KH-OTHER"
    log.set_header(index, client.pack(header), resign(client.pack(header)))
    log.write()
    good(log.dir)  # an operator with the sender's key too; only who kept something can tell
    found(log.dir, "RECEIPT", index, "--from", RECEIPTS)
    found(log.dir, "HISTORY", index, "--from", EARLY)


def case_header_changed_without_the_senders_key_is_found_without_anything_kept():
    log = forge()
    index = a_message(log)
    header = log.header(index)
    header.ucr = "KH-OTHER"
    log.set_header(index, client.pack(header))
    found(log.write().dir, "SIGNATURE", index)


def case_batch_proof_of_another_place_is_found():
    log = forge()
    one, other = a_message(log, 5), a_message(log, 6)
    kind, meta, body, signature = log.fields(one)
    both = [body, log.fields(other)[2]]
    batch = WORLD.signer.batch(both)
    log.put(one, kind, meta, body, batch[0])
    log.put(other, *log.fields(other)[:3], batch[1])
    good(log.write().dir)
    log.put(one, kind, meta, body, batch[1])
    found(log.write().dir, "SIGNATURE", one)


def case_receipt_of_another_log_is_told():
    log = forge()
    other = ROOM / "other.checkpoint"
    other.write_text(log.note(100).replace("\n100\n", "\n101\n"))
    found(WORLD.dir, "HISTORY", None, "--from", other)


# --- What a record claims ------------------------------------------------------------------


def case_time_below_its_predecessor_is_found():
    log = forge()
    index = a_message(log)
    log.set_meta(index, time_us=log.fields(index - 1)[1].time_us - 1)
    found(log.write().dir, "TIME_ORDER", index)


def case_wrong_registry_directory_and_revocation_list_are_found():
    for name in ("registry_index", "directory_index", "crl_index"):
        log = forge()
        index = a_message(log)
        log.set_meta(index, **{name: 77})
        found(log.write().dir, "META", index)


def case_missing_and_made_up_marks_are_found():
    log = forge()
    index = a_message(log)
    kind, meta, body, signature = log.fields(index)
    meta.marks.append(record_pb.MARK_LATE)
    log.put(index, kind, meta, body, signature)
    found(log.write().dir, "MARK", index)


def case_replaced_part_is_found():
    log = forge()
    index = a_message(log)
    parts = bytearray(log.parts[index])
    parts[-1] ^= 1
    log.parts[index] = bytes(parts)
    found(log.write().dir, "CONTENT", index)


def case_message_that_no_rule_lets_pass_is_found():
    log = forge()
    index = a_message(log)
    header = log.header(index)
    header.kind = message_pb.KIND_CERTIFICATE
    packed = client.pack(header)
    log.set_header(index, packed, resign(packed))
    found(log.write().dir, "CHANNEL", index)


def case_message_to_nobody_and_from_another_party_are_found():
    log = forge()
    one, other = a_message(log, 5), a_message(log, 6)
    header = log.header(one)
    header.to[0] = "zz.nobody"
    log.set_header(one, client.pack(header), resign(client.pack(header)))
    header = log.header(other)
    setattr(header, "from", RECEIVER)
    log.set_header(other, client.pack(header), resign(client.pack(header)))
    log.write()
    found(log.dir, "ROUTE", one)
    found(log.dir, "SENDER", other)


def case_message_of_an_unknown_key_is_found():
    log = forge()
    index = a_message(log)
    stranger = client.Signer(KEYS / "router.key")
    log.set_header(index, log.fields(index)[2], stranger.signature(log.fields(index)[2]))
    found(log.write().dir, "CERTIFICATE", index)


def case_message_that_had_expired_is_found():
    log = forge()
    index = a_message(log)
    header = log.header(index)
    header.expires_at_us = log.fields(index)[1].time_us - SECOND
    log.set_header(index, client.pack(header), resign(client.pack(header)))
    found(log.write().dir, "TIME", index)


def case_message_twice_is_found():
    log = forge()
    one, other = a_message(log, 5), a_message(log, 290)
    kind, _, body, signature = log.fields(one)
    log.put(other, kind, log.fields(other)[1], body, signature)
    log.parts[other] = log.parts[one]
    found(log.write().dir, "IDENTITY", other)


def case_derived_message_in_the_log_is_found():
    log = forge()
    index = a_message(log)
    header = log.header(index)
    header.kind = message_pb.KIND_STATUS
    log.set_header(index, client.pack(header), resign(client.pack(header)))
    found(log.write().dir, "HEADER", index)


def case_leaf_that_is_no_record_is_found():
    log = forge()
    index = a_message(log)
    log.leaves[index] = b"\x02" + log.leaves[index][1:]
    found(log.write().dir, "LEAF", index)


def case_header_that_is_not_canonical_is_found():
    log = forge()
    index = a_message(log)
    packed = log.fields(index)[2] + b"\x32\x00"
    log.set_header(index, packed, resign(packed))
    found(log.write().dir, "HEADER", index)


# --- Governance ----------------------------------------------------------------------------


def case_registry_without_quorum_is_found():
    log = forge()
    index = log.governance(message_pb.KIND_REGISTRY)[0]
    governed = log.content(index)
    del governed.signatures[3:]
    log.replace_content(index, governed, KEYS / "router.key")
    found(log.write().dir, "GOVERNANCE", index)


def case_registry_changed_under_old_signatures_is_found():
    log = forge()
    index = log.governance(message_pb.KIND_REGISTRY)[0]
    governed = log.content(index)
    registry = registry_pb.Registry.FromString(governed.content)
    registry.numbers.clock_skew_us = 7
    governed.content = client.pack(registry)
    log.replace_content(index, governed, KEYS / "router.key")
    kind, meta, body, _ = log.fields(0)
    origin = record_pb.Origin.FromString(body)
    origin.genesis_hash = client.sha256(governed.content)
    log.put(0, kind, meta, client.pack(origin))
    found(log.write().dir, "GOVERNANCE", index)
    found(log.dir, "PIN", 0, "--pin", WORLD.world.pin())


def successor(log, signers):
    """The log with one more record: a registry that follows the one in force, signed by these."""
    index = log.governance(message_pb.KIND_REGISTRY)[0]
    old = log.content(index)
    registry = registry_pb.Registry.FromString(old.content)
    registry.version, registry.previous_hash = 2, client.sha256(old.content)
    registry.numbers.clock_skew_us = 7 * SECOND
    KNOWN["n"] += 1
    file = ROOM / f"registry-{KNOWN['n']}.json"
    file.write_text(json_format.MessageToJson(registry_pb.Governed(content=client.pack(registry))))
    for member in signers:
        WORLD.world.cli("registry", "sign", file, "--member", member, "--key",
                        WORLD.world.dir / "members" / member / "governance.key")
    kind, _, body, _ = log.fields(index)
    _, meta, _, _ = log.fields(len(log.leaves) - 1)
    meta.ClearField("marks")
    meta.directory_index = meta.crl_index = 0
    header = message_pb.Header.FromString(body)
    header.id = os.urandom(6) + b"\x80" + os.urandom(1) + b"\x80" + os.urandom(7)
    log.leaves.append(b"")
    log.parts.append(b"")
    last = len(log.leaves) - 1
    log.put(last, kind, meta, client.pack(header))
    log.replace_content(last, json_format.Parse(file.read_text(), registry_pb.Governed()),
                        KEYS / "router.key")
    log.write()
    return last


def case_registry_that_follows_by_quorum_is_law():
    log = forge()
    successor(log, ("cn", "kh", "la", "mm", "th"))
    good(log.dir)


def case_registry_that_follows_without_quorum_is_found():
    log = forge()
    found(log.dir, "GOVERNANCE", successor(log, ("cn", "kh", "la", "mm")))


def case_directory_without_its_members_signature_is_found():
    log = forge()
    index = log.governance(message_pb.KIND_DIRECTORY)[1]
    governed = log.content(index)
    value = bytearray(governed.signatures[0].signature.value)
    value[-1] ^= 1
    governed.signatures[0].signature.value = bytes(value)
    log.replace_content(index, governed, KEYS / "router.key")
    found(log.write().dir, "GOVERNANCE", index)


def case_governance_record_that_the_router_did_not_sign_is_found():
    log = forge()
    index = log.governance(message_pb.KIND_DIRECTORY)[1]
    kind, meta, body, _ = log.fields(index)
    log.put(index, kind, meta, body, resign(body))
    found(log.write().dir, "SIGNATURE", index)


def case_other_origin_and_other_pin_are_found():
    log = forge()
    kind, meta, body, _ = log.fields(0)
    origin = record_pb.Origin.FromString(body)
    origin.origin = "rivergate.example/other"
    log.put(0, kind, meta, client.pack(origin))
    found(log.write().dir, "ORIGIN", 0)
    found(WORLD.dir, "PIN", 0, "--pin", "ab" * 32)


def case_other_log_key_is_found():
    log = forge()
    log.change_log_key(Ed25519PrivateKey.generate())
    found(log.write().dir, "LOG_KEY")


# --- Deliveries, and what is derived -------------------------------------------------------


def case_settled_twice_or_by_a_stranger_is_found():
    log = forge()
    index, progress = settlements(log)[-1]
    first = settlements(log)[0][1].settled[0]
    progress.settled.add().CopyFrom(first)
    set_progress(log, index, progress)
    found(log.write().dir, "DELIVERY", index)
    log = forge()
    index, progress = settlements(log)[0]
    progress.settled[0].to = SENDER
    set_progress(log, index, progress)
    found(log.write().dir, "DELIVERY", index)


def case_settled_before_it_was_sent_is_found():
    log = forge()
    index, progress = settlements(log)[0]
    progress.settled[0].index = len(log.leaves) - 1
    set_progress(log, index, progress)
    found(log.write().dir, "DELIVERY", index)


def case_derived_message_that_does_not_follow_is_found():
    log = forge()
    rows = [(i, progress) for i, progress in settlements(log)
            if any(ref.derived_id for ref in progress.settled)]
    assert rows, "the log holds no settled derived message"
    index, progress = rows[0]
    ref = next(ref for ref in progress.settled if ref.derived_id)
    ref.derived_id = ref.derived_id[:-1] + bytes([ref.derived_id[-1] ^ 1])
    set_progress(log, index, progress)
    found(log.write().dir, "DERIVED", index)
    log = forge()
    progress = record_pb.Progress.FromString(log.fields(index)[2])
    next(ref for ref in progress.settled if ref.derived_id).index -= 1
    set_progress(log, index, progress)
    found(log.write().dir, "DERIVED", index)


# --- Witnesses -----------------------------------------------------------------------------


def witnessed():
    """The log as it would be under a registry with six witnesses, and their keys."""
    log = forge()
    keys = name_witnesses(log, WORLD.world, ROOM / f"registry-{KNOWN['n']}.json", KEYS / "router.key")
    return log.write(), keys


def add_lines(log, keys, members, time_s, other=None):
    note = (log.dir / "checkpoint").read_text()
    for member in members:
        note += cosign(note, f"{member}.witness", other or keys[member], time_s)
    (log.dir / "checkpoint").write_text(note)


def case_cosignatures_are_counted():
    log, keys = witnessed()
    report = good(log.dir)
    assert (report["witnesses"], report["cosigned"], report["quorum"]) == (6, 0, 5)
    add_lines(log, keys, ("la", "th", "vn"), int(time.time()))
    assert good(log.dir)["cosigned"] == 3


def case_forged_cosignature_is_found():
    log, keys = witnessed()
    add_lines(log, keys, ("la",), int(time.time()))
    text = (log.dir / "checkpoint").read_text()
    line = text.splitlines()[-1]
    name, value = line.split(" ")[1:]
    raw = bytearray(base64.b64decode(value))
    raw[-1] ^= 1
    (log.dir / "checkpoint").write_text(
        text.replace(line, f"— {name} {base64.b64encode(bytes(raw)).decode()}"))
    hits = found(log.dir, "COSIGNATURE")
    assert "la.witness" in hits[0]["text"]


def case_time_above_the_earliest_cosignature_is_found():
    log, keys = witnessed()
    last = len(log.leaves) - 1
    seen = log.fields(last)[1].time_us // SECOND + 1
    add_lines(log, keys, ("la", "th"), seen)
    good(log.dir)
    log.set_meta(last, time_us=(seen + 3) * SECOND)
    log.write()
    add_lines(log, keys, ("la", "th"), seen)
    found(log.dir, "TIME_AHEAD", last)


def case_time_above_a_cosignature_of_an_earlier_checkpoint_is_found():
    log, keys = witnessed()
    early = ROOM / "witnessed.checkpoint"
    note = log.note(300)
    seen = log.fields(299)[1].time_us // SECOND
    early.write_text(note + cosign(note, "th.witness", keys["th"], seen))
    good(log.dir, "--from", early)
    early.write_text(note + cosign(note, "th.witness", keys["th"], seen - 60))
    found(log.dir, "TIME_AHEAD", 299, "--from", early)


def case_head_that_a_quorum_cosigned_before_the_last_counts():
    log, keys = witnessed()
    now = int(time.time())
    log.write_witnessed(dict(list(keys.items())[:5]), 300, now)
    report = good(log.dir)
    assert (report["cosigned"], report["witnessedSize"], report["compared"]) == (0, 300, 0)
    assert "covers the first 300 records" in WORLD.world.cli("audit", "verify", log.dir).stdout
    log.write_witnessed(dict(list(keys.items())[:4]), 300, now)
    assert good(log.dir)["witnessedSize"] == 0, "four of six are no quorum"
    log.write_witnessed(keys, len(log.leaves), now)
    assert good(log.dir)["witnessedSize"] == len(log.leaves)


def case_witnessed_head_of_another_history_is_found():
    log, keys = witnessed()
    now = int(time.time())
    other = [*log.leaves[:200], *log.leaves[201:]]
    log.write_witnessed(keys, 300, now, other)
    hit = found(log.dir, "HISTORY", 299)[0]
    assert "checkpoint.witnessed" in hit["text"] and verify(log.dir)["witnessedSize"] == 0
    log.write_witnessed(keys, len(log.leaves) + 1, now, log.leaves + log.leaves[-1:])
    found(log.dir, "TRUNCATED", len(log.leaves))
    log.write_witnessed(keys, 300, now)
    text = (log.dir / "checkpoint.witnessed").read_text()
    (log.dir / "checkpoint.witnessed").write_text(text.replace("\n300\n", "\n301\n"))
    assert "not signed by this log's key" in found(log.dir, "HISTORY")[0]["text"]


def case_time_above_that_of_the_witnessed_head_is_found():
    log, keys = witnessed()
    seen = log.fields(299)[1].time_us // SECOND
    log.write_witnessed({"th": keys["th"]}, 300, seen)
    good(log.dir)
    log.write_witnessed({"th": keys["th"]}, 300, seen - 60)
    found(log.dir, "TIME_AHEAD", 299)


# --- Resuming ------------------------------------------------------------------------------


def case_later_run_reads_only_what_is_new():
    state = ROOM / "state"
    log = forge()
    leaves, parts = log.leaves, log.parts
    log.leaves, log.parts = leaves[:400], parts[:400]
    log.write()
    report = good(log.dir, "--state", state)
    assert (report["read"], report["resumedAt"]) == (400, 0)
    log.leaves, log.parts = leaves, parts
    log.write()
    report = good(log.dir, "--state", state, "--from", EARLY, "--from", RECEIPTS)
    assert (report["read"], report["resumedAt"]) == (len(leaves) - 400, 400)
    assert report["root"] == good(WORLD.dir)["root"]
    assert good(log.dir, "--state", state)["read"] == 0


def case_later_run_opens_no_bundle_that_it_has_read():
    state, log = ROOM / "state-traced", forge()
    leaves, parts = log.leaves, log.parts
    log.leaves, log.parts = leaves[:512], parts[:512]
    log.write()
    good(log.dir, "--state", state)
    log.leaves, log.parts = leaves, parts
    log.write()
    for number in range(2):
        (log.dir / f"tile/entries/{number:03}").unlink()
    good(log.dir, "--state", state)


def case_later_run_finds_what_was_changed_before():
    state, log = ROOM / "state-rewritten", forge()
    leaves, parts = list(log.leaves), list(log.parts)
    log.leaves, log.parts = leaves[:400], parts[:400]
    log.write()
    good(log.dir, "--state", state)
    log.leaves, log.parts = leaves, parts
    log.set_meta(100, time_us=log.fields(100)[1].time_us - 1)
    log.write()
    assert verify(log.dir, "--state", state, code=NO)["findings"]


def case_later_run_repeats_what_was_found():
    state, log = ROOM / "state-found", forge()
    index = a_message(log)
    header = log.header(index)
    header.ucr = "KH-OTHER"
    log.set_header(index, client.pack(header))
    log.write()
    for _ in range(2):
        report = verify(log.dir, "--state", state, code=NO)
        assert [one["record"] for one in report["findings"] if one["rule"] == "SIGNATURE"] == [index]


def case_settlements_of_earlier_deliveries_are_known_to_a_later_run():
    log = forge()
    index, progress = settlements(log)[-1]
    for cut, twice in ((index, False), (index, True)):
        state = ROOM / f"state-deliveries-{twice}"
        log = forge()
        leaves, parts = list(log.leaves), list(log.parts)
        log.leaves, log.parts = leaves[:cut], parts[:cut]
        log.write()
        good(log.dir, "--state", state)
        log.leaves, log.parts = leaves, parts
        if twice:
            progress.settled.add().CopyFrom(settlements(log)[0][1].settled[0])
            set_progress(log, index, progress)
        log.write()
        if twice:
            found(log.dir, "DELIVERY", index, "--state", state)
        else:
            good(log.dir, "--state", state)


def case_state_in_use_by_another_run_is_refused():
    state = ROOM / "state-used"
    good(WORLD.dir, "--state", state)
    with open(state / "in-use", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = WORLD.world.cli("audit", "verify", "--state", state, WORLD.dir, check=False)
    assert done.returncode == COULD_NOT and "state-in-use" in done.stderr, done.stderr
    good(WORLD.dir, "--state", state)


def case_state_of_another_log_is_refused():
    log = forge()
    log.change_log_key(Ed25519PrivateKey.generate())
    state = ROOM / "state-other"
    good(WORLD.dir, "--state", state)
    log.write()
    done = WORLD.world.cli("audit", "verify", "--state", state, log.dir, check=False)
    assert done.returncode == COULD_NOT and "state-of-another-log" in done.stderr, done.stderr


def finish():
    WORLD.kill()
    shutil.rmtree(ROOM, ignore_errors=True)


cases.run(globals())
