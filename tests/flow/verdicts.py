"""One case for each verdict of the path of a message and each row of bad input at the wire.

The sender is the Python client of tests/interop/, which can be told to misbehave; the
answers are the real router's. After every case the router must still serve.
"""

import datetime
import os
import pathlib
import resource
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import cases
import client
import federation
import journal
from client import message_pb, registry_pb, session_pb

BOTEN, MOHAN, MAESOT, BAVET = "la.customs.boten", "cn.gacc.mohan", "th.customs.maesot", "kh.customs.bavet"
folder = tempfile.TemporaryDirectory(prefix="rivergate-verdicts-")
world = federation.Federation(pathlib.Path(folder.name) / "world").create(
    router_settings={"quota_rate": 50_000, "quota_burst": 150_000})
world.start_router()
registry = client.Registry(world.dir / "registry.json", world.pin())
log = client.LogKey((world.dir / "log.vkey").read_text())
signers = {address: client.Signer(world.dir / "parties" / address / "signing.key")
           for address in (BOTEN, MAESOT, BAVET)}


def secret_of(party):
    return bytes.fromhex((world.dir / "parties" / party / "curve.key").read_text().strip())


class Sender:
    """A session that says HELLO and closes itself."""

    def __init__(self, party=BOTEN, **hello):
        self.party, self.options = party, hello

    def __enter__(self):
        self.peer = client.Session(registry, self.party, secret_of(self.party))
        self.peer.hello(**self.options)
        return self.peer

    def __exit__(self, *error):
        self.peer.close()


def part(content=b"content"):
    return client.make_part("customs", "rivergate.v1.Declaration", content)


def header_of(sender=BOTEN, to=MOHAN, kind=message_pb.KIND_DECLARATION, parts=(), **fields):
    fields.setdefault("ucr", "LA-VERDICT")
    return client.make_header(sender, [to], kind, parts, **fields)


def answer(peer, header, signature, parts=()):
    """Submits; the verdict as (name, body), ADMITTED with the index."""
    peer.submit(header, signature, parts)
    frame, _ = peer.wait("receipts", "refusal")
    if frame.WhichOneof("body") == "receipts":
        proofs = client.check_receipts(
            frame.receipts, {message_pb.Header.FromString(header).id: header}, log)
        assert len(proofs) == 1
        return "ADMITTED", frame.receipts.records[0].index
    if frame.refusal.HasField("signature"):
        body = peer.check_refusal(frame.refusal)
    else:
        body = session_pb.RefusalBody.FromString(frame.refusal.body)
    assert body.rule, "a refusal names its rule"
    return session_pb.Verdict.Name(body.verdict).removeprefix("VERDICT_"), body


def id_of(header):
    return message_pb.Header.FromString(header).id


def expect(verdict, header, signature=None, parts=(), party=BOTEN, signed=True):
    """One submission on a session of its own ends with this verdict; then the router still serves."""
    with Sender(party) as peer:
        got, body = answer(peer, header, signature or signers[party].signature(header), parts)
    assert got == verdict, f"{got} instead of {verdict}: {body}"
    if signed and verdict not in ("ADMITTED", "MALFORMED", "TOO_LARGE"):
        assert body.header_hash == client.sha256(header) and body.router_time_us > 0
    return body


def still_serves():
    one, frame = part()
    expect("ADMITTED", header_of(parts=[one], ucr=f"LA-STILL-{time.time_ns()}"), parts=[frame])


# --- front -----------------------------------------------------------------------------------

def case_an_unknown_curve_key_is_not_admitted():
    peer = client.Session(registry, BOTEN, os.urandom(32))
    try:
        peer.hello(seconds=2)
    except TimeoutError:
        return
    finally:
        peer.close()
    raise AssertionError("a session without a registered key was answered")


def case_a_hello_for_another_party_is_not_a_session():
    peer = client.Session(registry, MAESOT, secret_of(BOTEN))
    try:
        peer.hello(seconds=2)
    except TimeoutError:
        return
    finally:
        peer.close()
    raise AssertionError("a session of another party was opened")


def case_sessions_that_ended_without_a_word_do_not_lock_their_party_out():
    for _ in range(70):
        with Sender(BAVET):
            pass


def case_garbage_frames_are_malformed():
    for raw in ([b"\xff" * 40], [b""], [b"\x12\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"],
                [b"\x0a\x02\x08\x01" * 5000], [os.urandom(4000)] * 3):
        with Sender() as peer:
            peer.socket.send_multipart(raw)
            frame, _ = peer.wait("refusal", seconds=5)
            body = session_pb.RefusalBody.FromString(frame.refusal.body)
            assert body.verdict == session_pb.VERDICT_MALFORMED, body
    still_serves()


def case_a_submit_without_header_is_malformed():
    with Sender() as peer:
        peer.send(session_pb.Frame(submit=session_pb.Submit(seq=1, epoch=peer.epoch)))
        frame, _ = peer.wait("refusal", seconds=5)
        body = session_pb.RefusalBody.FromString(frame.refusal.body)
        assert body.verdict == session_pb.VERDICT_MALFORMED, body


def case_headers_that_are_not_canonical_are_malformed():
    good = header_of()
    nested = b"\x82\x02\x04\x2a\x02\x12\x00"
    for bad in (good[:-1], good + b"\xf8\x07\x01", good[18:] + good[:18], b"", b"\x00" * 64,
                good.replace(b"LA-VERDICT", b"LA-VE\x00DICT"), good.replace(b"LA-VERDICT", b"LA-VE\xffDICT"),
                good + nested * 9000):
        body = expect("MALFORMED", bad[:49152])
        assert body.rule
    still_serves()


def case_a_garbage_signature_is_malformed():
    header = header_of()
    for bad in (b"\xff\xff", b"\x0a\x01\x00", os.urandom(100)):
        expect("MALFORMED", header, signature=bad)


def case_a_stripped_signature_is_refused():
    header = header_of()
    with Sender() as peer:
        assert answer(peer, header, b"")[0] == "SIGNATURE", "no key is no signature"


def case_repeated_garbage_runs_into_the_quota():
    with Sender(BAVET) as peer:
        for _ in range(2000):
            peer.socket.send_multipart([b"\xff" * 40])
        verdicts = set()
        while session_pb.VERDICT_QUOTA not in verdicts:
            frame, _ = peer.wait("refusal", seconds=10)
            verdicts.add(session_pb.RefusalBody.FromString(frame.refusal.body).verdict)
    time.sleep(3)


def case_an_oversized_header_is_too_large():
    expect("TOO_LARGE", header_of(ucr="x" * 50_000))


def case_an_oversized_part_is_too_large():
    one, frame = part(bytes((8 << 20) + 1))
    expect("TOO_LARGE", header_of(parts=[one]), parts=[frame])


def case_more_than_the_quota_is_refused_and_order_is_kept():
    with Sender(BAVET) as peer:
        header = header_of(BAVET, "vn.customs.mocbai", ucr="KH-QUOTA")
        wrong = signers[BAVET].signature(header_of(BAVET))
        for _ in range(3000):
            peer.submit(header, wrong)
        refused = None
        while not refused:
            frame, _ = peer.wait("refusal")
            body = session_pb.RefusalBody.FromString(frame.refusal.body)
            if body.verdict == session_pb.VERDICT_QUOTA:
                refused = frame.refusal
        assert body.retryable
        # What carries the refused epoch is dropped; the next epoch is served once there is quota.
        time.sleep(3)
        one, part_frame = part()
        header = header_of(BAVET, "vn.customs.mocbai", ucr="KH-QUOTA-2", parts=[one])
        signature = signers[BAVET].signature(header)
        peer.submit(header, signature, [part_frame])
        peer.epoch, peer.seq = refused.epoch + 1, 0
        peer.submit(header, signature, [part_frame])
        frame, _ = peer.wait("receipts")
        assert [entry.id for entry in frame.receipts.records] == [id_of(header)]


def outcomes(peer, count):
    """Of the next answers: ANSWERED, or the rule of the QUOTA refusal."""
    found = []
    while len(found) < count:
        frame, _ = peer.wait("refusal", "answer", seconds=5)
        if frame.WhichOneof("body") == "answer":
            found.append("ANSWERED")
            continue
        body = session_pb.RefusalBody.FromString(frame.refusal.body)
        assert body.verdict == session_pb.VERDICT_QUOTA and body.retryable, body
        found.append(body.rule)
    return found


def ask(peer, limit, count):
    """Asks so often at once for so many messages."""
    for _ in range(count):
        peer.send(query(limit))
    return outcomes(peer, count)


def query(limit):
    return session_pb.Frame(query=session_pb.Query(
        number=1, track=session_pb.TrackQuery(key="KH-QUOTA", limit=limit)))


def hello_of(party):
    return session_pb.Frame(hello=session_pb.Hello(party=party, software="hammer/1"))


def case_hellos_and_queries_within_the_quota_are_answered():
    with Sender(BAVET) as peer:
        for _ in range(30):
            peer.send(hello_of(BAVET))
            peer.wait("hello")
        assert ask(peer, 1, 30) == ["ANSWERED"] * 30


def case_hellos_are_charged_and_refused_when_the_quota_is_spent():
    time.sleep(4)
    with Sender(BAVET) as peer:
        for _ in range(600):
            peer.send(hello_of(BAVET))
        peer.send(query(1000))
        found = []
        while not {"ANSWERED", "too many queries"} & set(found):
            found += outcomes(peer, 1)
        assert set(found) == {"too many HELLOs", "too many queries"}, "one quota for all that a party does"
        time.sleep(4)
        assert ask(peer, 1, 1) == ["ANSWERED"], "it fills again"
    still_serves()


def case_queries_are_charged_by_what_they_may_bring_up():
    time.sleep(4)
    with Sender(BAVET) as peer, Sender(BAVET) as second:
        found = ask(peer, 1000, 60)
        assert set(found) == {"ANSWERED", "too many queries"} and found.count("ANSWERED") < 40, found
        assert "too many queries" in ask(second, 1000, 3), "a second session has no quota of its own"
        with Sender(MAESOT) as other:
            assert ask(other, 1000, 3) == ["ANSWERED"] * 3, "another party has its own"
    time.sleep(4)


# --- verify ----------------------------------------------------------------------------------

def case_another_partys_message_is_refused_as_sender():
    header = header_of(MAESOT, BOTEN)
    expect("SENDER", header, signers[MAESOT].signature(header), party=BOTEN)


def case_a_changed_header_is_refused_by_signature():
    header = header_of()
    other = header_of(ucr="LA-OTHER")
    expect("SIGNATURE", header, signers[BOTEN].signature(other))


def case_a_key_in_no_directory_is_refused_by_signature():
    stranger = folder.name + "/stranger"
    world.cli("keygen", "governance", "--out", stranger, "--member", "la")
    header = header_of()
    expect("SIGNATURE", header, client.Signer(stranger + ".key").signature(header))


def case_another_algorithm_than_the_keys_is_refused():
    header = header_of()
    signature = message_pb.Signature.FromString(signers[BOTEN].signature(header))
    signature.algorithm = message_pb.ALGORITHM_ED25519
    expect("SIGNATURE", header, client.pack(signature))


def case_a_batch_proof_for_another_place_is_refused():
    headers = [header_of(ucr=f"LA-BATCH-{i}") for i in range(4)]
    signatures = signers[BOTEN].batch(headers)
    expect("SIGNATURE", headers[1], signatures[2])
    proof = message_pb.Signature.FromString(signatures[1])
    proof.batch.path = proof.batch.path[:-32]
    expect("SIGNATURE", headers[1], client.pack(proof))


def case_a_part_that_does_not_match_its_commitment_is_refused_by_content():
    one, frame = part()
    header = header_of(parts=[one])
    body = expect("CONTENT", header, parts=[frame[:-1] + b"X"])
    assert "parts[0]" in body.field, body


def case_fewer_parts_than_the_header_says_are_malformed():
    one, frame = part()
    header = header_of(parts=[one, one])
    expect("MALFORMED", header, parts=[frame])


def case_a_withheld_part_is_admitted():
    one, _ = part()
    expect("ADMITTED", header_of(parts=[one], ucr="LA-WITHHELD"), parts=[b""])


# --- admit -----------------------------------------------------------------------------------

def case_a_destination_nobody_serves_is_refused_by_route():
    expect("ROUTE", header_of(to="xx.nobody"))


def case_what_no_rule_allows_is_refused_by_channel():
    expect("CHANNEL", header_of(to=MAESOT, kind=message_pb.KIND_ENQUIRY))


def case_a_message_from_the_future_is_refused_by_time():
    ahead = int((time.time() + 400) * 1e6)
    body = expect("TIME", header_of(sent_at_us=ahead))
    assert abs(body.router_time_us / 1e6 - time.time()) < 60, "the router tells its time"


def case_an_expired_message_is_refused_by_time():
    now = int(time.time() * 1e6)
    expect("TIME", header_of(sent_at_us=now - 10_000_000, expires_at_us=now - 1_000_000))


def case_a_message_that_waited_for_days_is_admitted():
    expect("ADMITTED", header_of(sent_at_us=int((time.time() - 5 * 86400) * 1e6), ucr="LA-LATE"))


def case_a_replay_has_one_record_and_another_header_is_a_conflict():
    header = header_of(ucr="LA-REPLAY")
    first = expect("ADMITTED", header)
    assert expect("ADMITTED", header) == first
    identity = message_pb.Header.FromString(header).id
    other = header_of(ucr="LA-REPLAY-2", id=identity)
    body = expect("CONFLICT", other)
    assert body.known_header_hash == client.sha256(header)
    found = [record for record in journal.records(world.dir / "router/journal")
             if record.kind == journal.MESSAGE and record.body == header]
    assert len(found) == 1, "one record for one identity"


def case_path_traversal_and_controls_are_refused():
    for ucr in ("../../etc/passwd\n", "a\tb", "\x1b[2J"):
        expect("MALFORMED", header_of(ucr=ucr))
    for address in ("../etc", "la..boten", "LA.customs", "la.customs\n"):
        expect("MALFORMED", header_of(to=address))


def publish(party, kind, name, content):
    """Sends a governance file through a party's session: its verdict."""
    governance_part, frame = client.make_part(name, "application/octet-stream", content)
    header = client.make_header(party, [], kind, [governance_part])
    with Sender(party) as peer:
        return answer(peer, header, signers[party].signature(header), [frame])


def governed(path):
    from google.protobuf import json_format
    return json_format.Parse(pathlib.Path(path).read_text(), registry_pb.Governed())


def case_a_directory_that_contradicts_is_refused_by_governance():
    current = governed(world.dir / "directories/la.json")
    assert publish(BOTEN, message_pb.KIND_DIRECTORY, "directory", client.pack(current))[0] == "GOVERNANCE"
    foreign = governed(world.dir / "directories/th.json")
    content = registry_pb.Directory.FromString(foreign.content)
    content.version += 1
    foreign.content = client.pack(content)
    verdict, body = publish(BOTEN, message_pb.KIND_DIRECTORY, "directory", client.pack(foreign))
    assert verdict == "GOVERNANCE" and body.text, body


def case_a_revoked_key_is_refused_and_what_it_sent_before_stays():
    crl = world.dir / "members/th/th.crl"
    before = header_of(MAESOT, BOTEN, ucr="TH-BEFORE")
    signature = signers[MAESOT].signature(before)
    expect("ADMITTED", before, signature, party=MAESOT)
    world.cli("directory", "revoke", "--ca", world.dir / "members/th/root", "--crl", crl,
              world.dir / "parties" / MAESOT / "signing.crt")
    forged = crl.read_bytes()[:-1] + bytes([crl.read_bytes()[-1] ^ 1])
    verdict, _ = publish(MAESOT, message_pb.KIND_REVOCATION_LIST, "revocation-list", forged)
    assert verdict == "GOVERNANCE", "a list that its member's root did not sign"
    verdict, _ = publish(BAVET, message_pb.KIND_REVOCATION_LIST, "revocation-list", crl.read_bytes())
    assert verdict == "GOVERNANCE", "members publish their own lists"
    verdict, body = publish(MAESOT, message_pb.KIND_REVOCATION_LIST, "revocation-list", crl.read_bytes())
    assert verdict == "ADMITTED", body
    expect("REVOKED", header_of(MAESOT, BOTEN, ucr="TH-AFTER"), party=MAESOT)
    expect("ADMITTED", before, signature, party=MAESOT)


# --- Directories that change ------------------------------------------------------------------

def next_directory(*words):
    """The Lao directory with one more change, signed again."""
    file = world.dir / "directories/la.json"
    world.cli("directory", *words, file)
    world.cli("directory", "sign", file, "--key", world.dir / "members/la/governance.key")
    return client.pack(governed(file))


def expired_certificate(party):
    """A certificate of the Lao root for this party that ended yesterday."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    member = world.dir / "members/la"
    root = x509.load_pem_x509_certificate((member / "root.crt").read_bytes())
    root_key = serialization.load_pem_private_key((member / "root.key").read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.utcnow()
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder().subject_name(root.subject).issuer_name(root.subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=30))
        .not_valid_after(now - datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(False, None), True).add_extension(usage, True)
        .add_extension(x509.SubjectAlternativeName(
            [x509.UniformResourceIdentifier(f"rivergate:{party}")]), False)
        .sign(root_key, hashes.SHA256()))
    folder_of = world.dir / "parties" / party
    folder_of.mkdir()
    (folder_of / "signing.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder_of / "signing.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    world.cli("keygen", "curve", "--out", folder_of / "curve")
    return folder_of


def case_a_new_directory_admits_a_party_and_an_expired_certificate_is_refused():
    party = "la.customs.old"
    folder_of = expired_certificate(party)
    content = next_directory("add-party", "--address", party, "--name", "Old post",
                             "--role", "BORDER_POST", "--signing", folder_of / "signing.crt",
                             "--curve", folder_of / "curve.pub")
    verdict, body = publish(BOTEN, message_pb.KIND_DIRECTORY, "directory", content)
    assert verdict == "ADMITTED", body
    signers[party] = client.Signer(folder_of / "signing.key")
    expect("CERTIFICATE", header_of(party), party=party)


def case_an_open_session_of_a_withdrawn_key_is_cut_at_its_next_frame():
    party = "la.customs.old"
    with Sender(party) as peer:
        content = next_directory("add-party", "--address", party, "--name", "Old post",
                                 "--withdrawn", "--replace")
        verdict, body = publish(BOTEN, message_pb.KIND_DIRECTORY, "directory", content)
        assert verdict == "ADMITTED", body
        end = time.monotonic() + 20
        while time.monotonic() < end:
            header = header_of(party)
            peer.submit(header, signers[party].signature(header))
            try:
                frame, _ = peer.wait("refusal", "receipts", seconds=1)
            except TimeoutError:
                break
            if session_pb.RefusalBody.FromString(frame.refusal.body).verdict == session_pb.VERDICT_SENDER:
                break
        else:
            raise AssertionError("a withdrawn key is still served")
    peer = client.Session(registry, party, secret_of(party))
    try:
        peer.hello(seconds=2)
    except TimeoutError:
        return
    finally:
        peer.close()
    raise AssertionError("a withdrawn key got a new session")


# --- Storage ----------------------------------------------------------------------------------

def case_a_full_disk_refuses_submissions_and_recovers_by_itself():
    process = world.router.process.pid
    segment = max((world.dir / "router/journal").glob("*.seg"))
    resource.prlimit(process, resource.RLIMIT_FSIZE, (segment.stat().st_size, resource.RLIM_INFINITY))
    refused = None
    try:
        for i in range(20):
            one, frame = part(bytes(8 << 20))
            header = header_of(parts=[one], ucr=f"LA-FULL-{i}")
            with Sender() as peer:
                verdict, body = answer(peer, header, signers[BOTEN].signature(header), [frame])
            if verdict == "STORAGE":
                refused = body
                break
            assert verdict == "ADMITTED", body
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    assert refused and refused.retryable, "nothing was refused although the disk is full"
    end = time.monotonic() + 20
    while time.monotonic() < end:
        one, frame = part()
        header = header_of(parts=[one], ucr="LA-ROOM-AGAIN")
        with Sender() as peer:
            verdict, body = answer(peer, header, signers[BOTEN].signature(header), [frame])
        if verdict == "ADMITTED":
            return
        time.sleep(0.5)
    raise AssertionError(f"still {verdict} although there is room again: {body}")


def case_a_lost_index_and_lost_tiles_are_rebuilt():
    header = header_of(ucr="LA-REBUILT")
    signature = signers[BOTEN].signature(header)
    with Sender() as peer:
        index = answer(peer, header, signature)[1]
    assert world.router.stop() == 0
    for name in ("index", "tile", "tiles"):
        shutil.rmtree(world.dir / "router" / name, ignore_errors=True)
    world.start_router()
    with Sender() as peer:
        assert answer(peer, header, signature) == ("ADMITTED", index)


def case_knocking_strangers_are_refused_without_filling_the_log():
    before = world.router.text().count(" key-refused ")
    strangers = [client.Session(registry, BOTEN, os.urandom(32)) for _ in range(60)]
    time.sleep(1.5)
    strangers.append(client.Session(registry, BOTEN, os.urandom(32)))
    time.sleep(0.5)
    for stranger in strangers:
        stranger.close()
    logged = world.router.text().count(" key-refused ") - before
    assert 5 <= logged <= 20, logged
    assert " more-keys-refused " in world.router.text()
    assert expect("ADMITTED", header_of(ucr="LA-AFTER-KNOCKS"))


def finish():
    assert not world.stop()
    folder.cleanup()


cases.run(globals())
