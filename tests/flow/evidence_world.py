"""A federation whose log has something of everything that a bundle can hold.

All algorithms sign: P-256 (la), P-384 (mm), Ed25519 (kh), RSA-PSS (th), SM2 (cn), and each of
these roots certifies. There are revocation lists, batches, acknowledgements, a decision, an
amendment, a withheld part and an expiry, and at the end a second registry with a message under
it. The programs are the real ones; they have stopped when make() returns.
"""

import dataclasses
import pathlib
import shutil
import threading
import time

import client
import federation
import journal
import evidence_log
from client import message_pb, session_pb

BOTEN, MOHAN, BAVET, MOCBAI = "la.customs.boten", "cn.gacc.mohan", "kh.customs.bavet", "vn.customs.mocbai"
MYAWADDY, MAESOT = "mm.customs.myawaddy", "th.customs.maesot"
ROOTS = {"cn": "sm2", "kh": "ed25519", "la": "p256", "mm": "p384", "th": "rsa-pss", "vn": "p256"}
SIGNERS = {BAVET: "ed25519", MYAWADDY: "p384", MAESOT: "rsa-pss"}
POSTS = tuple(dataclasses.replace(post, algorithm=SIGNERS.get(post.address, post.algorithm))
              for post in federation.with_loopback())
RUNNING = (MOHAN, MYAWADDY, MAESOT)
QUORUM = 5


class World(federation.Federation):
    """The federation with other roots, a witness for each member, and revocation lists."""

    def cli(self, *words, **options):
        words = list(map(str, words))
        member = words[words.index("--member") + 1] if "--member" in words else None
        if words[:2] == ["keygen", "ca"]:
            words[words.index("--algorithm") + 1] = ROOTS[member]
        if words[:2] == ["registry", "add-member"] and "--witness" not in words:
            words += ["--witness", str(self.dir / "members" / member / "witness.pub")]
        return super().cli(*words, **options)

    def create_keys(self):
        super().create_keys()
        for cc in ROOTS:
            prefix = self.dir / "members" / cc / "witness"
            if not prefix.with_suffix(".key").exists():
                self.cli("keygen", "witness", "--out", prefix)

    def create_registry(self):
        super().create_registry()
        registry = self.dir / "registry.json"
        self.cli("registry", "add-rule", registry, "--name", "la-cn-decisions", "--from", "la",
                 "--to", "cn", "--kind", "DECISION", "--part", "customs", "--instrument", "Mutual recognition",
                 "--article", "2", "--valid-from", "2020-01-01")
        for cc in ROOTS:
            self.cli("registry", "sign", registry, "--member", cc,
                     "--key", self.dir / "members" / cc / "governance.key")
        shown = self.cli("registry", "verify", registry, "--json").stdout
        (self.dir / "pin").write_text(federation.json.loads(shown)["hash"] + "\n")

    def create_directory(self, cc):
        """With a revocation list that names some other certificate."""
        super().create_directory(cc)
        if cc == "vn":
            return
        spare = self.dir / "members" / cc / "spare"
        self.cli("keygen", "signing", "--out", spare, "--address", f"{cc}.customs.spare",
                 "--ca", self.dir / "members" / cc / "root")
        self.cli("directory", "revoke", "--ca", self.dir / "members" / cc / "root",
                 "--crl", self.dir / "directories" / f"{cc}.crl", spare.with_suffix(".crt"))

    def log_key(self):
        return evidence_log.NoteKey(federation.ORIGIN, self.dir / "router/keys/log.key", 1)

    def witness(self, cc):
        return evidence_log.NoteKey(f"{cc}.witness", self.dir / "members" / cc / "witness.key", 4)

    def records(self):
        return list(journal.records(self.dir / "router/journal"))


class Witnesses:
    """Every member's witness, each in a session of its own; they cosign whatever they are shown."""

    def __init__(self, world):
        self.world = world
        self.registry = client.Registry(world.dir / "registry.json", world.pin())
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(post.address,), daemon=True)
                        for post in POSTS]
        for thread in self.threads:
            thread.start()

    def run(self, party):
        secret = bytes.fromhex((self.world.dir / "parties" / party / "curve.key").read_text().strip())
        key = self.world.witness(party[:2])
        peer = client.Session(self.registry, party, secret)
        peer.send(session_pb.Frame(hello=session_pb.Hello(party=party, witness=True, software="witness/1")))
        while not self.ended.is_set():
            frame, _ = peer.receive(seconds=0.2) or (None, None)
            kind = frame.WhichOneof("body") if frame else None
            if kind == "ping" and not frame.ping.reply:
                peer.send(session_pb.Frame(ping=session_pb.Ping(nonce=frame.ping.nonce, reply=True)))
            if kind == "witness":
                text = frame.witness.request.split("\n\n")[1] + "\n"
                answer = session_pb.Witnessed(status=200, body=key.line(text, int(time.time())))
                peer.send(session_pb.Frame(witnessed=answer))
        peer.close()

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join(10)


class Sender:
    """Submits for one party, by the Python client."""

    def __init__(self, world, party):
        self.world, self.party = world, party
        self.registry = client.Registry(world.dir / "registry.json", world.pin())
        self.signer = client.Signer(world.dir / "parties" / party / "signing.key")

    def headers(self, headers, parts, signatures):
        secret = bytes.fromhex((self.world.dir / "parties" / self.party / "curve.key").read_text().strip())
        peer = client.Session(self.registry, self.party, secret)
        peer.hello()
        try:
            for header, frames, signature in zip(headers, parts, signatures):
                peer.submit(header, signature, frames)
                answer, _ = peer.wait("receipts", "refusal")
                if answer.WhichOneof("body") != "receipts":
                    raise federation.Failure(peer.check_refusal(answer.refusal))
        finally:
            peer.close()
        return headers

    def send(self, header, frames=()):
        return self.headers([header], [frames], [self.signer.signature(header)])[0]


def reference(header, sender, relation):
    told = message_pb.Header.FromString(header)
    ref = message_pb.Ref(id=told.id, header_hash=client.sha256(header), relation=relation)
    setattr(ref, "from", sender)
    return ref


def declaration(sender, to, ucr, content=b"content", name="customs", **fields):
    part, frame = client.make_part(name, "rivergate.v1.Declaration", content)
    kind = fields.pop("kind", message_pb.KIND_DECLARATION)
    return client.make_header(sender, [to], kind, [part], ucr=ucr, **fields), frame


def wait(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.1)
    raise federation.Failure(f"{what}: not within {seconds} s")


def acknowledged(world, ucr):
    kinds = [journal.header(record)["kind"] for record in world.records()
             if record.kind == journal.MESSAGE and journal.header(record).get("ucr", "") == ucr]
    return message_pb.KIND_ACKNOWLEDGEMENT in kinds


def fill(world):
    """Sends what the head of this file says."""
    la, kh = Sender(world, BOTEN), Sender(world, BAVET)
    world.drop(MYAWADDY, "one.txt", b"# rivergate loopback 1\ncountry\tMM\nucr\tMM-P384\n"
                                    b"reference.number\t1\n")
    first, frame = declaration(BOTEN, MOHAN, "LA-BATCH")
    second, _ = declaration(BOTEN, MOHAN, "LA-BATCH")  # its part is withheld
    third, other = declaration(BOTEN, MOHAN, "LA-OTHER", content=b"another consignment")
    la.headers([first, second, third], [[frame], [b""], [other]], la.signer.batch([first, second, third]))
    amendment, frame = declaration(BOTEN, MOHAN, "", kind=message_pb.KIND_AMENDMENT, version=2,
                                   refs=[reference(first, BOTEN, message_pb.RELATION_AMENDS)])
    la.send(amendment, [frame])
    la.send(client.make_header(BOTEN, [MOHAN], message_pb.KIND_DECISION,
                               refs=[reference(first, BOTEN, message_pb.RELATION_DECIDES)]))
    small, frame = declaration(BOTEN, MOHAN, "LA-SMALL", content=b"x")
    la.send(small, [frame])
    late, frame = declaration(BAVET, MOCBAI, "KH-EXPIRY", expires_at_us=int((time.time() + 2) * 1e6))
    kh.send(late, [frame])
    for ucr in ("LA-SMALL", "MM-P384"):
        wait(lambda: acknowledged(world, ucr), f"the acknowledgement of {ucr}")
    wait(lambda: world.records()[-1].meta and time_us(world.records()[-1]) >
         message_pb.Header.FromString(late).expires_at_us, "a record after the expiry")


def follow(world):
    """The registry's next version, by all members, through a party; and a message under it."""
    file = world.dir / "second.json"
    world.cli("registry", "next", world.dir / "registry.json", "--out", file)
    for cc in ROOTS:
        world.cli("registry", "sign", file, "--member", cc,
                  "--key", world.dir / "members" / cc / "governance.key")
    world.cli("submit", "--home", world.dir, "--as", BAVET, "--kind", "registry", file)
    after, frame = declaration(BOTEN, MOHAN, "LA-AFTER")
    Sender(world, BOTEN).send(after, [frame])


def keep_journal(world):
    """DIR/before: the journal under the first registry alone."""
    shutil.copytree(world.dir / "router/journal", world.dir / "before")
    assert len(list(journal.records(world.dir / "before"))) > 0


def time_us(record):
    return dict(journal.fields(record.meta)).get(1, 0)


def published(world):
    """Size of the router's checkpoint, once a quorum has cosigned it."""
    note = (world.dir / "router/checkpoint").read_text()
    return int(note.splitlines()[1]) if note.count("\n— ") > QUORUM else 0


def make(folder):
    """The world, filled and stopped. What the router had published before lies in DIR/live."""
    world = World(pathlib.Path(folder), POSTS).create()
    witnesses = None
    try:
        world.start_router(ready=False)
        witnesses = Witnesses(world)
        world.router.wait_for(" wait-is-over ")
        for address in RUNNING:
            world.start_adapter(address)
        fill(world)
        keep_journal(world)
        follow(world)
        size = len(world.records())
        wait(lambda: published(world) >= size, "a witnessed checkpoint")
        shutil.copytree(world.dir / "router", world.dir / "live", symlinks=True)
        bad = world.stop()
    except BaseException:
        world.kill()
        raise
    finally:
        if witnesses:
            witnesses.stop()
    if bad:
        raise federation.Failure(", ".join(bad))
    return world
