"""`rivergate audit verify` over logs whose own records a dishonest operator changed, and run after run.

The log is signed again with the router's own keys; in what is honest nothing may be found.
"""

import json
import os
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import cases
import client
import journal
import logs
from client import message_pb, record_pb, session_pb
from forging import Forged, a_message, set_progress, settlements

ROOM = pathlib.Path(tempfile.mkdtemp(prefix="rivergate-audit-own-"))
SENDER, RECEIVER = logs.SENDER, logs.RECEIVER
WORLD = logs.Log(ROOM / "world")
KEYS = WORLD.dir / "keys"
RECEIPTS = ROOM / "receipts"
KNOWN = {"n": 0}
DONE, NO = 0, 1


def submit(count):
    """Sends declarations and keeps their receipts as files."""
    peer, headers, left = WORLD.session(), {}, count
    for _ in range(count):
        part, frame = client.make_part("customs", "rivergate.v1.Declaration", os.urandom(60))
        header = client.make_header(SENDER, [RECEIVER], message_pb.KIND_DECLARATION, [part])
        headers[message_pb.Header.FromString(header).id] = header
        peer.submit(header, WORLD.signer.signature(header), [frame])
    while left > 0:
        answer, _ = peer.wait("receipts", "refusal")
        for name, text in client.check_receipts(answer.receipts, headers, WORLD.key).items():
            (RECEIPTS / f"{name.hex()}.tlog-proof").write_text(text)
        left -= len(answer.receipts.records)
    peer.close()


def receive(count):
    """Takes and settles so many deliveries."""
    peer = WORLD.session(RECEIVER, receive=True)
    for _ in range(count):
        frame, _ = peer.wait("deliver")
        peer.settle(frame.deliver.index, b"")
        peer.send(session_pb.Frame(credit=session_pb.Credit(messages=1, bytes=1 << 20)))
    peer.close()


def verify(folder, *words, code):
    done = WORLD.world.cli("audit", "verify", "--json", *words, folder, check=False)
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    return json.loads(done.stdout)


def good(folder, *words):
    report = verify(folder, *words, code=DONE)
    assert report["verified"] and report["findings"] == [], report
    return report


def found(folder, rule, record):
    """The findings of a log in which this rule does not hold, for this record."""
    report = verify(folder, code=NO)
    hits = [one for one in report["findings"] if (one["rule"], one["record"]) == (rule, record)]
    assert hits, f"no {rule} of record {record}: {json.dumps(report['findings'][:10], indent=1)}"
    return hits


def forge():
    KNOWN["n"] += 1
    return Forged(WORLD.dir, ROOM / f"forged-{KNOWN['n']}", KEYS / "log.key")


def resign(header):
    return WORLD.signer.signature(header)


def case_honest_log_verifies():
    RECEIPTS.mkdir()
    WORLD.start()
    submit(20)
    receive(10)
    submit(60)
    WORLD.stop()
    KNOWN["size"] = good(WORLD.dir, "--from", RECEIPTS)["size"]
    assert KNOWN["size"] > 90 and settlements(forge())[0][0] < 60


# --- The router's own records --------------------------------------------------------------


def case_marks_of_the_routers_own_messages_are_found():
    log = forge()
    index = log.governance(message_pb.KIND_DIRECTORY)[1]
    log.set_marks(index, record_pb.MARK_CRL_STALE)
    hits = found(log.write().dir, "MARK", index)
    assert "none" in hits[0]["text"], hits


def case_progress_that_no_router_writes_is_found():
    index, progress = settlements(forge())[0]
    ref = progress.settled[0]
    aside = record_pb.SetAside
    for wrong in (record_pb.Progress(),
                  record_pb.Progress(set_aside=[aside(reason="PLUGIN_CRASH")]),
                  record_pb.Progress(set_aside=[aside(delivery=ref)]),
                  record_pb.Progress(set_aside=[aside(delivery=ref, reason="lies and more")]),
                  record_pb.Progress(set_aside=[aside(delivery=ref, reason="A" * 41)])):
        log = forge()
        set_progress(log, index, wrong)
        found(log.write().dir, "LEAF", index)


def case_delivery_set_aside_for_a_reason_verifies():
    log = forge()
    index, progress = settlements(log)[0]
    ref = progress.settled.pop()
    progress.set_aside.add(delivery=ref, reason="REFUSED_BY_ADAPTER")
    progress.set_aside[0].reason = "A" * 40
    set_progress(log, index, progress)
    good(log.write().dir)


def acts(log, act):
    """(index, Admin) of the acts of a kind."""
    rows = [(i, record_pb.Admin.FromString(log.fields(i)[2])) for i in log.kinds(journal.ADMIN)]
    return [row for row in rows if row[1].act == act]


def set_act(log, index, detail, act=None):
    kind, meta, body, _ = log.fields(index)
    admin = record_pb.Admin.FromString(body)
    admin.detail = detail
    admin.act = admin.act if act is None else act
    log.put(index, kind, meta, client.pack(admin))


def case_act_about_another_record_is_found():
    log = forge()
    (registry, _), = acts(log, record_pb.Admin.ACT_REGISTRY)
    index, admin = acts(log, record_pb.Admin.ACT_DIRECTORY)[1]
    own = admin.detail.removeprefix("record=")
    assert log.header(int(own)).kind == message_pb.KIND_DIRECTORY
    others = [log.governance(message_pb.KIND_REGISTRY)[0], a_message(log, 0), index, registry,
              len(log.leaves), 1 << 64, "", "-1", f"{own}x", f" {own}"]
    for detail in [f"record={other}" for other in others] + ["", f"records={own}"]:
        log = forge()
        set_act(log, index, detail)
        found(log.write().dir, "LEAF", index)
    log = forge()
    set_act(log, index, admin.detail, record_pb.Admin.ACT_REVOCATION_LIST)
    found(log.write().dir, "LEAF", index)


def case_act_about_a_partys_record_is_found():
    log = forge()
    index, admin = acts(log, record_pb.Admin.ACT_DIRECTORY)[1]
    record = int(admin.detail.removeprefix("record="))
    header = log.header(record)
    setattr(header, "from", SENDER)
    log.set_header(record, client.pack(header), resign(client.pack(header)))
    found(log.write().dir, "LEAF", index)


def case_use_of_another_log_key_is_found():
    index, admin = acts(forge(), record_pb.Admin.ACT_KEY_USE)[0]
    words = admin.detail.split(" ")
    assert words[0].startswith("log=")
    for detail in ("log=" + "ab" * 32, words[0][:-1], " ".join(words[1:]), words[0] + "0"):
        log = forge()
        set_act(log, index, detail)
        found(log.write().dir, "LOG_KEY", index)
    log = forge()
    set_act(log, index, " ".join(reversed(words)))
    good(log.write().dir)


# --- Run after run -------------------------------------------------------------------------


def case_what_earlier_checkpoints_tell_is_not_remembered():
    state, log = ROOM / "state-anchors", forge()
    leaves, parts = list(log.leaves), list(log.parts)
    log.leaves, log.parts = leaves[:60], parts[:60]
    log.write()
    other = forge()
    other.set_meta(40, time_us=other.fields(40)[1].time_us - 1)
    notes = [ROOM / "other-50.checkpoint", ROOM / "other-70.checkpoint"]
    for note, size in zip(notes, (50, 70)):
        note.write_text(other.note(size))
    words = [word for note in notes for word in ("--from", note)]

    def rules():
        return [one["rule"] for one in verify(log.dir, "--state", state, *words, code=NO)["findings"]]

    assert sorted(rules()) == ["HISTORY", "TRUNCATED"]
    log.leaves, log.parts = leaves, parts
    log.write()
    for _ in range(3):
        assert rules() == ["HISTORY", "HISTORY"], rules()
    assert good(log.dir, "--state", state)["resumedAt"] == len(leaves)


def case_receipts_of_another_log_are_not_remembered():
    state, log, changed = ROOM / "state-receipts", forge(), KNOWN["size"] - 1
    while log.leaves[changed][1] != journal.MESSAGE:
        changed -= 1
    log.leaves[changed] = log.leaves[changed][:-1] + bytes([log.leaves[changed][-1] ^ 1])
    log.write()
    counts = []
    for _ in range(3):
        report = verify(log.dir, "--state", state, "--from", RECEIPTS, code=NO)
        counts.append(sorted((one["rule"], one["record"]) for one in report["findings"]))
    assert counts[0] == counts[1] == counts[2], counts
    assert any(rule == "RECEIPT" or rule == "HISTORY" for rule, _ in counts[0]), counts[0]
    report = verify(log.dir, "--state", state, code=NO)
    assert {one["rule"] for one in report["findings"]} == {"SIGNATURE"}, report["findings"]


def finish():
    WORLD.kill()
    shutil.rmtree(ROOM, ignore_errors=True)


cases.run(globals())
