"""A log in the hands of a dishonest operator: who has its files, its log key and its router key.

Reads a copy of a log directory, lets a test change leaves and parts, and writes everything
again as the router would have: entry bundles, hash tiles, checkpoint signed with the log's
key, journal with right checksums. What still tells of the change is for the auditor to find.
None of our C code.
"""

import base64
import os
import pathlib
import shutil
import struct
import sys

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import client
import journal
from client import message_pb, record_pb, registry_pb
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf import json_format
from logs import tile_path

WIDTH = 256


def leaf(kind, meta, body, signature=b""):
    return bytes((1, kind)) + client.u16(meta) + client.u16(body) + client.u16(signature)


def raw_public(key):
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def cosign(note, name, key, time_s):
    """C2SP tlog-cosignature, cosignature/v1: the line."""
    raw = raw_public(key)
    key_id = client.sha256(name.encode() + b"\n\x04" + raw)[:4]
    text = note[:note.index("\n\n") + 1]
    value = key.sign(f"cosignature/v1\ntime {time_s}\n{text}".encode())
    return f"— {name} {base64.b64encode(key_id + struct.pack('>Q', time_s) + value).decode()}\n"


def sign_note(origin, key, leaves):
    """The checkpoint of a log with these records, as its key signs it."""
    root = base64.b64encode(client.tree_head([client.sha256(b"\x00" + one) for one in leaves])).decode()
    text = f"{origin}\n{len(leaves)}\n{root}\n"
    key_id = client.sha256(origin.encode() + b"\n\x01" + raw_public(key))[:4]
    value = base64.b64encode(key_id + key.sign(text.encode())).decode()
    return f"{text}\n— {origin} {value}\n"


def name_witnesses(log, world, file, router_key):
    """A registry with a witness of each member in place of the log's first: {cc: key}."""
    index = log.governance(message_pb.KIND_REGISTRY)[0]
    registry = registry_pb.Registry.FromString(log.content(index).content)
    keys = {member.cc: Ed25519PrivateKey.generate() for member in registry.members}
    for member in registry.members:
        member.witness_key = raw_public(keys[member.cc])
    file.write_text(json_format.MessageToJson(registry_pb.Governed(content=client.pack(registry))))
    for cc in keys:
        world.cli("registry", "sign", file, "--member", cc, "--key", world.dir / "members" / cc / "governance.key")
    governed = json_format.Parse(file.read_text(), registry_pb.Governed())
    log.replace_content(index, governed, router_key)
    kind, meta, body, _ = log.fields(0)
    origin = record_pb.Origin.FromString(body)
    origin.genesis_hash = client.sha256(governed.content)
    log.put(0, kind, meta, client.pack(origin))
    return keys


class Forged:
    """A copy of a log; `leaves` and `parts` may be changed before write()."""

    def __init__(self, source, folder, log_key):
        self.dir = pathlib.Path(folder)
        shutil.copytree(source, self.dir, ignore=shutil.ignore_patterns("index", "keys", "lock"))
        self.signer = client.Signer(log_key)
        self.origin, size, _ = (self.dir / "checkpoint").read_text().split("\n")[:3]
        records = list(journal.records(self.dir / "journal"))[:int(size)]
        self.leaves = [record.leaf for record in records]
        self.parts = [record.parts for record in records]

    # --- Changing ---------------------------------------------------------------------------

    def fields(self, index):
        """kind, Meta, body, signature of a record."""
        kind, meta, body, signature = journal.split_leaf(self.leaves[index])
        return kind, record_pb.Meta.FromString(meta), body, signature

    def put(self, index, kind, meta, body, signature=b""):
        self.leaves[index] = leaf(kind, client.pack(meta), body, signature)

    def set_meta(self, index, **changes):
        kind, meta, body, signature = self.fields(index)
        for name, value in changes.items():
            setattr(meta, name, value)
        self.put(index, kind, meta, body, signature)

    def set_marks(self, index, *marks):
        kind, meta, body, signature = self.fields(index)
        meta.marks[:] = marks
        self.put(index, kind, meta, body, signature)

    def header(self, index):
        return message_pb.Header.FromString(self.fields(index)[2])

    def set_header(self, index, header, signature=None):
        kind, meta, _, old = self.fields(index)
        self.put(index, kind, meta, header, old if signature is None else signature)

    def remove(self, index):
        del self.leaves[index], self.parts[index]

    def swap(self, one, other):
        for rows in (self.leaves, self.parts):
            rows[one], rows[other] = rows[other], rows[one]

    def kinds(self, kind):
        """Indexes of the records of a type."""
        return [i for i in range(len(self.leaves)) if self.leaves[i][1] == kind]

    def governance(self, kind):
        """Indexes of the governance records of a kind."""
        return [i for i in self.kinds(journal.MESSAGE) if self.header(i).kind == kind]

    def content(self, index):
        """The Governed that a governance record carries."""
        return registry_pb.Governed.FromString(self.parts[index][4 + 32:])

    def replace_content(self, index, governed, router_key):
        """Another content of a governance record, committed to and signed by the router."""
        frame = os.urandom(32) + client.pack(governed)
        header = self.header(index)
        header.parts[0].size = len(frame) - 32
        header.parts[0].commitment = client.sha256(frame)
        packed = client.pack(header)
        self.set_header(index, packed, client.Signer(router_key).signature(packed))
        self.parts[index] = len(frame).to_bytes(4, "big") + frame

    # --- Writing ----------------------------------------------------------------------------

    def write(self, checkpoint=True):
        shutil.rmtree(self.dir / "tile")
        self.write_entries()
        hashes = [client.sha256(b"\x00" + one) for one in self.leaves]
        self.write_tiles(hashes)
        self.write_journal()
        if checkpoint:
            (self.dir / "checkpoint").write_text(self.note(len(hashes)))
        return self

    def change_log_key(self, key):
        """Another log key, and its log.vkey."""
        self.signer.key = key
        raw = b"\x01" + raw_public(key)
        key_hash = client.sha256(self.origin.encode() + b"\n" + raw)[:4].hex()
        (self.dir / "log.vkey").write_text(
            f"{self.origin}+{key_hash}+{base64.b64encode(raw).decode()}\n")

    def note(self, size):
        """The checkpoint of the first `size` records, as the log's key signs it."""
        return sign_note(self.origin, self.signer.key, self.leaves[:size])

    def write_witnessed(self, keys, size, time_s, leaves=None):
        """A checkpoint.witnessed of so many records, cosigned with these keys: {cc: key}."""
        note = sign_note(self.origin, self.signer.key, (leaves or self.leaves)[:size])
        note += "".join(cosign(note, f"{cc}.witness", key, time_s) for cc, key in keys.items())
        (self.dir / "checkpoint.witnessed").write_text(note)

    def file(self, name, number, width):
        suffix = "" if width == WIDTH else f".p/{width}"
        path = self.dir / "tile" / name / (tile_path(number) + suffix)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write_entries(self):
        for number in range(0, (len(self.leaves) + WIDTH - 1) // WIDTH):
            some = self.leaves[number * WIDTH:(number + 1) * WIDTH]
            self.file("entries", number, len(some)).write_bytes(b"".join(map(client.u16, some)))

    def write_tiles(self, hashes):
        level = 0
        while hashes:
            for number in range(0, (len(hashes) + WIDTH - 1) // WIDTH):
                some = hashes[number * WIDTH:(number + 1) * WIDTH]
                self.file(str(level), number, len(some)).write_bytes(b"".join(some))
            hashes = [client.tree_head(hashes[i:i + WIDTH])
                      for i in range(0, len(hashes) - WIDTH + 1, WIDTH)]
            level += 1

    def write_journal(self):
        for path in (self.dir / "journal").glob("*.seg"):
            path.unlink()
        with open(self.dir / "journal" / f"{0:020}.seg", "wb") as out:
            for index, (one, parts) in enumerate(zip(self.leaves, self.parts)):
                head = struct.pack(">4sIIQQ", b"RGJ1", len(one), len(parts), index, index)
                out.write(head + struct.pack(">II", journal.crc32c(head + one),
                                             journal.crc32c(parts)) + one + parts)


def a_message(log, place=100):
    """The index of a declaration with a record of the same kind after it."""
    rows = [i for i in log.kinds(journal.MESSAGE) if log.header(i).kind == message_pb.KIND_DECLARATION]
    return rows[place]


def settlements(log):
    """(index, Progress) of the PROGRESS records."""
    return [(i, record_pb.Progress.FromString(log.fields(i)[2])) for i in log.kinds(journal.PROGRESS)]


def set_progress(log, index, progress):
    kind, meta, _, _ = log.fields(index)
    log.put(index, kind, meta, client.pack(progress))
