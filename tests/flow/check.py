"""`rivergated check` changes nothing, finds everything, and says what a start would do."""

import contextlib
import pathlib
import random
import tempfile

import cases
import logs
from logs import DAMAGED, DONE, MENDABLE, USAGE

folder = tempfile.TemporaryDirectory(prefix="rivergate-check-")
log = logs.Log(pathlib.Path(folder.name) / "world")
rng = random.Random(7)


@contextlib.contextmanager
def unchanged():
    """Nothing below data_dir is written, made or removed, whatever is found."""
    before = logs.tree_of(log.dir)
    yield
    after = logs.tree_of(log.dir)
    assert before == after, [name for name in before.keys() | after.keys()
                             if before.get(name) != after.get(name)]


@contextlib.contextmanager
def flipped(path, at, bit=0):
    logs.flip(path, at, bit)
    try:
        yield
    finally:
        logs.flip(path, at, bit)


def about(found, key):
    """The first finding that names a record, or a file."""
    return next(finding for finding in found["findings"] if key in finding)


def starts(conf):
    """What a start of the router says; it is stopped again when it comes up."""
    program = logs.federation.Program("rivergated", [log.world.programs["rivergated"], "-c", conf],
                                      conf.parent / "again.log")
    try:
        program.wait_for(" start ready ")
    except logs.federation.Failure:
        return program.process.wait(30), program.text()
    return program.stop(), program.text()


def case_an_empty_folder_is_whole():
    with unchanged():
        assert log.check()["state"] == "whole"


def case_a_log_of_several_segments_is_whole():
    log.start()
    log.send(300)
    log.stop()
    with unchanged():
        found = log.check()
        said = log.run("check", says="\nwhole\n").stdout
    assert found["state"] == "whole" and not found["findings"], found
    assert found["records"] == len(log.records()) == found["checkpoint"]
    assert found["segments"] == len(log.segments()) > 3
    assert f"records {found['records']}\n" in said


def case_a_running_router_is_read_up_to_its_checkpoint():
    log.start()
    log.send(20)
    found = log.check()
    assert found["running"] and found["state"] == "whole", found
    assert found["records"] == found["checkpoint"] > 300
    log.stop()
    assert not log.check()["running"]


def case_a_flipped_bit_is_found_and_its_record_named():
    records = log.records()
    for victim in rng.sample(records, 12):
        at = victim.offset + rng.randrange(victim.length)
        with flipped(victim.segment, at, rng.randrange(8)), unchanged():
            found = log.check(code=DAMAGED)
            finding = about(found, "record")
            assert finding["record"] == victim.index, (finding, victim.index)
            assert finding["segment"] == victim.segment.name and finding["offset"] == victim.offset


def case_a_missing_segment_is_found():
    victim = log.segments()[1]
    aside = victim.rename(victim.with_suffix(".aside"))
    try:
        with unchanged():
            assert about(log.check(code=DAMAGED), "record")["record"] == int(victim.stem)
    finally:
        aside.rename(victim)


def case_a_missing_last_record_is_found():
    last = log.records()[-1]
    content = last.segment.read_bytes()
    last.segment.write_bytes(content[:last.offset])
    try:
        with unchanged():
            assert about(log.check(code=DAMAGED), "record")["record"] == last.index
    finally:
        last.segment.write_bytes(content)


def case_a_torn_tail_is_told_and_left_where_it_is():
    last = log.segments()[-1]
    content = last.read_bytes()
    end = log.records()[-1].end
    for name in ("checkpoint", "index/data.mdb"):
        assert (log.dir / name).exists()
    last.write_bytes(content[:end] + b"RGJ1" + bytes(3) + b"\x40" + bytes(28) + b"half a record")
    try:
        with unchanged():
            found = log.check(code=MENDABLE)
        assert found["state"] == "mendable", found
        assert "aside" in about(found, "record")["start"]
        assert not (log.dir / "journal/torn").exists()
        code, said = starts(log.copy(pathlib.Path(folder.name) / "torn"))
        assert code == DONE and "torn-tail-set-aside" in said, said
    finally:
        last.write_bytes(content)


def case_a_changed_tile_is_told_and_a_start_writes_it_again():
    for name in ("tile/0/000",):
        with flipped(log.dir / name, 77), unchanged():
            found = log.check(code=MENDABLE)
            assert [finding["file"] for finding in found["findings"]] == [name], found
    tile = log.dir / "tile/0/000"
    aside = tile.rename(log.dir / "aside")
    try:
        with unchanged():
            finding = log.check(code=MENDABLE)["findings"][0]
        assert finding["file"] == "tile/0/000" and finding["what"] == "is missing", finding
    finally:
        aside.rename(tile)


def case_a_longer_tile_is_found():
    tile = log.dir / "tile/0/000"
    content = tile.read_bytes()
    tile.write_bytes(content + b"\0")
    try:
        assert log.check(code=MENDABLE)["findings"][0]["file"] == "tile/0/000"
    finally:
        tile.write_bytes(content)


def case_a_changed_checkpoint_is_damage_and_the_start_refuses_too():
    for at in (3, -20):
        path = log.dir / "checkpoint"
        place = at % path.stat().st_size
        with flipped(path, place), unchanged():
            finding = log.check(code=DAMAGED)["findings"][0]
            assert finding["file"] == "checkpoint", finding
            code, _ = starts(log.copy(pathlib.Path(folder.name) / f"note{place}"))
            assert code == DAMAGED


def case_a_record_that_another_history_has_contradicts_the_checkpoint():
    """Sums and form are right, the root is not: only the checkpoint tells."""
    records = log.records()
    victim = next(record for record in records if record.kind == logs.journal.MESSAGE and record.index > 100)
    content = victim.segment.read_bytes()
    leaf = bytearray(victim.leaf)
    at = leaf.index(logs.SENDER.encode())
    leaf[at:at + 2] = b"vn"
    head = bytearray(content[victim.offset:victim.offset + logs.journal.HEAD.size])
    head[28:32] = logs.journal.crc32c(bytes(head[:28]) + bytes(leaf)).to_bytes(4, "big")
    forged = content[:victim.offset] + bytes(head) + bytes(leaf) + victim.parts + content[victim.end:]
    victim.segment.write_bytes(forged)
    try:
        with unchanged():
            found = log.check(code=DAMAGED)
        files = {finding.get("file") for finding in found["findings"]}
        assert {"checkpoint", "tile/0/000"} <= files, found
    finally:
        victim.segment.write_bytes(content)


def case_what_check_calls_whole_starts():
    assert log.check()["state"] == "whole"
    code, said = starts(log.copy(pathlib.Path(folder.name) / "whole"))
    assert code == DONE and "tile-rebuilt" not in said and "torn" not in said, said


def case_wrong_usage_is_told_from_damage():
    log.run("check", "--jsn", code=USAGE)
    log.run("check", "more", code=USAGE)
    log.run("--json", code=USAGE)
    log.run("inspect", code=USAGE)


def finish():
    log.kill()
    folder.cleanup()


cases.run(globals())
