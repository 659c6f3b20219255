"""Index and published files are copies of the journal: lost or damaged, they come back as they were.

What a tile or bundle must be is computed here from the leaves, with none of our C code.
"""

import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time

import cases
import federation
import logs
import published

INDEX_ROWS = pathlib.Path(os.environ["RIVERGATE_BUILD"]) / "tests/flow/index-rows"
MESSAGES = 700
KILLS = 10
seed = int(os.environ.get("RIVERGATE_SEED", time.time_ns() % 1_000_000))
rng = random.Random(seed)
folder = tempfile.TemporaryDirectory(prefix="rivergate-rebuilding-")
here = pathlib.Path(folder.name)
log = logs.Log(here / "world")
data_dir = log.dir


def send(count, **fields):
    return log.send(count, size=rng.randrange(50), **fields)


def rows(below=None):
    """The index in key order; below: without the minutes that later records began."""
    # Opening an index may rebuild it: the rows are those of a copy.
    copy = here / "index"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(data_dir / "index", copy)
    done = subprocess.run([str(INDEX_ROWS), str(copy), federation.ORIGIN], text=True,
                          capture_output=True, timeout=60)
    assert done.returncode == 0 and " index rebuilt" not in done.stderr, done.stderr
    lines = [line.split(" ") for line in done.stdout.splitlines()]
    return [line for line in lines
            if below is None or line[0] != "time" or int(line[2], 16) < below]


def size_of():
    return published.size_of(data_dir)


def checkpoint_is_whole():
    """Every file that the published checkpoint needs is there, byte for byte; the root is its."""
    size = size_of()
    wanted = here / "wanted"
    shutil.rmtree(wanted, ignore_errors=True)
    wanted.mkdir()
    root = published.write_tiles(wanted, published.leaves(data_dir, size))
    assert log.key.open((data_dir / "checkpoint").read_text()) == (size, root)
    on_disk = published.files(data_dir)
    for name, content in published.files(wanted).items():
        # A partial file may have given way to the full one.
        other = on_disk.get(name) or on_disk[name.rpartition(".p/")[0]][:len(content)]
        assert other == content, name
    return size


def restart():
    """Start and stop; what it logged."""
    program = log.start()
    program.wait_for(" publish bundles-checked ")
    log.stop()
    return program.text()


# --- The index -----------------------------------------------------------------------------------

def case_a_deleted_index_comes_back_row_for_row():
    log.start()
    send(MESSAGES // 2, ucr="KH-REBUILT-1")
    send(MESSAGES // 2)
    log.stop()
    size, before = size_of(), rows()
    assert len(before) > 2 * MESSAGES
    shutil.rmtree(data_dir / "index")
    restart()
    assert rows(below=size) == before


def case_a_damaged_index_comes_back_row_for_row():
    size, before = size_of(), rows()
    file = data_dir / "index/data.mdb"
    for at in range(8192, file.stat().st_size, 4096):
        logs.flip(file, at + 100, 3)
    restart()
    assert rows(below=size) == before


def case_an_index_that_lacks_a_record_is_told_from_a_whole_one():
    before = rows()
    log.start()
    send(1)
    log.stop()
    assert rows() != before, "the comparison of the cases above can fail"


# --- Published files ------------------------------------------------------------------------------

def case_deleted_tiles_come_back_byte_for_byte():
    before = published.files(data_dir)
    size = checkpoint_is_whole()
    assert size > 2 * published.WIDTH and f"tile/1/000.p/{size // published.WIDTH}" in before
    shutil.rmtree(data_dir / "tile")
    restart()
    after = published.files(data_dir)
    full = {name for name in before if ".p/" not in name}
    current = {name for name in before if name.endswith((f".p/{size % published.WIDTH}",
                                                         f".p/{size // published.WIDTH}"))}
    assert len(current) == 3 and len(full) >= 4, (current, full)
    for name in full | current:
        assert after.get(name) == before[name], name
    checkpoint_is_whole()


def case_files_deleted_one_by_one_come_back():
    before = published.files(data_dir)
    for name in [name for name in before if ".p/" not in name]:
        (data_dir / name).unlink()
        said = restart()
        assert (data_dir / name).read_bytes() == before[name], name
        assert "-rebuilt " in said, said
    checkpoint_is_whole()


def case_damaged_files_are_put_right_and_named():
    before = published.files(data_dir)
    size = size_of()
    partial = published.number_path(size // published.WIDTH) + f".p/{size % published.WIDTH}"
    names = ["tile/0/000", "tile/0/001", "tile/entries/000", "tile/entries/001", f"tile/0/{partial}",
             f"tile/entries/{partial}"]
    for name in names:
        logs.flip(data_dir / name, rng.randrange(len(before[name])))
    said = restart()
    for name in names:
        assert (data_dir / name).read_bytes() == before[name], name
        number = name.rpartition("/")[2].lstrip("0") or "0"
        assert f"{name} why=" in said or f"bundle-rebuilt bundle={number}" in said, f"{name}: {said}"
    checkpoint_is_whole()


def case_whole_files_are_not_written_again():
    times = {name: (data_dir / name).stat().st_ino for name in published.files(data_dir)}
    said = restart()
    assert "-rebuilt " not in said, said
    assert all((data_dir / name).stat().st_ino == inode for name, inode in times.items())


def case_a_deleted_checkpoint_and_key_come_back():
    key = (data_dir / "log.vkey").read_text()
    (data_dir / "checkpoint").unlink()
    (data_dir / "log.vkey").unlink()
    log.start()
    log.stop()
    assert (data_dir / "log.vkey").read_text() == key
    checkpoint_is_whole()


def case_a_checkpoint_never_names_what_a_kill_took():
    print(f"seed {seed}", flush=True)
    last = size_of()
    for _ in range(KILLS):
        log.start()
        end = time.monotonic() + rng.uniform(0.1, 2.5)
        while time.monotonic() < end:
            send(rng.randrange(1, 60))
        log.world.router.kill()
        (data_dir / "checkpoint.x1Y2z3").write_text("what a kill may leave")
        size = checkpoint_is_whole()
        assert size >= last
        last = size
    restart()
    size = checkpoint_is_whole()
    assert size == len(log.records())
    partial = {path.parent.name for path in (data_dir / "tile/entries").glob("*.p/*")}
    assert partial == {published.number_path(size // published.WIDTH) + ".p"}, partial
    assert not list(data_dir.glob("checkpoint.*"))


def finish():
    log.kill()
    folder.cleanup()


cases.run(globals())
