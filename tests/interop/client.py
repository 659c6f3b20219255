"""A Rivergate client in Python with none of our C code.

Written from proto/rivergate/v1/*.proto and proto/README.md: CURVE, HELLO, signing, batches,
SUBMIT, RECEIPTS with its range proof, tlog-proofs, checkpoints, refusals, deliveries. The
numbers in comments are sections of that page. Frames can also be sent raw, so that tests can
misbehave.
"""

import base64
import hashlib
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import zmq
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

SOURCE = pathlib.Path(os.environ.get("RIVERGATE_SOURCE", pathlib.Path(__file__).parents[2]))


def load_schemas():
    """The generated modules of the schemas, as one object each."""
    out = tempfile.mkdtemp(prefix="rivergate-schemas-")
    names = ("message", "record", "registry", "session")
    schemas = sorted((SOURCE / "proto/rivergate/v1").glob("*.proto"))
    subprocess.run(["protoc", f"--proto_path={SOURCE / 'proto'}", f"--python_out={out}",
                    *map(str, schemas)], check=True)
    sys.path.insert(0, out)
    return [importlib.import_module(f"rivergate.v1.{name}_pb2") for name in names]


message_pb, record_pb, registry_pb, session_pb = load_schemas()


class ProofError(Exception):
    """What the router showed does not prove what it claims."""


def sha256(data):
    return hashlib.sha256(data).digest()


def pack(message):
    return message.SerializeToString(deterministic=True)


def u16(data):
    return len(data).to_bytes(2, "big") + data


def node(left, right):
    return sha256(b"\x01" + left + right)


def split(n):
    """The largest power of two below n."""
    return 1 << ((n - 1).bit_length() - 1)


def tree_head(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node(tree_head(leaves[:k]), tree_head(leaves[k:]))


def tree_path(leaves, index):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return tree_path(leaves[:k], index) + [tree_head(leaves[k:])]
    return tree_path(leaves[k:], index - k) + [tree_head(leaves[:k])]


def leaf_hash(meta, header, signature):
    """Section 6: the leaf of a MESSAGE, hashed."""
    leaf = bytes((1, record_pb.RECORD_TYPE_MESSAGE)) + u16(meta) + u16(header) + u16(signature)
    return sha256(b"\x00" + leaf)


def uuid7():
    """RFC 9562: 48 bits of milliseconds, version, 12 random bits, variant, 62 random bits."""
    value = int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10)
    return value[:6] + bytes([0x70 | value[6] & 0x0F, value[7], 0x80 | value[8] & 0x3F]) + value[9:]


def spki(public_key):
    return public_key.public_bytes(serialization.Encoding.DER,
                                   serialization.PublicFormat.SubjectPublicKeyInfo)


class Signer:
    """A party's signing key: ECDSA P-256 or Ed25519 (section 3)."""

    def __init__(self, path):
        self.key = load_pem_private_key(pathlib.Path(path).read_bytes(), None)
        self.key_id = sha256(spki(self.key.public_key())).hex()
        self.algorithm = (message_pb.ALGORITHM_ED25519 if isinstance(self.key, Ed25519PrivateKey)
                          else message_pb.ALGORITHM_ECDSA_P256_SHA256)

    def sign(self, context, content):
        data = context.encode() + b"\n" + content
        if self.algorithm == message_pb.ALGORITHM_ED25519:
            return self.key.sign(data)
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))

    def signature(self, header):
        return pack(message_pb.Signature(key_id=self.key_id, algorithm=self.algorithm,
                                         value=self.sign("rivergate/v1 header", header)))

    def batch(self, headers):
        """Section 4: one signature over all headers; a Signature for each."""
        leaves = [sha256(b"\x00" + header) for header in headers]
        value = self.sign("rivergate/v1 batch", len(headers).to_bytes(4, "big") + tree_head(leaves))
        return [pack(message_pb.Signature(
            key_id=self.key_id, algorithm=self.algorithm, value=value,
            batch=message_pb.BatchProof(index=i, size=len(headers),
                                        path=b"".join(tree_path(leaves, i)))))
            for i in range(len(headers))]


class LogKey:
    """A C2SP verifier key: name+hash+base64(0x01 ‖ key)."""

    def __init__(self, vkey):
        self.name, key_hash, encoded = vkey.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        if raw[0] != 1 or len(raw) != 33:
            raise ProofError("not an Ed25519 verifier key")
        self.key_id = sha256(self.name.encode() + b"\n" + raw)[:4]
        if self.key_id.hex() != key_hash:
            raise ProofError("the verifier key's hash is wrong")
        self.key = Ed25519PublicKey.from_public_bytes(raw[1:])

    def open(self, note):
        """(size, root) of a checkpoint that this log signed."""
        text, _, signatures = note.rpartition("\n\n")
        text += "\n"
        origin, size, root, *_ = text.split("\n")
        if origin != self.name or str(int(size)) != size:
            raise ProofError("another origin, or a size that is none")
        for line in signatures.splitlines():
            dash, name, encoded = line.split(" ")
            value = base64.b64decode(encoded, validate=True)
            if dash == "—" and name == self.name and value[:4] == self.key_id:
                try:
                    self.key.verify(value[4:], text.encode())
                except InvalidSignature:
                    raise ProofError("the checkpoint's signature is wrong") from None
                return int(size), base64.b64decode(root, validate=True)
        raise ProofError("the log did not sign this checkpoint")


class Range:
    """The recursion of section 6: checks a RECEIPTS and yields the inclusion paths."""

    def __init__(self, receipts, own):
        self.first, self.last = receipts.first_index, receipts.last_index
        self.own = own
        self.others = [receipts.leaf_hashes[i:i + 32] for i in range(0, len(receipts.leaf_hashes), 32)]
        self.outer = [receipts.outer[i:i + 32] for i in range(0, len(receipts.outer), 32)]
        self.paths = {index: [] for index in own}

    def head(self, low, high):
        if high <= self.first or low > self.last:
            return self.outer.pop(0)
        if high - low == 1:
            return self.own[low] if low in self.own else self.others.pop(0)
        middle = low + split(high - low)
        left, right = self.head(low, middle), self.head(middle, high)
        for index, path in self.paths.items():
            if low <= index < high:
                path.append(right if index < middle else left)
        return node(left, right)


def check_receipts(receipts, headers, log):
    """{id: tlog-proof text}; headers is {id: header bytes}. Raises ProofError."""
    size, root = log.open(receipts.checkpoint)
    own = {entry.index: leaf_hash(entry.meta, headers[entry.id], entry.signature)
           for entry in receipts.records}
    tree = Range(receipts, own)
    try:
        head = tree.head(0, size)
    except IndexError:
        raise ProofError("hashes are missing") from None
    if head != root or tree.outer or tree.others:
        raise ProofError("the range does not lead to the checkpoint's root")
    return {entry.id: proof_text(entry, tree.paths[entry.index], receipts.checkpoint)
            for entry in receipts.records}


def proof_text(entry, path, checkpoint):
    extra = base64.b64encode(u16(entry.meta) + u16(entry.signature)).decode()
    steps = "".join(base64.b64encode(step).decode() + "\n" for step in path)
    return f"c2sp.org/tlog-proof@v1\nextra {extra}\nindex {entry.index}\n{steps}\n{checkpoint}"


def check_proof(text, header, log):
    """Checks one tlog-proof offline; the index it proves. Raises ProofError."""
    first, extra_line, index_line, rest = text.split("\n", 3)
    if first != "c2sp.org/tlog-proof@v1":
        raise ProofError("not a tlog-proof")
    extra = base64.b64decode(extra_line.removeprefix("extra "), validate=True)
    index = int(index_line.removeprefix("index "))
    steps, _, note = rest.partition("\n\n") if not rest.startswith("\n") else ("", "", rest[1:])
    size, root = log.open(note)
    meta_len = int.from_bytes(extra[:2], "big")
    meta, signature = extra[2:2 + meta_len], extra[4 + meta_len:]
    value = leaf_hash(meta, header, signature)
    low, high, turns = 0, size, []
    while high - low > 1:
        middle = low + split(high - low)
        turns.append(index < middle)
        low, high = (low, middle) if index < middle else (middle, high)
    path = [base64.b64decode(step, validate=True) for step in steps.split("\n") if step]
    if len(path) != len(turns):
        raise ProofError("the path has another length than index and size require")
    for step, is_left in zip(path, reversed(turns)):
        value = node(value, step) if is_left else node(step, value)
    if value != root:
        raise ProofError("the path does not lead to the checkpoint's root")
    return index


class Registry:
    """What a client takes from registry.json: section 8. Signatures are the CLI's to check."""

    def __init__(self, path, pin):
        from google.protobuf import json_format
        governed = json_format.Parse(pathlib.Path(path).read_text(), registry_pb.Governed())
        if sha256(governed.content).hex() != pin:
            raise ProofError("the registry is not the pinned one")
        self.content = registry_pb.Registry.FromString(governed.content)
        self.router = self.content.routers[0]


def z85(raw):
    from zmq.utils import z85 as codec
    return codec.encode(raw)


class Session:
    """One session of a party. Sends and receives frames; keeps the submission window's count."""

    def __init__(self, registry, party, curve_secret, endpoint=None):
        self.registry, self.party = registry, party
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        secret = z85(curve_secret)
        self.socket.curve_serverkey = z85(registry.router.curve_key)
        self.socket.curve_secretkey = secret
        self.socket.curve_publickey = zmq.curve_public(secret)
        self.socket.connect(endpoint or registry.router.endpoint)
        self.seq = 0
        self.epoch = 0
        self.window = 0

    def close(self):
        self.socket.close()
        self.context.term()

    def send(self, frame, *raw):
        self.socket.send_multipart([pack(frame), *raw])

    def receive(self, seconds=20):
        """(Frame, raw frames), or None when nothing comes."""
        if not self.socket.poll(int(seconds * 1000)):
            return None
        frame, *raw = self.socket.recv_multipart()
        return session_pb.Frame.FromString(frame), raw

    def wait(self, *kinds, seconds=20):
        """The next frame of one of these kinds; answers PING and counts CREDIT on the way."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            got = self.receive(max(0.0, end - time.monotonic()))
            if got is None:
                break
            frame, raw = got
            kind = frame.WhichOneof("body")
            if kind == "credit":
                self.window += frame.credit.messages
            elif kind == "ping" and not frame.ping.reply:
                self.send(session_pb.Frame(ping=session_pb.Ping(nonce=frame.ping.nonce, reply=True)))
            if kind in kinds:
                return frame, raw
        raise TimeoutError(f"no {' or '.join(kinds)} within {seconds} s")

    def hello(self, receive=False, checkpoint="", seconds=20):
        self.send(session_pb.Frame(hello=session_pb.Hello(
            party=self.party, receive=receive, checkpoint=checkpoint, software="interop/1")))
        frame, _ = self.wait("hello", seconds=seconds)
        self.epoch = frame.hello.epoch
        if receive:
            self.send(session_pb.Frame(credit=session_pb.Credit(messages=64, bytes=64 << 20)))
        while self.window == 0:
            self.wait("credit", seconds=seconds)
        return frame.hello

    def submit(self, header, signature, parts=()):
        self.seq += 1
        self.send(session_pb.Frame(submit=session_pb.Submit(seq=self.seq, epoch=self.epoch)),
                  header, signature, *parts)
        return self.seq

    def settle(self, index, derived_id=b""):
        self.send(session_pb.Frame(settled=session_pb.Settled(
            deliveries=[record_pb.DeliveryRef(index=index, derived_id=derived_id)])))

    def check_refusal(self, refusal):
        """The body of a refusal that the router signed (sections 3 and 5)."""
        key = Ed25519PublicKey.from_public_bytes(self.registry.router.router_key)
        try:
            key.verify(refusal.signature.value, b"rivergate/v1 refusal\n" + refusal.body)
        except InvalidSignature:
            raise ProofError("the refusal is not signed by the router") from None
        return session_pb.RefusalBody.FromString(refusal.body)


def make_part(name, kind, content, audience=None):
    """(Part, raw frame): section 1."""
    salt = os.urandom(32)
    part = message_pb.Part(name=name, type=kind, size=len(content), commitment=sha256(salt + content),
                           audience=audience)
    return part, salt + content


def make_header(sender, to, kind, parts=(), **fields):
    fields.setdefault("id", uuid7())
    fields.setdefault("sent_at_us", int(time.time() * 1_000_000))
    header = message_pb.Header(to=to, kind=kind, parts=parts, **fields)
    setattr(header, "from", sender)
    return pack(header)
