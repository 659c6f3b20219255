"""A federation of six countries in one folder, built and run with the real programs.

What `./dev demo` shows and the flow tests torture: keys, registry and directories are made
with `rivergate`, the router and the adapters are the programs that users run. Everything
lies below one folder and listens on 127.0.0.1.

    DIR/registry.json                signed by a quorum; its pin in DIR/pin
    DIR/directories/<cc>.json        signed by the member alone
    DIR/members/<cc>/                root and governance keys (each at home in real life)
    DIR/parties/<address>/           keys, client.conf, adapter.conf, state/
    DIR/router/                      rivergated.conf, keys, journal/, checkpoint
    DIR/log.vkey                     C2SP verifier key of the log
    DIR/adapters/<address>/{in,out,done,failed}
"""

import dataclasses
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

ROUTER = "router.mekong"
ORIGIN = "rivergate.example/mekong"


@dataclasses.dataclass(frozen=True)
class Post:
    """A party that runs an adapter."""

    address: str
    name: str
    roles: tuple
    plugin: str
    algorithm: str = "p256"
    routes: tuple = ()
    handover: tuple = ()
    answers: tuple = ()


# The six members. China signs with SM2, as its authorities must; others show a mixture.
POSTS = (
    Post("cn.gacc.mohan", "Mohan border post", ("BORDER_POST", "CUSTOMS"), "cn", "sm2",
         handover=({"kind": "DECLARATION", "purpose": "ADVANCE", "format": "json"},
                   {"kind": "DECLARATION", "purpose": "PREFILL", "format": "cn-dec"}),
         answers=("cn-dec-response", "cn-dec-result", "cn-dec-data")),
    Post("kh.customs.bavet", "Bavet border post", ("BORDER_POST", "CUSTOMS"), "kh", "ed25519",
         routes=({"format": "asycuda-sad", "kind": "DECLARATION", "purpose": "ADVANCE",
                  "to": ["vn.customs.mocbai"]},
                 {"format": "asycuda-sad", "kind": "DECLARATION", "purpose": "PREFILL",
                  "to": ["vn.customs.mocbai"]})),
    Post("la.customs.boten", "Boten border post", ("BORDER_POST", "CUSTOMS"), "la", "p256",
         routes=({"format": "asycuda-sad", "kind": "DECLARATION", "purpose": "ADVANCE",
                  "to": ["cn.gacc.mohan"]},
                 {"format": "asycuda-sad", "kind": "DECLARATION", "purpose": "PREFILL",
                  "to": ["cn.gacc.mohan"]})),
    Post("mm.customs.myawaddy", "Myawaddy border post", ("BORDER_POST", "CUSTOMS"), "mm", "p256",
         routes=({"format": "mm-maccs", "kind": "DECLARATION", "purpose": "ADVANCE",
                  "to": ["th.customs.maesot"]},
                 {"format": "mm-maccs", "kind": "DECLARATION", "purpose": "PREFILL",
                  "to": ["th.customs.maesot"]}),
         handover=({"kind": "DECLARATION", "purpose": "ADVANCE", "format": "json"},
                   {"kind": "DECLARATION", "purpose": "PREFILL", "format": "mm-maccs"}),
         answers=("mm-maccs",)),
    Post("th.customs.maesot", "Mae Sot border post", ("BORDER_POST", "CUSTOMS"), "th", "ed25519",
         routes=({"format": "th-ecustoms", "kind": "DECLARATION", "purpose": "ADVANCE",
                  "to": ["mm.customs.myawaddy"]},),
         handover=({"kind": "DECLARATION", "purpose": "ADVANCE", "format": "json"},
                   {"kind": "DECLARATION", "purpose": "PREFILL", "format": "th-ecustoms"}),
         answers=("th-ecustoms",)),
    Post("vn.customs.mocbai", "Moc Bai border post", ("BORDER_POST", "CUSTOMS"), "vn", "p256",
         routes=({"format": "vn-vnaccs", "kind": "DECLARATION", "purpose": "ADVANCE",
                  "to": ["kh.customs.bavet"]},),
         handover=({"kind": "DECLARATION", "purpose": "ADVANCE", "format": "json"},
                   {"kind": "DECLARATION", "purpose": "PREFILL", "format": "vn-vnaccs"}),
         answers=("vn-vnaccs",)),
)


def with_loopback(posts=POSTS):
    """Posts that send documents of the plug-in loopback too: what a test writes is small, and its own."""
    return tuple(dataclasses.replace(post, routes=(*post.routes, {
        "format": "loopback", "kind": "DECLARATION", "purpose": "ADVANCE", "to": post.routes[0]["to"]}))
        if post.routes else post for post in posts)


# Asks the router for its health; runs no adapter.
OPERATOR = Post("la.operations", "Operations desk", ("OPERATOR",), "")

MEMBERS = {"cn": "China", "kh": "Cambodia", "la": "Lao PDR", "mm": "Myanmar", "th": "Thailand",
           "vn": "Viet Nam"}

# The customs authority of each member, as a prefix of its posts.
CUSTOMS = {"cn": "cn.gacc", "kh": "kh.customs", "la": "la.customs", "mm": "mm.customs",
           "th": "th.customs", "vn": "vn.customs"}

# Who may send what to whom, and by which law. Neighbours exchange declarations: all of them
# between their customs, without values with everybody else.
CORRIDORS = (("la", "cn"), ("kh", "vn"), ("mm", "th"), ("la", "th"), ("la", "vn"), ("cn", "vn"))


class Failure(Exception):
    """Something that should have worked did not; the text says what and where to look."""


def programs():
    """Paths of the built programs: from the build folder in RIVERGATE_BUILD."""
    build = pathlib.Path(os.environ["RIVERGATE_BUILD"])
    return {"rivergate": build / "adapters/cli/rivergate",
            "rivergated": build / "router/rivergated",
            "rivergate-adapter": build / "adapters/host/rivergate-adapter"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def quote(value):
    """A value in libconfig syntax."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        if value and isinstance(value[0], dict):
            return "( " + ", ".join(quote(item) for item in value) + " )"
        return "[ " + ", ".join(quote(item) for item in value) + " ]"
    if isinstance(value, dict):
        return "{ " + " ".join(f"{key} = {quote(item)};" for key, item in value.items()) + " }"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_conf(path, settings):
    lines = [f"{key} = {quote(value)};\n" for key, value in settings.items()]
    path.write_text("".join(lines))


class Program:
    """A running program of ours, its log, and how it ends. Only its own process is ever signalled."""

    def __init__(self, name, argv, log):
        self.name = name
        self.log = pathlib.Path(log)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.offset = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen([str(word) for word in argv], stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=out, start_new_session=True)

    def text(self):
        """What it logged since this start."""
        with open(self.log, "rb") as log:
            log.seek(self.offset)
            return log.read().decode("utf-8", "replace")

    def wait_for(self, words, seconds=60):
        """Waits until a log line has these words; a program that ends first is a failure."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if words in self.text():
                return
            if self.process.poll() is not None:
                raise Failure(f"{self.name} ended with {self.process.returncode} before it logged "
                              f"'{words}'\n{self.text()[-2000:]}")
            time.sleep(0.02)
        raise Failure(f"{self.name} did not log '{words}' within {seconds} s\n{self.text()[-2000:]}")

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        return self.process.wait()

    def stop(self, seconds=30):
        """SIGTERM; the exit code, which is 0 after a clean stop."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure(f"{self.name} did not stop within {seconds} s of SIGTERM\n"
                          f"{self.text()[-2000:]}") from None


class Federation:
    """Six countries below one folder; see the head of this file."""

    corridors = CORRIDORS
    rule_words = ()    # more options of every channel rule
    auditors = ()      # joint auditors, addresses

    def __init__(self, folder, posts=POSTS, witnesses=False):
        self.dir = pathlib.Path(folder).absolute()
        self.posts = posts
        self.has_witnesses = witnesses  # one for each member, in the adapter of its post
        self.programs = programs()
        self.router = None
        self.adapters = {}
        self.endpoint = None

    # --- Making ---------------------------------------------------------------------------

    def cli(self, *words, check=True, **options):
        """Runs `rivergate`; on an unexpected failure the error holds what it said."""
        done = subprocess.run([str(self.programs["rivergate"]), *map(str, words)], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=120, **options)
        if check and done.returncode != 0:
            raise Failure(f"rivergate {' '.join(map(str, words))}: exit {done.returncode}\n"
                          f"{done.stdout}{done.stderr}")
        return done

    def create(self, router_settings=None):
        for folder in ("directories", "members", "parties", "router/keys", "adapters"):
            (self.dir / folder).mkdir(parents=True, mode=0o700)
        self.endpoint = f"tcp://127.0.0.1:{free_port()}"
        self.create_keys()
        self.create_registry()
        for cc in MEMBERS:
            self.create_directory(cc)
        self.create_router(router_settings or {})
        for post in (*self.posts, OPERATOR):
            self.create_party(post)
        return self

    def create_keys(self):
        router = self.dir / "router/keys"
        self.cli("keygen", "log", "--out", router / "log", "--name", ORIGIN)
        self.cli("keygen", "router", "--out", router / "router")
        self.cli("keygen", "curve", "--out", router / "curve")
        shutil.copy(router / "log.vkey", self.dir / "log.vkey")
        for cc in MEMBERS:
            member = self.dir / "members" / cc
            member.mkdir(mode=0o700)
            algorithm = "sm2" if cc == "cn" else "p256"
            self.cli("keygen", "ca", "--out", member / "root", "--member", cc, "--algorithm", algorithm)
            self.cli("keygen", "governance", "--out", member / "governance", "--member", cc,
                     "--algorithm", algorithm)
            if self.has_witnesses:
                self.cli("keygen", "witness", "--out", member / "witness")
        for post in (*self.posts, OPERATOR):
            self.create_party_keys(post)

    def create_party_keys(self, post):
        party = self.dir / "parties" / post.address
        party.mkdir(mode=0o700)
        self.cli("keygen", "curve", "--out", party / "curve")
        self.cli("keygen", "signing", "--out", party / "signing", "--address", post.address,
                 "--ca", self.dir / "members" / post.address[:2] / "root",
                 "--algorithm", post.algorithm)

    def create_registry(self):
        registry = self.dir / "registry.json"
        self.cli("registry", "init", registry)
        for cc, name in MEMBERS.items():
            member = self.dir / "members" / cc
            self.cli("registry", "add-member", registry, "--member", cc, "--name", name,
                     "--root", member / "root.crt", "--governance", member / "governance.pub",
                     *(("--witness", member / "witness.pub") if self.has_witnesses else ()))
        self.add_router(registry, ROUTER, ORIGIN, self.dir / "router/keys", self.endpoint)
        for one, other in self.corridors:
            for sender, receiver in ((one, other), (other, one)):
                self.add_rule(registry, f"{sender}-{receiver}-goods", sender, CUSTOMS[receiver],
                              ("customs", "sps", "commercial", "translation"))
                self.add_rule(registry, f"{sender}-{receiver}-quarantine", sender, receiver,
                              ("sps", "translation"))
        for address in self.auditors:
            self.cli("registry", "add-auditor", registry, "--address", address)
        for cc in MEMBERS:
            self.cli("registry", "sign", registry, "--member", cc,
                     "--key", self.dir / "members" / cc / "governance.key")
        shown = json.loads(self.cli("registry", "verify", registry, "--json").stdout)
        (self.dir / "pin").write_text(shown["hash"] + "\n")

    def add_rule(self, registry, name, sender, receiver, parts):
        kinds = ("DECLARATION", "AMENDMENT", "CANCELLATION", "DECISION")
        self.cli("registry", "add-rule", registry, "--name", name, "--from", sender, "--to", receiver,
                 *(word for kind in kinds for word in ("--kind", kind)),
                 *(word for part in parts for word in ("--part", part)),
                 "--instrument", "Greater Mekong Subregion Cross-Border Transport Facilitation "
                 "Agreement", "--article", "4", "--valid-from", "2020-01-01", *self.rule_words)

    def add_router(self, registry, address, origin, keys, endpoint):
        self.cli("registry", "add-router", registry, "--address", address, "--origin", origin,
                 "--log", keys / "log.pub", "--router", keys / "router.pub",
                 "--curve", keys / "curve.pub", "--endpoint", endpoint)

    def create_directory(self, cc):
        file = self.dir / "directories" / f"{cc}.json"
        self.cli("directory", "init", file, "--member", cc)
        for post in (*self.posts, OPERATOR):
            if post.address[:2] != cc:
                continue
            party = self.dir / "parties" / post.address
            roles = [word for role in post.roles for word in ("--role", role)]
            self.cli("directory", "add-party", file, "--address", post.address, "--name", post.name,
                     *roles, "--signing", party / "signing.crt", "--curve", party / "curve.pub")
        self.cli("directory", "sign", file,
                 "--key", self.dir / "members" / cc / "governance.key")

    def pin(self):
        return (self.dir / "pin").read_text().strip()

    def create_router(self, settings):
        keys = self.dir / "router/keys"
        write_conf(self.dir / "router/rivergated.conf", {
            "address": ROUTER, "data_dir": self.dir / "router",
            "registry": self.dir / "registry.json", "directories": self.dir / "directories",
            "pin": self.pin(), "log_key": keys / "log.key", "router_key": keys / "router.key",
            "curve_key": keys / "curve.key", **settings})

    def create_party(self, post):
        party = self.dir / "parties" / post.address
        common = {"party": post.address, "router": ROUTER,
                  "registry": self.dir / "registry.json", "directories": self.dir / "directories",
                  "pin": self.pin(), "curve_key": party / "curve.key",
                  "signing_key": party / "signing.key"}
        client = {**common, "state": party / "client-state"}
        if post.routes:
            client["routes"] = post.routes
        write_conf(party / "client.conf", client)
        if not post.plugin:
            return
        adapter = {**common, "state": party / "state", "country": post.plugin, "connector": "directory",
                   "directory": self.dir / "adapters" / post.address}
        if post.routes:
            adapter["routes"] = post.routes
        if post.handover:
            adapter["handover"] = post.handover
        if post.answers:
            adapter["answers"] = post.answers
        if self.has_witnesses:
            adapter["witness"] = {"key": self.dir / "members" / post.address[:2] / "witness.key",
                                  "state_dir": party / "witness-state"}
        write_conf(party / "adapter.conf", adapter)

    # --- Running --------------------------------------------------------------------------

    def start_router(self, ready=True):
        self.router = Program("rivergated", [self.programs["rivergated"], "-c",
                                             self.dir / "router/rivergated.conf"],
                              self.dir / "router/rivergated.log")
        if ready:
            self.router.wait_for(" start ready ")
        return self.router

    def start_adapter(self, address, ready=True):
        adapter = Program(f"rivergate-adapter {address}",
                          [self.programs["rivergate-adapter"], "-c",
                           self.dir / "parties" / address / "adapter.conf"],
                          self.dir / "parties" / address / "adapter.log")
        self.adapters[address] = adapter
        if ready:
            adapter.wait_for(" start ready ")
        return adapter

    def start(self):
        self.start_router()
        for post in self.posts:
            if post.plugin:
                self.start_adapter(post.address, ready=False)
        for adapter in self.adapters.values():
            adapter.wait_for(" start ready ")
        return self

    def stop(self):
        """Stops everything in order; the names of programs that did not exit with 0."""
        bad = []
        for program in (*self.adapters.values(), self.router):
            if program and program.stop() != 0:
                bad.append(f"{program.name}: exit {program.process.returncode}")
        self.adapters.clear()
        self.router = None
        return bad

    def kill(self):
        for program in (*self.adapters.values(), self.router):
            if program:
                program.kill()
        self.adapters.clear()
        self.router = None

    def tray(self, address, name):
        return self.dir / "adapters" / address / name

    def drop(self, address, name, content):
        """Puts a file into the out-tray as a national system must: written aside, then renamed in."""
        out = self.tray(address, "out")
        aside = out / f".{name}.tmp"
        aside.write_bytes(content)
        os.rename(aside, out / name)
