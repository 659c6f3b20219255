"""A party's view of the log: it verifies like the whole, and nothing of others can be read in it.

Who may read what is computed here from the headers and the directories, with none of our C code.
"""

import json
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

import cases
import client
import evidence_log
import federation
import published
from client import message_pb, record_pb

BOTEN, MOHAN, MAESOT = "la.customs.boten", "cn.gacc.mohan", "th.customs.maesot"
MOCBAI, BAVET, MYAWADDY = "vn.customs.mocbai", "kh.customs.bavet", "mm.customs.myawaddy"
GATE = "kh.customs.bavet.gate"               # a party of its own only in the second half
LA_AUDIT = federation.Post("la.audit", "State audit", ("AUDITOR",), "")
VN_AUDIT = federation.Post("vn.audit", "State audit", ("AUDITOR",), "")
JOINT = federation.Post("th.mekong-audit", "Joint audit", ("AUDITOR",), "")
PATHS = ((BOTEN, MOHAN), (BOTEN, MAESOT), (MOCBAI, BAVET), (MOCBAI, BOTEN), (MYAWADDY, MAESOT),
         (MOCBAI, GATE))
DONE, NO, USAGE = 0, 1, 2

folder = tempfile.TemporaryDirectory(prefix="rivergate-view-")
here = pathlib.Path(folder.name)
world = federation.Federation(here / "world", (*federation.POSTS, LA_AUDIT, VN_AUDIT, JOINT))
world.auditors = (JOINT.address,)
world.create()
data_dir = world.dir / "router"
registry = client.Registry(world.dir / "registry.json", world.pin())
log = client.LogKey((world.dir / "log.vkey").read_text())
rng = random.Random(11)
routed = {}                                  # index: addresses of the parties of that time


def send(rounds, parties):
    """Messages on every path; notes whose they are: the longest prefix among the parties in force."""
    for sender, to in PATHS:
        secret = bytes.fromhex((world.dir / "parties" / sender / "curve.key").read_text().strip())
        peer = client.Session(registry, sender, secret)
        peer.hello()
        signer, headers = client.Signer(world.dir / "parties" / sender / "signing.key"), {}
        for _ in range(rounds):
            part, frame = client.make_part("customs", "rivergate.v1.Declaration", rng.randbytes(40))
            header = client.make_header(
                sender, [to], message_pb.KIND_DECLARATION, [part], version=1,
                ucr=f"{sender[:2].upper()}-{to[:2].upper()}-{rng.randrange(1 << 60)}",
                purpose=message_pb.PURPOSE_ADVANCE,
                lodged_by=message_pb.LODGED_BY_AUTHORITY_COPY)
            headers[message_pb.Header.FromString(header).id] = header
            peer.submit(header, signer.signature(header), [frame])
        left = rounds
        while left:
            answer, _ = peer.wait("receipts", "refusal")
            assert answer.WhichOneof("body") == "receipts", peer.check_refusal(answer.refusal)
            left -= len(answer.receipts.records)
            for record in answer.receipts.records:
                owner = max((party for party in parties if (to + ".").startswith(party + ".")), key=len)
                routed[record.index] = {sender, owner}
        peer.close()


def add_gate():
    """From now on the gate is a party of its own: what is for it no longer goes to Bavet."""
    home = world.dir / "parties" / GATE
    home.mkdir()
    world.cli("keygen", "curve", "--out", home / "curve")
    world.cli("keygen", "signing", "--out", home / "signing", "--address", GATE,
              "--ca", world.dir / "members/kh/root")
    file = world.dir / "directories/kh.json"
    world.cli("directory", "add-party", "--address", GATE, "--name", "Gate", "--role", "BORDER_POST",
              "--signing", home / "signing.crt", "--curve", home / "curve.pub", file)
    world.cli("directory", "sign", file, "--key", world.dir / "members/kh/governance.key")
    changes = world.router.text().count(" core trust-changed ")
    world.router.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 20
    while world.router.text().count(" core trust-changed ") == changes:
        assert time.monotonic() < end, world.router.text()[-1000:]
        time.sleep(0.05)


def make(party, code=DONE, source=data_dir, to=None):
    """`rivergate audit export --as`; the folder of the view."""
    to = to or here / "views" / party
    done = world.cli("audit", "export", "--as", party, "--to", to, source, check=False)
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    return (to, done.stderr) if code else to


def own_leaves(view):
    """{index: leaf} of the files of a view."""
    return {int("".join(path.relative_to(view / "leaf").parts).replace("x", "")): path.read_bytes()
            for path in (view / "leaf").rglob("*") if path.is_file()}


def may_read(index, address):
    parties = routed.get(index, set())
    if address.endswith(".audit"):
        return any(party[:2] == address[:2] for party in parties)
    return address in parties


def check_view(view, address):
    """Same checkpoint, same tiles, own leaves, and nothing else at all."""
    everything = published.leaves(data_dir)
    size, root = log.open((view / "checkpoint").read_text())
    assert (view / "checkpoint").read_bytes() == (data_dir / "checkpoint").read_bytes()
    wanted = here / "wanted"
    shutil.rmtree(wanted, ignore_errors=True)
    wanted.mkdir()
    assert published.write_tiles(wanted, everything) == root
    tiles = {name: content for name, content in published.files(wanted).items()
             if not name.startswith("tile/entries/")}
    assert published.files(view) == tiles, "all hash tiles of this size and nothing beside them"
    leaves = own_leaves(view)
    assert leaves == {index: everything[index] for index in range(size)
                      if routed.get(index) and may_read(index, address)}, sorted(leaves)
    top = {path.name for path in view.iterdir()}
    assert top <= {"checkpoint", "log.vkey", "witnesses.vkeys", "view", "tile", "leaf"}, top
    return leaves


def content_of(view):
    return b"\n".join(path.read_bytes() for path in view.rglob("*") if path.is_file())


def others(address):
    """Leaves that this party may not read, with what must not be found of them."""
    for index, leaf in enumerate(published.leaves(data_dir)):
        if may_read(index, address):
            continue
        meta_len = int.from_bytes(leaf[2:4], "big")
        body_at = 6 + meta_len
        body = leaf[body_at:body_at + int.from_bytes(leaf[body_at - 2:body_at], "big")]
        found = [leaf, body]
        if leaf[1] == record_pb.RECORD_TYPE_MESSAGE:
            header = message_pb.Header.FromString(body)
            found += [header.id, header.ucr.encode(), *(part.commitment for part in header.parts)]
        yield index, [piece for piece in found if len(piece) >= 8]


def verify(view, code=DONE):
    done = world.cli("audit", "verify", "--json", "--registry", world.dir / "registry.json",
                     "--directories", world.dir / "directories", "--pin", world.pin(), view, check=False)
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    return json.loads(done.stdout)


def copy_of(view):
    copy = here / "changed"
    shutil.rmtree(copy, ignore_errors=True)
    return pathlib.Path(shutil.copytree(view, copy))


def prepare():
    world.start_router()
    parties = {post.address for post in federation.POSTS}
    send(30, parties)
    add_gate()
    send(20, parties | {GATE})
    assert world.router.stop() == 0
    world.router = None
    (here / "views").mkdir()


prepare()


def case_a_sender_sees_what_it_sent_and_received_and_nothing_else():
    leaves = check_view(make(BOTEN), BOTEN)
    assert len(leaves) == 50 + 50 + 50


def case_every_partys_view_holds_its_own_leaves_and_no_byte_of_others():
    for address in (MOHAN, MAESOT, MOCBAI, BAVET, MYAWADDY, GATE):
        view = make(address)
        assert check_view(view, address), "there is something for everybody"
        text = content_of(view)
        for index, pieces in others(address):
            assert not any(piece in text for piece in pieces), f"{address} can read record {index}"


def case_the_search_for_others_content_would_find_it():
    view = copy_of(here / "views" / BOTEN)
    index, pieces = next((index, pieces) for index, pieces in others(BOTEN) if len(pieces) > 3)
    (view / "leaf" / published.number_path(index)).write_bytes(pieces[0])
    text = content_of(view)
    assert any(piece in text for piece in pieces)


def case_a_message_stays_with_whom_it_was_routed_to():
    bavet, gate = own_leaves(here / "views" / BAVET), own_leaves(here / "views" / GATE)
    assert len(bavet) == 30 + 50 and len(gate) == 20, "before and after the gate was a party"
    assert not bavet.keys() & gate.keys()


def case_an_auditor_sees_what_the_parties_of_his_member_see():
    for address in (LA_AUDIT.address, VN_AUDIT.address):
        view = make(address)
        leaves = check_view(view, address)
        text = content_of(view)
        assert 0 < len(leaves) < len(routed)
        for index, pieces in others(address):
            assert not any(piece in text for piece in pieces), f"{address} can read record {index}"


def case_a_joint_auditor_sees_every_record():
    view = make(JOINT.address)
    assert own_leaves(view) == dict(enumerate(published.leaves(data_dir)))
    assert verify(view)["withheld"] == 0


def case_a_party_without_messages_sees_hashes_alone():
    view = make(federation.OPERATOR.address)
    assert check_view(view, federation.OPERATOR.address) == {}


def case_a_view_verifies():
    for address in (BOTEN, GATE, LA_AUDIT.address):
        said = verify(here / "views" / address)
        assert said["verified"] and said["view"] == address, said
        assert said["size"] == published.size_of(data_dir)
        assert said["withheld"] == said["size"] - len(own_leaves(here / "views" / address))


def case_a_changed_leaf_in_a_view_is_found_and_named():
    view = copy_of(here / "views" / BOTEN)
    index = sorted(own_leaves(view))[7]
    path = view / "leaf" / published.number_path(index)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    said = verify(view, NO)
    assert index in [finding["record"] for finding in said["findings"]], said


def case_a_leaf_put_in_another_place_is_found():
    view = copy_of(here / "views" / BOTEN)
    one, other = sorted(own_leaves(view))[:2]
    (view / "leaf" / published.number_path(other)).write_bytes(
        (view / "leaf" / published.number_path(one)).read_bytes())
    assert not verify(view, NO)["verified"]


def case_a_changed_tile_in_a_view_is_found():
    view = copy_of(here / "views" / BOTEN)
    path = view / "tile/0/000"
    data = bytearray(path.read_bytes())
    data[77] ^= 4
    path.write_bytes(data)
    assert not verify(view, NO)["verified"]


def case_a_view_that_a_strangers_key_signed_is_found():
    """Its own log.vkey goes with it; the registry that is given names another one."""
    view = copy_of(here / "views" / BOTEN)
    path = here / "stranger.pem"
    path.write_bytes(ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    name, size, root = (view / "checkpoint").read_text().split("\n")[:3]
    stranger, text = evidence_log.NoteKey(name, path, 1), f"{name}\n{size}\n{root}\n"
    (view / "checkpoint").write_text(f"{text}\n{stranger.line(text)}")
    (view / "log.vkey").write_text(stranger.vkey() + "\n")
    said = verify(view, NO)
    assert [finding["rule"] for finding in said["findings"]] == ["LOG_KEY"], said


def case_a_stranger_gets_no_view():
    for address, code in (("la.customs.nowhere", NO), ("xx.nobody", NO), ("not an address", USAGE)):
        to = here / "views/stranger"
        make(address, code, to=to)
        assert not to.exists()


def case_a_folder_with_something_in_it_is_left_alone():
    to = here / "full"
    to.mkdir()
    (to / "mine").write_text("mine")
    _, said = make(BOTEN, NO, to=to)
    assert "not empty" in said and [path.name for path in to.iterdir()] == ["mine"]


def case_a_view_of_a_view_is_refused():
    _, said = make(MOHAN, NO, source=here / "views" / BOTEN, to=here / "again")
    assert "view" in said


def case_a_damaged_log_gives_no_view():
    for name, offset in (("tile/entries/000", 5000), ("tile/0/000", 100), ("checkpoint", 30)):
        source = here / "damaged"
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir()
        for part in ("tile", "journal"):
            shutil.copytree(data_dir / part, source / part)
        for part in ("checkpoint", "log.vkey"):
            shutil.copy(data_dir / part, source / part)
        data = bytearray((source / name).read_bytes())
        data[offset] ^= 1
        (source / name).write_bytes(data)
        to = here / "from-damaged"
        shutil.rmtree(to, ignore_errors=True)
        _, said = make(BOTEN, NO, source=source, to=to)
        assert name in said, said
        assert not (to / "checkpoint").exists(), "what was not finished is no view"


def case_without_the_journal_nobody_knows_to_whom_messages_went():
    source = here / "bare"
    source.mkdir()
    shutil.copytree(data_dir / "tile", source / "tile")
    for part in ("checkpoint", "log.vkey"):
        shutil.copy(data_dir / part, source / part)
    _, said = make(BOTEN, NO, source=source, to=here / "from-bare")
    assert "journal" in said, said


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
