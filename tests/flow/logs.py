"""A router whose log is looked at from outside: written through sessions, read from its files.

Small segments, so that few messages make several. Nothing here uses our C code to judge.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import client
import federation
import journal
from client import message_pb

DONE, MENDABLE, USAGE, COULD_NOT, DAMAGED = 0, 1, 2, 3, 4
SENDER, RECEIVER = "kh.customs.bavet", "vn.customs.mocbai"
POSTS = tuple(post for post in federation.POSTS if post.address in (SENDER, RECEIVER))
DAY_S = 86400
OLD_CLOCK = pathlib.Path(os.environ["RIVERGATE_BUILD"]) / "tests/flow/old_clock.so"


def tree_of(folder):
    """{relative path: (content, modification time in ns)} of all files of a folder."""
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file()}


@contextlib.contextmanager
def days_ago(days):
    """Programs that are started meanwhile believe that it is that long ago; so does client.uuid7()."""
    now = time.time
    os.environ["OLD_CLOCK_S"] = str(days * DAY_S)
    os.environ["LD_PRELOAD"] = str(OLD_CLOCK)
    asan = os.environ.get("ASAN_OPTIONS", "")
    os.environ["ASAN_OPTIONS"] = asan + ":verify_asan_link_order=0"
    time.time = lambda: now() - days * DAY_S
    try:
        yield
    finally:
        time.time = now
        os.environ["ASAN_OPTIONS"] = asan
        del os.environ["OLD_CLOCK_S"], os.environ["LD_PRELOAD"]


def tile_path(number):
    """C2SP tlog-tiles: groups of three digits, all but the last with an x before."""
    text = f"{number % 1000:03}"
    while number >= 1000:
        number //= 1000
        text = f"x{number % 1000:03}/{text}"
    return text


class Spare(federation.Federation):
    """A federation whose registry names a second router, with origin and keys of its own."""

    address, origin = "router.spare", "rivergate.example/spare"

    def add_router(self, registry, address, origin, keys, endpoint):
        super().add_router(registry, address, origin, keys, endpoint)
        spare = self.dir / "spare/keys"
        spare.mkdir(parents=True, mode=0o700)
        self.cli("keygen", "log", "--out", spare / "log", "--name", self.origin)
        self.cli("keygen", "router", "--out", spare / "router")
        self.cli("keygen", "curve", "--out", spare / "curve")
        super().add_router(registry, self.address, self.origin, spare,
                           f"tcp://127.0.0.1:{federation.free_port()}")


class Log:
    """A federation of two posts and the data_dir of its router."""

    def __init__(self, folder, rule_words=(), settings=None, world=federation.Federation):
        self.world = world(pathlib.Path(folder), POSTS)
        self.world.rule_words = rule_words
        self.world.create({"segment_mib": 1, **(settings or {})})
        self.dir = self.world.dir / "router"
        self.conf = self.dir / "rivergated.conf"
        self.key = client.LogKey((self.world.dir / "log.vkey").read_text())
        self.signer = client.Signer(self.world.dir / "parties" / SENDER / "signing.key")

    def start(self):
        return self.world.start_router()

    def stop(self):
        code = self.world.router.stop()
        assert code == 0, f"exit {code}\n{self.world.router.text()[-2000:]}"

    def kill(self):
        self.world.kill()

    def session(self, party=SENDER, router=federation.ROUTER, **hello):
        registry = client.Registry(self.world.dir / "registry.json", self.world.pin())
        registry.router = next(one for one in registry.content.routers if one.address == router)
        secret = bytes.fromhex((self.world.dir / "parties" / party / "curve.key").read_text().strip())
        peer = client.Session(registry, party, secret)
        peer.hello(**hello)
        return peer

    def send(self, count, size=20_000, **fields):
        """Submits declarations with a part of this size; waits for the receipts: {index: header}."""
        peer, sent, found = self.session(), {}, {}
        for _ in range(count):
            part, frame = client.make_part("customs", "rivergate.v1.Declaration", os.urandom(size))
            header = client.make_header(SENDER, [RECEIVER], message_pb.KIND_DECLARATION, [part],
                                        **fields)
            sent[message_pb.Header.FromString(header).id] = header
            peer.submit(header, self.signer.signature(header), [frame])
        while len(found) < count:
            answer, _ = peer.wait("receipts", "refusal")
            assert answer.WhichOneof("body") == "receipts", peer.check_refusal(answer.refusal)
            found |= {entry.index: sent[entry.id] for entry in answer.receipts.records}
        peer.close()
        return found

    def run(self, *words, conf=None, code=DONE, says=""):
        """Runs rivergated with a verb; its exit code and a phrase on either output are the contract."""
        line = [str(self.world.programs["rivergated"]), *map(str, words), "-c", str(conf or self.conf)]
        done = subprocess.run(line, text=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=120,
                              check=False)
        said = done.stdout + done.stderr
        assert done.returncode == code, f"{' '.join(line)}: exit {done.returncode}, not {code}\n{said}"
        assert says in said, f"{' '.join(line)}: does not say '{says}'\n{said}"
        return done

    def check(self, **expected):
        return json.loads(self.run("check", "--json", **expected).stdout)

    def audit(self, folder):
        """`rivergate audit verify` finds nothing."""
        self.world.cli("audit", "verify", "--pin", self.world.pin(), folder)

    def segments(self):
        return sorted((self.dir / "journal").glob("*.seg"))

    def records(self):
        return list(journal.records(self.dir / "journal"))

    def copy(self, folder):
        """The folder as a power cut would leave it, under another name; its configuration."""
        shutil.copytree(self.dir, folder)
        conf = folder / "rivergated.conf"
        conf.write_text(conf.read_text().replace(f'data_dir = "{self.dir}"', f'data_dir = "{folder}"'))
        return conf


def flip(path, at, bit=0):
    """Changes one bit; called again it changes it back."""
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ (1 << bit)]))


def wait_until(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)
