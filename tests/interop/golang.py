"""The published log before a verifier that we did not write: Go's sumdb/note and sumdb/tlog.

A run of the real router, killed twice on the way, whose checkpoint is kept at 20 sizes and more.
Then forgeries: what an operator could do who holds the log's key, and what somebody could who
holds nothing but the files.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1] / "flow")]

import cases
import client
import federation
import published
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from client import message_pb

BOTEN, MOHAN = "la.customs.boten", "cn.gacc.mohan"
SIZES = 20
PER_SIZE = 40

folder = tempfile.TemporaryDirectory(prefix="rivergate-golang-")
here = pathlib.Path(folder.name)
world = federation.Federation(here / "world").create()
registry = client.Registry(world.dir / "registry.json", world.pin())
signer = client.Signer(world.dir / "parties" / BOTEN / "signing.key")
log_key = published.read_key(world.dir / "router/keys/log.key")
data_dir = world.dir / "router"
earlier = []    # checkpoints that were kept, oldest first


def build():
    """Without network: the modules are Debian's golang-golang-x-mod-dev."""
    program = here / "verifier"
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "",
                   "GOTOOLCHAIN": "local", "GOCACHE": str(here / "go-cache"), "CGO_ENABLED": "0"}
    source = client.SOURCE / "tests/interop/verifier"
    subprocess.run(["go", "build", "-o", str(program), "."], cwd=source, env=environment, check=True,
                   timeout=240)
    return program


verifier = build()


def verify(log=data_dir, checkpoints=()):
    return subprocess.run([str(verifier), str(log), *map(str, checkpoints)], text=True,
                          capture_output=True, timeout=120)


def accept(log=data_dir, checkpoints=()):
    done = verify(log, checkpoints)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refuse(log, words, checkpoints=()):
    """The verifier says no, and why has these words, or one of these."""
    done = verify(log, checkpoints)
    assert done.returncode == 1, f"accepted: {done.stdout}"
    assert any(word in done.stderr for word in ([words] if isinstance(words, str) else words)), done.stderr


def session():
    peer = client.Session(registry, BOTEN, bytes.fromhex(
        (world.dir / "parties" / BOTEN / "curve.key").read_text().strip()))
    peer.hello()
    return peer


sent = 0


def submit(peer, count):
    """Sends messages in one batch and waits for all receipts."""
    global sent
    made = []
    for _ in range(count):
        sent += 1
        part, frame = client.make_part("customs", "rivergate.v1.Declaration", b"x" * (sent % 300))
        made.append((client.make_header(
            BOTEN, [MOHAN], message_pb.KIND_DECLARATION, [part], ucr=f"LA-GO-{sent}", version=1,
            purpose=message_pb.PURPOSE_ADVANCE,
            lodged_by=message_pb.LODGED_BY_AUTHORITY_COPY), frame))
    for (header, frame), signature in zip(made, signer.batch([header for header, _ in made])):
        peer.submit(header, signature, [frame])
    receipted = 0
    while receipted < count:
        answer, _ = peer.wait("receipts", "refusal")
        assert answer.WhichOneof("body") == "receipts", answer
        receipted += len(answer.receipts.records)


def keep_checkpoint():
    """Waits for a new published size and keeps that checkpoint."""
    last = published.size_of(earlier[-1].parent) if earlier else 0
    end = time.monotonic() + 20
    while published.size_of(data_dir) <= last:
        assert time.monotonic() < end, f"nothing beyond {last} was published within 20 s"
        time.sleep(0.05)
    kept = here / f"earlier/{len(earlier)}/checkpoint"
    kept.parent.mkdir(parents=True)
    shutil.copy(data_dir / "checkpoint", kept)
    earlier.append(kept)


def run_some(count):
    world.start_router()
    peer = session()
    for _ in range(count):
        submit(peer, PER_SIZE)
        keep_checkpoint()
    peer.close()


def forged():
    """A copy of the published log, to be forged."""
    shutil.rmtree(here / "forged", ignore_errors=True)
    copy = here / "forged"
    copy.mkdir()
    for name in ("checkpoint", "log.vkey"):
        shutil.copy(data_dir / name, copy / name)
    shutil.copytree(data_dir / "tile", copy / "tile")
    return copy


def flip(path, offset):
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


# --- What is true -------------------------------------------------------------------------------

def case_every_leaf_and_every_kept_checkpoint_is_proved_after_kills():
    run_some(SIZES // 2)
    world.router.kill()
    accept(checkpoints=earlier)                  # as the kill left it
    run_some(SIZES // 2)
    world.router.kill()
    accept(checkpoints=earlier)
    run_some(2)
    assert world.router.stop() == 0
    world.router = None
    size = published.size_of(data_dir)
    assert len({path.read_text() for path in earlier}) >= SIZES and size > SIZES * PER_SIZE
    said = accept(checkpoints=earlier)
    assert said == f"size {size}, proved {size} records, {len(earlier)} earlier checkpoints\n", said


def case_a_stop_publishes_the_last_record():
    with open(world.dir / "router/rivergated.log", encoding="utf-8") as log:
        assert " stop done " in log.read()
    assert published.leaves(data_dir)[-1][1] == 5, "the last record is ADMIN, which says STOP"


def case_a_checkpoint_with_cosignatures_is_read():
    copy = forged()
    witness = published.note("other.example/witness", 1, bytes(32), Ed25519PrivateKey.generate())
    with open(copy / "checkpoint", "a", encoding="utf-8") as note:
        note.write(witness.splitlines()[-1] + "\n")
    accept(copy, earlier)


def case_what_we_forge_with_writes_the_log_that_the_router_wrote():
    copy = forged()
    content = published.leaves(data_dir)
    published.write(copy, content, log_key, federation.ORIGIN)
    assert (copy / "checkpoint").read_bytes() == (data_dir / "checkpoint").read_bytes()
    ours, theirs = published.files(copy), published.files(data_dir)
    assert ours == {name: theirs.get(name) for name in ours}


def case_a_view_is_proved_without_the_leaves_of_others():
    for party, own in ((BOTEN, sent), ("vn.customs.mocbai", 0)):
        view = here / f"view-{party}"
        world.cli("audit", "export", "--as", party, "--to", view, data_dir)
        assert f", proved {own} records, " in accept(view, earlier)
    flip(next((here / f"view-{BOTEN}/leaf").rglob("[0-9][0-9][0-9]")), 20)
    refuse(here / f"view-{BOTEN}", "record")


# --- Files changed by somebody without the key --------------------------------------------------

def case_a_changed_byte_in_any_file_is_refused():
    content = published.leaves(data_dir)
    count = len(content) % published.WIDTH
    number = published.number_path(len(content) // published.WIDTH)
    in_tiles = ("downloaded inconsistent tile", "invalid transparency proof")
    for name, offset, words in (
            ("tile/entries/000", 100, ("record", "add up")),
            (f"tile/entries/{number}.p/{count}", 50, ("record", "add up")),
            ("tile/entries/001", 0, ("record", "add up")),
            # A tile that tlog does not compare with its parent fails in the proof.
            ("tile/0/000", 0, in_tiles),
            ("tile/0/001", 8191, in_tiles),
            (f"tile/0/{number}.p/{count}", 5, in_tiles),
            (f"tile/1/000.p/{len(content) // published.WIDTH}", 5, in_tiles),
            ("checkpoint", len(federation.ORIGIN) + 1, "invalid signature"),
            ("log.vkey", len(federation.ORIGIN) + 20, ("malformed verifier id", "invalid verifier hash"))):
        copy = forged()
        flip(copy / name, offset)
        refuse(copy, words)


def case_a_missing_file_is_refused():
    for name in ("tile/0/001", "tile/entries/001", "checkpoint", "log.vkey"):
        copy = forged()
        (copy / name).unlink()
        refuse(copy, "no such file")


def case_swapped_and_replaced_records_are_refused():
    content = published.leaves(data_dir)[:256]
    swapped = [content[1], content[0], *content[2:]]
    for forgery, words in ((swapped, "record 0"), ([*content[:200], content[0], *content[201:]],
                                                   "record 200"), (content[:-1], "add up")):
        copy = forged()
        (copy / "tile/entries/000").write_bytes(published.bundle(forgery))
        refuse(copy, words)


def case_another_key_is_refused_whatever_it_signs():
    content = published.leaves(data_dir)
    copy = forged()
    published.write(copy, content, Ed25519PrivateKey.generate(), federation.ORIGIN)
    refuse(copy, "no verifiable signatures")
    text = (data_dir / "checkpoint").read_text()
    (copy / "checkpoint").write_text(text.rpartition("\n— ")[0] + "\n")
    refuse(copy, "malformed note")


# --- What the operator could do, who holds the key -----------------------------------------------

def case_history_rewritten_with_the_log_key_contradicts_what_was_kept():
    content = published.leaves(data_dir)
    for place in (0, 300, len(content) // 2):
        changed = list(content)
        changed[place] = content[place][:-1] + bytes([content[place][-1] ^ 1])
        copy = forged()
        published.write(copy, changed, log_key, federation.ORIGIN)
        accept(copy)                     # in itself it is a log
        refuse(copy, "invalid transparency proof", earlier)


def case_a_record_removed_with_the_log_key_contradicts_what_was_kept():
    content = published.leaves(data_dir)
    copy = forged()
    published.write(copy, content[:100] + content[101:], log_key, federation.ORIGIN)
    refuse(copy, "invalid transparency proof", earlier)


def case_a_log_cut_short_with_the_log_key_contradicts_what_was_kept():
    content = published.leaves(data_dir)
    newest = published.size_of(earlier[-1].parent)
    copy = forged()
    published.write(copy, content[:newest - 1], log_key, federation.ORIGIN)
    refuse(copy, f"it has {newest} records", earlier)


def case_a_root_of_other_leaves_under_the_log_key_is_refused():
    content = published.leaves(data_dir)
    hashes = [client.sha256(b"\x00" + leaf) for leaf in content]
    copy = forged()
    (copy / "checkpoint").write_text(published.note(
        federation.ORIGIN, len(content), published.head(hashes[::-1]), log_key))
    refuse(copy, "downloaded inconsistent tile")


def case_a_checkpoint_in_another_name_under_the_log_key_is_refused():
    content = published.leaves(data_dir)
    root = published.head([client.sha256(b"\x00" + leaf) for leaf in content])
    copy = forged()
    (copy / "checkpoint").write_text(published.note("rivergate.example/other", len(content), root,
                                                    log_key, federation.ORIGIN))
    refuse(copy, "not a checkpoint of this log")


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
