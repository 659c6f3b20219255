"""A published log in Python with none of our C code: read it, and write another one to forge with.

Written from C2SP tlog-tiles, tlog-checkpoint and signed-note. `write` makes what a dishonest
operator would make: any leaves, all tiles to match, signed with any key.
"""

import base64
import pathlib
import shutil

from cryptography.hazmat.primitives import serialization

from client import ProofError, load_pem_private_key, node, sha256, split

WIDTH = 256


def number_path(number):
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03d}")
    return "/".join(groups)


def size_of(folder):
    """The size in the published checkpoint; 0: there is none."""
    try:
        return int((pathlib.Path(folder) / "checkpoint").read_text().split("\n")[1])
    except FileNotFoundError:
        return 0


def bundle(leaves):
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def entries(data):
    found = []
    while data:
        length = int.from_bytes(data[:2], "big")
        if len(data) < 2 + length:
            raise ProofError("the lengths of a bundle do not add up")
        found.append(data[2:2 + length])
        data = data[2 + length:]
    return found


def leaves(folder, size=None):
    """The leaves of a log, from its entry bundles."""
    folder, found = pathlib.Path(folder), []
    size = size_of(folder) if size is None else size
    for number in range((size + WIDTH - 1) // WIDTH):
        count = min(WIDTH, size - number * WIDTH)
        path = folder / "tile/entries" / number_path(number)
        partial = path.with_name(path.name + ".p") / str(count)
        file = partial if count < WIDTH and partial.exists() else path
        found += entries(file.read_bytes())[:count]
    return found


def files(folder, below="tile"):
    """{name: bytes} of all files below a folder of the log."""
    root = pathlib.Path(folder)
    return {str(path.relative_to(root)): path.read_bytes()
            for path in sorted((root / below).rglob("*")) if path.is_file()}


def level_files(folder, level, hashes):
    """The tiles of one level, full and partial; the hashes of the level above."""
    above = []
    for number in range((len(hashes) + WIDTH - 1) // WIDTH):
        tile = hashes[number * WIDTH:(number + 1) * WIDTH]
        put(folder, f"tile/{level}/{number_path(number)}", len(tile), b"".join(tile))
        if len(tile) == WIDTH:
            above.append(head(tile))
    return above


def put(folder, name, count, data):
    path = pathlib.Path(folder) / (name if count == WIDTH else f"{name}.p/{count}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def head(hashes):
    """MTH of RFC 6962 over leaf hashes."""
    if len(hashes) == 1:
        return hashes[0]
    middle = split(len(hashes))
    return node(head(hashes[:middle]), head(hashes[middle:]))


def note(origin, size, root, key, name=None):
    """A checkpoint signed with this Ed25519 key under this name."""
    name = name or origin
    raw = b"\x01" + key.public_key().public_bytes(serialization.Encoding.Raw,
                                                  serialization.PublicFormat.Raw)
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    value = sha256(name.encode() + b"\n" + raw)[:4] + key.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(value).decode()}\n"


def read_key(path):
    return load_pem_private_key(pathlib.Path(path).read_bytes(), None)


def write_tiles(folder, content):
    """All hash tiles and entry bundles of these leaves; the root."""
    for number in range((len(content) + WIDTH - 1) // WIDTH):
        part = content[number * WIDTH:(number + 1) * WIDTH]
        put(folder, f"tile/entries/{number_path(number)}", len(part), bundle(part))
    first = hashes = [sha256(b"\x00" + leaf) for leaf in content]
    level = 0
    while hashes:
        hashes = level_files(folder, level, hashes)
        level += 1
    return head(first)


def write(folder, content, key, origin):
    """A whole log of these leaves, signed; what was there before is gone."""
    folder = pathlib.Path(folder)
    shutil.rmtree(folder / "tile", ignore_errors=True)
    root = write_tiles(folder, content)
    (folder / "checkpoint").write_text(note(origin, len(content), root, key))
