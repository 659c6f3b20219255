"""Reads a router's journal from its segment files alone, with none of our C code.

Frames as in proto/evidence/segment.h, leaves as in proto/README.md, section 6. Used by
checkers, and to damage a journal at a known place.
"""

import dataclasses
import hashlib
import pathlib
import struct

HEAD = struct.Struct(">4sIIQQII")
MESSAGE, TICK, PROGRESS, ORIGIN, ADMIN = 1, 2, 3, 4, 5


class Damaged(Exception):
    pass


@dataclasses.dataclass
class Record:
    index: int
    durable_size: int
    segment: pathlib.Path
    offset: int
    length: int
    leaf: bytes
    parts: bytes
    kind: int
    meta: bytes
    body: bytes
    signature: bytes

    @property
    def end(self):
        return self.offset + self.length


def crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


CRC_TABLE = crc_table()
CRC_KNOWN = {}    # by SHA-256 of the data: a test reads the same records many times


def crc32c(data):
    name = hashlib.sha256(data).digest()
    if name not in CRC_KNOWN:
        crc = 0xFFFFFFFF
        for byte in data:
            crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
        CRC_KNOWN[name] = crc ^ 0xFFFFFFFF
    return CRC_KNOWN[name]


def split_leaf(leaf):
    """version, type, meta, body, signature"""
    fields, at = [], 2
    for _ in range(3):
        (length,) = struct.unpack_from(">H", leaf, at)
        fields.append(leaf[at + 2:at + 2 + length])
        at += 2 + length
    if leaf[0] != 1 or at != len(leaf):
        raise Damaged("not a leaf")
    return leaf[1], *fields


def read_segment(path, check_sums=True):
    data = path.read_bytes()
    at = 0
    while at + HEAD.size <= len(data):
        magic, leaf_len, parts_len, index, durable, leaf_crc, parts_crc = HEAD.unpack_from(data, at)
        if magic == b"\0\0\0\0" and leaf_len == 0:
            return
        leaf = data[at + HEAD.size:at + HEAD.size + leaf_len]
        parts = data[at + HEAD.size + leaf_len:at + HEAD.size + leaf_len + parts_len]
        if magic != b"RGJ1" or len(leaf) != leaf_len or len(parts) != parts_len:
            raise Damaged(f"{path.name} at {at}: no whole frame")
        if check_sums and (crc32c(data[at:at + 28] + leaf) != leaf_crc or crc32c(parts) != parts_crc):
            raise Damaged(f"{path.name} at {at}: checksum of record {index}")
        length = HEAD.size + leaf_len + parts_len
        yield Record(index, durable, path, at, length, leaf, parts, *split_leaf(leaf))
        at += length


def records(journal_dir, check_sums=True):
    """All records in order; a gap is Damaged."""
    expected = 0
    for path in sorted(pathlib.Path(journal_dir).glob("*.seg")):
        for record in read_segment(path, check_sums):
            if record.index != expected:
                raise Damaged(f"{path.name}: record {record.index} where {expected} belongs")
            expected += 1
            yield record


def fields(message):
    """Top-level fields of a protobuf message: (number, value), values int or bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        elif tag & 7 == 2:
            length = varint()
            yield tag >> 3, message[at:at + length]
            at += length
        else:
            raise Damaged(f"wire type {tag & 7}")


def header(record):
    """id, from, to, kind and ucr of a MESSAGE."""
    found = {"to": []}
    for number, value in fields(record.body):
        if number == 1:
            found["id"] = value.hex()
        elif number == 2:
            found["from"] = value.decode()
        elif number == 3:
            found["to"].append(value.decode())
        elif number == 4:
            found["kind"] = value
        elif number == 5:
            found["ucr"] = value.decode()
    return found
