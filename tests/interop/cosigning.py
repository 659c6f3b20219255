"""Checkpoints, cosignatures and add-checkpoint requests, written from the C2SP texts alone.

What a log says to a witness over HTTP and how its answer is judged; shares nothing with the C code.
"""

import base64
import hashlib
import http.client
import pathlib
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

DASH = "\u2014 "


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def head(leaves):
    """MTH of RFC 6962 over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node(head(leaves[:k]), head(leaves[k:]))


def consistency(leaves, old):
    """PROOF(m, D[n]) of RFC 6962, section 2.1.2."""
    def subproof(m, part, is_known):
        if m == len(part):
            return [] if is_known else [head(part)]
        k = split(len(part))
        if m <= k:
            return subproof(m, part[:k], is_known) + [head(part[k:])]
        return subproof(m - k, part[k:], False) + [head(part[:k])]
    return subproof(old, leaves, True) if 0 < old < len(leaves) else []


def key_id(name, kind, public):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


class Log:
    """A log that signs whatever it is told to: its private key in a PEM file."""

    def __init__(self, origin, pem):
        self.origin = origin
        self.key = load_pem_private_key(pathlib.Path(pem).read_bytes(), None)
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def checkpoint(self, size, root, name=None, extension=""):
        text = f"{self.origin}\n{size}\n{base64.b64encode(root).decode()}\n{extension}"
        raw = key_id(name or self.origin, 1, self.public) + self.key.sign(text.encode())
        return f"{text}\n{DASH}{name or self.origin} {base64.b64encode(raw).decode()}\n"


def request(old, proof, note):
    lines = "".join(base64.b64encode(entry).decode() + "\n" for entry in proof)
    return f"old {old}\n{lines}\n{note}"


class Vkey:
    def __init__(self, text):
        self.name, identity, key = text.strip().split("+", 2)
        raw = base64.b64decode(key, validate=True)
        self.kind, self.public = raw[0], raw[1:]
        self.id = bytes.fromhex(identity)
        assert key_id(self.name, self.kind, self.public) == self.id, text

    def time_of(self, note):
        """The time of its cosignature under the note; None: there is none. A bad one raises."""
        text, lines = note.rsplit("\n\n", 1)
        text += "\n"
        found = None
        for line in lines.splitlines():
            dash, name, value = line.split(" ")
            raw = base64.b64decode(value, validate=True)
            if dash + " " != DASH or name != self.name or raw[:4] != self.id:
                continue
            time_s, = struct.unpack(">Q", raw[4:12])
            message = f"cosignature/v1\ntime {time_s}\n{text}".encode()
            Ed25519PublicKey.from_public_bytes(self.public).verify(raw[12:], message)
            found = time_s
        return found


def count(note, vkeys):
    return sum(vkey.time_of(note) is not None for vkey in vkeys)


def size_of(note):
    return int(note.splitlines()[1])


def ask(port, body, method="POST", path="/add-checkpoint"):
    """Status, content type, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body=body.encode() if isinstance(body, str) else body)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.headers, answer.read().decode()
    finally:
        connection.close()


__all__ = ["Log", "Vkey", "InvalidSignature", "ask", "consistency", "count", "head", "key_id", "node",
           "request", "size_of"]
