"""Retention: parts go when their rule says so, leaves stay, nothing that was accepted is lost."""

import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import tempfile
import time

import cases
import logs
from logs import COULD_NOT, DAMAGED, USAGE, client, journal
from client import message_pb, record_pb

DAYS, AGE = 10, 30
folder = tempfile.TemporaryDirectory(prefix="rivergate-prune-")
rng = random.Random(11)
with logs.days_ago(AGE):
    log = logs.Log(pathlib.Path(folder.name) / "world", ("--retention-days", DAYS), {"prune_s": 0})
GOVERNANCE = (message_pb.KIND_REGISTRY, message_pb.KIND_DIRECTORY, message_pb.KIND_REVOCATION_LIST)
old, recent = {}, {}


def parts_of(record):
    """[salt ‖ bytes] of a record; empty: withheld or pruned."""
    parts, at = [], 0
    while at < len(record.parts):
        (length,) = struct.unpack_from(">I", record.parts, at)
        parts.append(record.parts[at + 4:at + 4 + length])
        at += 4 + length
    return parts


def head(records):
    return client.tree_head([client.sha256(b"\0" + record.leaf) for record in records])


def declarations(records):
    return [record for record in records if record.kind == journal.MESSAGE
            and journal.header(record)["kind"] == message_pb.KIND_DECLARATION]


def with_parts(records):
    return {record.index for record in records if any(parts_of(record))}


def acts(records, act):
    admins = [record_pb.Admin.FromString(record.body) for record in records
              if record.kind == journal.ADMIN]
    return [dict(word.split("=", 1) for word in admin.detail.split()) for admin in admins
            if admin.act == act]


def prune(*words, conf=None, **expected):
    return json.loads(log.run("prune", "--json", *words, conf=conf, **expected).stdout)


def case_a_log_with_old_and_recent_messages():
    with logs.days_ago(AGE):
        log.start()
        old.update(log.send(200))
        log.stop()
    log.start()
    recent.update(log.send(150))
    log.stop()
    records = log.records()
    assert len(log.segments()) > 5
    first = next(record for record in records if record.index == min(old))
    meta = record_pb.Meta.FromString(first.meta)
    assert AGE * logs.DAY_S - 600 < time.time() - meta.time_us / 1e6 < AGE * logs.DAY_S + 600
    assert with_parts(records) >= old.keys() | recent.keys()


def case_a_dry_run_counts_and_changes_nothing():
    before = logs.tree_of(log.dir)
    counted = prune("--dry-run")
    assert logs.tree_of(log.dir) == before
    assert counted["dryRun"] and counted["records"] == counted["parts"] == len(old), counted
    assert counted["bytes"] == len(old) * (20_000 + 32), counted


def case_what_had_not_expired_by_a_time_is_kept():
    day = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - (AGE - DAYS + 1) * logs.DAY_S))
    before = logs.tree_of(log.dir)
    assert prune("--before", day)["parts"] == 0
    assert logs.tree_of(log.dir) == before


def case_a_time_that_is_none_or_in_the_future_is_refused():
    before = logs.tree_of(log.dir)
    for text in ("tomorrow", "2026-13-01T00:00:00Z", "2020-01-01", "", "2099-01-01T00:00:00Z",
                 "2020-01-01T00:00:00Z more"):
        log.run("prune", "--before", text, code=USAGE, says="--before")
    log.run("prune", "--before", code=USAGE)
    log.run("prune", "--dry-run", "--dry-run", code=USAGE)
    log.run("check", "--dry-run", code=USAGE)
    assert logs.tree_of(log.dir) == before


def case_nothing_is_pruned_below_a_running_router():
    log.start()
    before = {path.name: path.read_bytes() for path in log.segments()[:-1]}
    log.run("prune", code=COULD_NOT, says="a running router prunes by itself")
    assert prune("--dry-run")["parts"] == len(old)
    assert before == {path.name: path.read_bytes() for path in log.segments()[:-1]}
    log.stop()


def case_a_damaged_segment_stops_the_pruning_and_names_the_record():
    victim = next(record for record in log.records() if record.index == min(old) + 90)
    logs.flip(victim.segment, victim.offset + victim.length - 9)
    before = {path.name: path.read_bytes() for path in log.segments()}
    try:
        log.run("prune", code=DAMAGED, says=f"record={victim.index}")
        assert before == {path.name: path.read_bytes() for path in log.segments()}
    finally:
        logs.flip(victim.segment, victim.offset + victim.length - 9)


def case_a_kill_at_any_moment_leaves_a_journal_that_starts():
    """kill -9 of the program at moments spread over its run; the rest is done by the next run."""
    records = log.records()
    for turn in range(6):
        conf = log.copy(pathlib.Path(folder.name) / f"kill{turn}")
        process = subprocess.Popen([str(log.world.programs["rivergated"]), "prune", "-c", str(conf)],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.02, 0.5))
        process.kill()
        process.wait()
        now = list(journal.records(conf.parent / "journal"))
        assert [record.leaf for record in now] == [record.leaf for record in records]
        assert with_parts(records) - with_parts(now) <= old.keys()
        prune(conf=conf)
        assert not with_parts(list(journal.records(conf.parent / "journal"))) & old.keys()
        assert not list((conf.parent / "journal").glob("*.tmp"))
        shutil.rmtree(conf.parent)


def case_a_full_disk_stops_the_pruning_and_loses_nothing():
    conf = log.copy(pathlib.Path(folder.name) / "full")
    records = log.records()
    line = [str(log.world.programs["rivergated"]), "prune", "-c", str(conf)]
    # At its start the thread sanitizer writes a file to TMPDIR and dies of the limit; it does without, too.
    nowhere = {**os.environ, "TMPDIR": str(conf.parent / "no-such-folder")}
    done = subprocess.run(["bash", "-c", 'ulimit -f 12; trap "" XFSZ; exec "$@"', "bash", *line], check=False,
                          capture_output=True, text=True, timeout=60, env=nowhere)
    assert done.returncode == COULD_NOT, done.stdout + done.stderr
    now = list(journal.records(conf.parent / "journal"))
    assert [record.leaf for record in now] == [record.leaf for record in records]
    assert with_parts(records) - with_parts(now) <= old.keys()
    assert prune(conf=conf)["parts"] > 0


def case_pruning_takes_the_expired_parts_and_nothing_else():
    before = log.records()
    result = prune()
    assert result["parts"] == len(old) and result["bytes"] == len(old) * 20_032, result
    after = log.records()
    assert [record.leaf for record in after] == [record.leaf for record in before]
    assert head(after) == head(before)
    assert with_parts(before) - with_parts(after) == set(old)
    for one, other in zip(before, after):
        if one.index not in old:
            assert one.parts == other.parts and one.durable_size == other.durable_size
    assert prune()["parts"] == 0, "a second run finds nothing"
    assert log.check()["state"] == "whole"


def case_the_pruned_log_verifies():
    log.start()    # it publishes what was appended
    log.stop()
    log.audit(log.dir)


def case_governance_is_never_pruned():
    governance = [record for record in log.records() if record.kind == journal.MESSAGE
                  and journal.header(record)["kind"] in GOVERNANCE]
    assert len(governance) >= 7
    assert all(any(parts_of(record)) for record in governance)


def case_the_router_starts_and_tells_the_act_once():
    told = acts(log.records(), record_pb.Admin.ACT_PRUNE)
    assert len(told) == 1, told
    assert told[0]["parts"] == str(len(old)) and told[0]["rule"] == "retention_days", told
    assert told[0]["first"] == str(min(old)) and told[0]["last"] == str(max(old)), told
    assert not list((log.dir / "acts").iterdir())
    log.start()
    log.stop()
    assert len(acts(log.records(), record_pb.Admin.ACT_PRUNE)) == 1


def case_receipts_of_pruned_messages_hold_and_repeating_one_gives_its_old_index():
    log.start()
    index, header = next(iter(old.items()))
    peer = log.session()
    part = message_pb.Header.FromString(header).parts[0]
    assert part.size == 20_000
    peer.submit(header, log.signer.signature(header), [b""])
    answer, _ = peer.wait("receipts", "refusal")
    peer.close()
    assert [entry.index for entry in answer.receipts.records] == [index]
    client.check_receipts(answer.receipts, {entry.id: header for entry in answer.receipts.records}, log.key)
    log.stop()


def case_what_can_still_be_delivered_arrives_whole():
    """The recent ones wait for their recipient; the old ones have expired, so that none comes empty."""
    log.start()
    peer = log.session(logs.RECEIVER, receive=True)
    frame, raw = peer.wait("deliver")
    assert frame.deliver.index in recent and len(raw[2]) == 20_032
    peer.close()
    log.stop()


def case_a_file_that_is_no_act_is_left_alone():
    stray = log.dir / "acts" / f"{1:020}-prune-more"
    stray.write_text("mine")
    odd = log.dir / "acts" / f"{2:020}-prune"
    odd.write_bytes(b"two\nlines")
    size = len(log.records())
    log.start()
    log.stop()
    assert stray.read_text() == "mine" and odd.exists()
    assert not acts(log.records()[size:], record_pb.Admin.ACT_PRUNE)
    stray.unlink()
    odd.unlink()


def case_a_running_router_prunes_by_itself_while_it_works():
    with logs.days_ago(AGE):
        own = logs.Log(pathlib.Path(folder.name) / "own", ("--retention-days", DAYS), {"prune_s": 0})
        own.start()
        aged = own.send(120)
        own.stop()
    conf = own.conf.read_text()
    own.conf.write_text(conf.replace("prune_s = 0;", "prune_s = 2;"))
    own.start()
    fresh = own.send(100)
    own.world.router.wait_for(" prune done ", 40)
    closed = {path for path in own.segments()[:-1]}
    records = own.records()
    assert not with_parts([record for record in records if record.segment in closed]) & aged.keys()
    logs.wait_until(lambda: acts(own.records(), record_pb.Admin.ACT_PRUNE), "no ADMIN record")
    fresh |= own.send(100)
    peer = own.session(logs.RECEIVER, receive=True)
    frame, raw = peer.wait("deliver")
    assert frame.deliver.index in fresh and len(raw[2]) == 20_032
    peer.close()
    own.stop()
    assert own.check()["state"] == "whole"
    assert with_parts(own.records()) >= fresh.keys()


def finish():
    log.kill()
    folder.cleanup()


cases.run(globals())
