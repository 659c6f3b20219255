"""A client that none of our C code helped: one message from CURVE to checkpoint, and back."""

import base64
import pathlib
import sys
import tempfile

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1] / "flow")]

import cases
import client
import federation
import logs
from client import message_pb, record_pb, session_pb

BOTEN, MOHAN = "la.customs.boten", "cn.gacc.mohan"
folder = tempfile.TemporaryDirectory(prefix="rivergate-interop-")
world = federation.Federation(pathlib.Path(folder.name) / "world").create()
world.start_router()
registry = client.Registry(world.dir / "registry.json", world.pin())
log = client.LogKey((world.dir / "log.vkey").read_text())


def session(party):
    secret = bytes.fromhex((world.dir / "parties" / party / "curve.key").read_text().strip())
    return client.Session(registry, party, secret)


def signer(party):
    return client.Signer(world.dir / "parties" / party / "signing.key")


def declaration(ucr="LA-INTEROP-1", **fields):
    part, frame = client.make_part("customs", "rivergate.v1.Declaration", b"")
    header = client.make_header(BOTEN, [MOHAN], message_pb.KIND_DECLARATION, [part], ucr=ucr,
                                version=1, purpose=message_pb.PURPOSE_ADVANCE,
                                lodged_by=message_pb.LODGED_BY_AUTHORITY_COPY, **fields)
    return header, frame


def collect(peer, wanted):
    """Receipts for all of these {id: header}: {id: proof text}."""
    proofs = {}
    while len(proofs) < len(wanted):
        frame, _ = peer.wait("receipts", "refusal")
        assert frame.WhichOneof("body") == "receipts", frame
        mine = {entry.id: wanted[entry.id] for entry in frame.receipts.records}
        proofs.update(client.check_receipts(frame.receipts, mine, log))
    return proofs


def id_of(header):
    return message_pb.Header.FromString(header).id


def case_one_message_gets_a_receipt_that_proves_inclusion():
    peer = session(BOTEN)
    peer.hello()
    header, part = declaration()
    peer.submit(header, signer(BOTEN).signature(header), [part])
    proofs = collect(peer, {id_of(header): header})
    peer.close()
    assert client.check_proof(proofs[id_of(header)], header, log) > 0


def case_a_batch_signed_once_is_receipted_message_by_message():
    peer = session(BOTEN)
    peer.hello()
    made = [declaration(ucr=f"LA-BATCH-{i}") for i in range(37)]
    headers = [header for header, _ in made]
    for (header, part), signature in zip(made, signer(BOTEN).batch(headers)):
        peer.submit(header, signature, [part])
    proofs = collect(peer, {id_of(header): header for header in headers})
    peer.close()
    indexes = [client.check_proof(proofs[id_of(header)], header, log) for header in headers]
    assert indexes == sorted(indexes), "the order of submission is the order of the log"


def case_the_same_message_again_keeps_its_index():
    peer = session(BOTEN)
    peer.hello()
    header, part = declaration(ucr="LA-AGAIN")
    signature = signer(BOTEN).signature(header)
    found = []
    for _ in range(2):
        peer.submit(header, signature, [part])
        proofs = collect(peer, {id_of(header): header})
        found.append(client.check_proof(proofs[id_of(header)], header, log))
    peer.close()
    assert found[0] == found[1]


def case_the_recipient_gets_what_was_signed():
    receiver = session(MOHAN)
    receiver.hello(receive=True)
    sender = session(BOTEN)
    sender.hello()
    header, part = declaration(ucr="LA-DELIVER")
    signature = signer(BOTEN).signature(header)
    sender.submit(header, signature, [part])
    collect(sender, {id_of(header): header})
    while True:
        frame, raw = receiver.wait("deliver")
        receiver.settle(frame.deliver.index)
        receiver.send(session_pb.Frame(credit=session_pb.Credit(messages=1, bytes=1 << 20)))
        if raw[0] == header:
            break
    assert raw[1] == signature and raw[2] == part
    meta = record_pb.Meta.FromString(frame.deliver.meta)
    assert meta.time_us > 0 and meta.directory_index > 0
    sender.close()
    receiver.close()


def case_a_changed_header_is_found_by_the_proof():
    peer = session(BOTEN)
    peer.hello()
    header, part = declaration(ucr="LA-FORGED")
    peer.submit(header, signer(BOTEN).signature(header), [part])
    proof = collect(peer, {id_of(header): header})[id_of(header)]
    peer.close()
    forged = header.replace(b"LA-FORGED", b"LA-F0RGED")
    try:
        client.check_proof(proof, forged, log)
    except client.ProofError:
        return
    raise AssertionError("the proof holds for another header")


def case_a_changed_checkpoint_is_found():
    published = world.dir / "router/checkpoint"
    logs.wait_until(published.exists, "a checkpoint, which comes after the receipts")
    text = published.read_text()
    log.open(text)
    origin, size, root, *rest = text.split("\n")
    other = base64.b64encode(bytes(32)).decode()
    for forged in ("\n".join([origin, str(int(size) + 1), root, *rest]),
                   "\n".join([origin, size, other, *rest])):
        try:
            log.open(forged)
        except client.ProofError:
            continue
        raise AssertionError("a forged checkpoint opens")


def case_a_refusal_is_signed_by_the_router():
    peer = session(BOTEN)
    peer.hello()
    header = client.make_header(BOTEN, ["xx.nobody"], message_pb.KIND_DECLARATION)
    peer.submit(header, signer(BOTEN).signature(header))
    frame, _ = peer.wait("refusal", "receipts")
    body = peer.check_refusal(frame.refusal)
    peer.close()
    assert body.verdict == session_pb.VERDICT_ROUTE, body
    assert body.header_hash == client.sha256(header) and body.rule and body.text


def case_the_worked_vector_holds_in_python():
    import json
    vector = json.loads((client.SOURCE / "tests/vectors/receipts.json").read_text())
    vector_log = client.LogKey(vector["logVkey"])
    receipts = session_pb.Receipts.FromString(bytes.fromhex(vector["receipts"]))
    headers = {id_of(bytes.fromhex(text)): bytes.fromhex(text) for text in vector["headers"]}
    proofs = client.check_receipts(receipts, headers, vector_log)
    assert list(proofs.values()) == vector["proofs"]


def finish():
    world.stop()
    folder.cleanup()


cases.run(globals())
