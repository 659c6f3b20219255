"""A log directory as an auditor gets it, made from a journal with none of our C code.

Tiles and entry bundles as C2SP tlog-tiles has them, a checkpoint signed with the log's key,
and cosignatures (C2SP tlog-cosignature) of as many witnesses as a test wants.
"""

import base64
import hashlib
import pathlib
import shutil
import time

import journal
from cryptography.hazmat.primitives import serialization

WIDTH = 256


def sha256(data):
    return hashlib.sha256(data).digest()


def tile_name(level, number, width):
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03d}")
    name = f"tile/{level}/{'/'.join(groups)}"
    return name if width == WIDTH else f"{name}.p/{width}"


def write(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def rows(leaves):
    """Hashes of level 0, of full subtrees of 256, of 65,536 …"""
    row = [sha256(b"\0" + leaf) for leaf in leaves]
    while row:
        yield row
        row = [head(row[at:at + WIDTH]) for at in range(0, len(row) - WIDTH + 1, WIDTH)]


def head(hashes):
    if len(hashes) == 1:
        return hashes[0]
    k = 1 << ((len(hashes) - 1).bit_length() - 1)
    return sha256(b"\1" + head(hashes[:k]) + head(hashes[k:]))


def write_tiles(folder, leaves):
    for level, row in enumerate(rows(leaves)):
        for at in range(0, len(row), WIDTH):
            part = row[at:at + WIDTH]
            write(folder, tile_name(level, at // WIDTH, len(part)), b"".join(part))
    for at in range(0, len(leaves), WIDTH):
        part = leaves[at:at + WIDTH]
        write(folder, tile_name("entries", at // WIDTH, len(part)),
              b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in part))


class NoteKey:
    """An Ed25519 key that signs notes: type 1 for a log, type 4 for a witness."""

    def __init__(self, name, path, kind):
        self.name, self.kind = name, kind
        self.key = serialization.load_pem_private_key(pathlib.Path(path).read_bytes(), None)
        self.raw = bytes([kind]) + self.key.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.key_id = sha256(name.encode() + b"\n" + self.raw)[:4]

    def vkey(self):
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self.raw).decode()}"

    def line(self, text, seconds=None):
        """A signature line under this text; a witness's with its time."""
        if self.kind == 1:
            value = self.key.sign(text.encode())
        else:
            message = f"cosignature/v1\ntime {seconds}\n{text}"
            value = seconds.to_bytes(8, "big") + self.key.sign(message.encode())
        return f"— {self.name} {base64.b64encode(self.key_id + value).decode()}\n"


def publish(journal_dir, folder, log, witnesses=(), seconds=None):
    """Writes the whole log into a new folder, cosigned by these witnesses; its size."""
    folder = pathlib.Path(folder)
    leaves = [record.leaf for record in journal.records(journal_dir)]
    shutil.copytree(journal_dir, folder / "journal")
    write_tiles(folder, leaves)
    text = checkpoint_text(log, leaves)
    write_checkpoint(folder, text, log, witnesses, seconds)
    write(folder, "log.vkey", (log.vkey() + "\n").encode())
    write(folder, "witnesses.vkeys", "".join(key.vkey() + "\n" for key in witnesses).encode())
    return len(leaves)


def checkpoint_text(log, leaves):
    root = head([sha256(b"\0" + leaf) for leaf in leaves])
    return f"{log.name}\n{len(leaves)}\n{base64.b64encode(root).decode()}\n"


def write_checkpoint(folder, text, log, witnesses, seconds=None, name="checkpoint"):
    lines = "".join(key.line(text, seconds or int(time.time())) for key in witnesses)
    write(pathlib.Path(folder), name, f"{text}\n{log.line(text)}{lines}".encode())
