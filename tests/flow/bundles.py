"""Evidence bundles for tests: a world to prove from, two verifiers, copies to forge.

`rivergate audit prove` makes them; `verify.sh` (in an environment with sh, coreutils and openssl
alone) and `rivergate audit check` verify them.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import authority
import evidence_log
import evidence_world
import journal
from client import message_pb

ROOM = tempfile.TemporaryDirectory(prefix="rivergate-bundle-")
HOME = pathlib.Path(ROOM.name)
LONG = bool(os.environ.get("RIVERGATE_LONG"))
# A sanitizer sees nothing of verify.sh: there it is tried where it must hold, and not elsewhere.
SANITIZED = bool({"ASAN_OPTIONS", "TSAN_OPTIONS"} & set(os.environ))
DONE, NO, USAGE, COULD_NOT = 0, 1, 2, 3
QUORUM = evidence_world.QUORUM
MEMBERS = sorted(evidence_world.ROOTS)

world = evidence_world.make(HOME / "world")
LOG = HOME / "log"
evidence_log.publish(world.dir / "before", LOG, world.log_key(),
                     [world.witness(cc) for cc in MEMBERS])
TSA = authority.Authority(HOME / "tsa")
TSA_WORDS = ("--tsa-ca", str(TSA.ca))


def note_of(size):
    """A checkpoint of the log when it had so many records, signed by it alone."""
    text = evidence_log.checkpoint_text(world.log_key(), [one.leaf for one in journal.records(LOG / "journal")][:size])
    return f"{text}\n{world.log_key().line(text)}"


SIZE = len(list(journal.records(LOG / "journal")))
# One that covers too little, one that covers all, and one more.
for size in (2, SIZE - 1, SIZE):
    TSA.stamp(LOG, note_of(size))


# --- Tools --------------------------------------------------------------------------------


def bare_path():
    """A folder with the programs of coreutils, openssl and sh, and nothing else."""
    folder = HOME / "bin"
    folder.mkdir()
    listed = subprocess.run(["dpkg", "-L", "coreutils"], capture_output=True, text=True, check=False).stdout
    programs = [line for line in listed.split() if "/bin/" in line and os.access(line, os.X_OK)]
    if not programs:
        return pathlib.Path("/usr/bin")  # not a Debian system: with all its programs
    for program in (*programs, shutil.which("openssl")):
        (folder / pathlib.Path(program).name).symlink_to(program)
    (folder / "sh").symlink_to(shutil.which("dash") or "/bin/sh")
    return folder


BARE = bare_path()


def verify(bundle, *words):
    """verify.sh of this bundle, in the bare environment."""
    return subprocess.run([str(BARE / "sh"), str(bundle / "verify.sh"), *words], capture_output=True, text=True,
                          timeout=120, check=False, stdin=subprocess.DEVNULL, cwd="/",
                          env={"PATH": str(BARE), "TMPDIR": str(HOME)})


def check(bundle, *words):
    return world.cli("audit", "check", bundle, *words, check=False)


def prove(key, name, *words, log=LOG, exit_code=DONE):
    out = HOME / name
    done = world.cli("audit", "prove", key, "--log", log, "--out", out, *words, check=False)
    assert done.returncode == exit_code, f"prove {key}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return out if exit_code == DONE else done.stdout + done.stderr


def both_hold(bundle, *words):
    for done in (verify(bundle, *words), check(bundle, *words)):
        assert done.returncode == DONE and "HOLDS" in done.stdout, done.stdout + done.stderr


def sum_again(bundle):
    """SHA256SUMS over what is there now."""
    lines = []
    for path in sorted(bundle.rglob("*"), key=lambda path: str(path.relative_to(bundle)).encode()):
        name = str(path.relative_to(bundle))
        if path.is_file() and not path.is_symlink() and name != "SHA256SUMS":
            lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n")
    (bundle / "SHA256SUMS").write_text("".join(lines))


def copy(bundle, name="forged"):
    out = HOME / name
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(bundle, out)
    return out


def found_by(bundle, by_sh, by_check, what="", words=(), programs=None):
    """Who of the two (or of these) finds that this bundle does not hold must be these."""
    finds = {verify: by_sh, check: by_check}
    for program in programs or finds:
        if program is verify and SANITIZED:
            continue
        done = program(bundle, *words)
        assert done.returncode == (NO if finds[program] else DONE), \
            f"{what}: {program.__name__} ends with {done.returncode}\n{done.stdout}{done.stderr}"


def record(bundle, index):
    return bundle / f"records/{index:020d}"


def records_with(condition):
    return [one.index for one in world.records()
            if one.kind == journal.MESSAGE and condition(message_pb.Header.FromString(one.body))]
