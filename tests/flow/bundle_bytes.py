"""Every changed byte of an evidence bundle is found, and it is said by which verifier.

SHA256SUMS is made again after each change, so that only what it covers can tell.
"""

import os
import pathlib
import random
import subprocess

import cases
from bundles import LONG, NO, SANITIZED, TSA, TSA_WORDS, copy, message_pb, prove, sum_again, verify

small = prove("LA-SMALL", "small")


def kind_of(name):
    """What a file of the bundle is, in the words of the table."""
    if name.startswith("certificates/"):
        return "certificate"
    if name.startswith("timestamp/"):
        return "time-stamp: " + name.rsplit(".", 1)[-1].removeprefix("timestamp/")
    if not name.startswith("records/"):
        return {"log.vkey": "verifier key", "witnesses.vkeys": "verifier key"}.get(name, name)
    folder, file = small / name.rsplit("/", 1)[0], name.rsplit("/", 1)[1]
    header = folder / "header"
    told = message_pb.Header.FromString(header.read_bytes()).kind if header.exists() else 0
    owner = {message_pb.KIND_ACKNOWLEDGEMENT: "acknowledgement", message_pb.KIND_REVOCATION_LIST: "CRL",
             message_pb.KIND_REGISTRY: "registry", message_pb.KIND_DIRECTORY: "directory",
             0: "origin"}.get(told, "message")
    return f"{owner}: {file}"


def places(name, whole):
    """Where verify.sh is tried: one byte of a file, of a checkpoint one of each line."""
    if name == "checkpoint":
        lines = whole.split(b"\n")
        starts = [sum(len(line) + 1 for line in lines[:i]) for i in range(len(lines))]
        return [starts[0] + 2, starts[1], starts[2] + 5, starts[4] + 60, starts[-2] + 90]
    return [random.randrange(len(whole))]


def flipped_by_sh():
    """{kind: [changes, found by verify.sh]}; short: one file of a kind, long: every file."""
    random.seed(1)
    bundle, table = copy(small, "flipped"), {}
    for path in sorted(bundle.rglob("*")):
        name = str(path.relative_to(bundle))
        if not path.is_file() or name in ("SHA256SUMS", "verify.sh", "VERIFY.md"):
            continue
        row = table.setdefault(kind_of(name), [0, 0])
        if row[0] and not LONG:
            continue
        owner = kind_of(name).partition(":")[0]
        if not LONG and owner in ("registry", "directory", "origin", "CRL") and path.name != "part-00":
            continue  # checked like those of a message
        whole = path.read_bytes()
        for at in places(name, whole):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << random.randrange(8)]) + whole[at + 1:])
            sum_again(bundle)
            row[0] += 1
            row[1] += verify(bundle, *TSA_WORDS).returncode == NO
        path.write_bytes(whole)
    return table


def flipped_in_check(step):
    """{kind: [changes, found by audit check]}, in one process: every STEP-th byte of all files."""
    program = pathlib.Path(os.environ["RIVERGATE_BUILD"]) / "tests/flow/flip_bundle"
    done = subprocess.run([program, small, str(step), TSA.ca], capture_output=True, text=True, check=False,
                          timeout=3000)
    assert done.returncode == 0, done.stdout + done.stderr
    table = {}
    for line in done.stdout.splitlines():
        name, changes, found = line.rsplit(" ", 2)
        row = table.setdefault(kind_of(name), [0, 0])
        row[0] += int(changes)
        row[1] += int(found)
    return table


def case_changed_bytes_are_found_and_by_which():
    """Short: every 101st byte and the first of each file; long: every byte (with sanitizers every 7th)."""
    by_check = flipped_in_check(101 if not LONG else 7 if SANITIZED else 1)
    by_sh = {} if SANITIZED else flipped_by_sh()
    print(f"    {'changed byte in':<36} {'found by audit check':>22} {'found by verify.sh':>20}")
    for kind in sorted({*by_check, *by_sh}):
        cells = [f"{found} of {changes}" if changes else "-"
                 for changes, found in (by_check.get(kind, (0, 0)), by_sh.get(kind, (0, 0)))]
        print(f"    {kind:<36} {cells[0]:>22} {cells[1]:>20}")
    for table in (by_check, by_sh):
        assert all(found == changes for changes, found in table.values()), table


cases.run(globals())
