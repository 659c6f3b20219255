"""Delivery and life of the real router: order, retry, fencing, expiry, set-aside, signals.

Sender and receiver are the Python client of tests/interop/.
"""

import pathlib
import shutil
import signal
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import cases
import client
import federation
import journal
from client import message_pb, record_pb, session_pb

BOTEN, MOHAN, BAVET, MOCBAI = "la.customs.boten", "cn.gacc.mohan", "kh.customs.bavet", "vn.customs.mocbai"
folder = tempfile.TemporaryDirectory(prefix="rivergate-delivery-")
world = federation.Federation(pathlib.Path(folder.name) / "world").create()
world.start_router()
registry = client.Registry(world.dir / "registry.json", world.pin())
log = client.LogKey((world.dir / "log.vkey").read_text())


def session(party, **hello):
    secret = bytes.fromhex((world.dir / "parties" / party / "curve.key").read_text().strip())
    peer = client.Session(registry, party, secret)
    peer.hello(**hello)
    return peer


def send(ucr, sender=BOTEN, to=MOHAN, **fields):
    """Submits one declaration and waits for its receipt: (header, index)."""
    one, frame = client.make_part("customs", "rivergate.v1.Declaration", b"content")
    header = client.make_header(sender, [to], message_pb.KIND_DECLARATION, [one], ucr=ucr, **fields)
    signature = client.Signer(world.dir / "parties" / sender / "signing.key").signature(header)
    peer = session(sender)
    peer.submit(header, signature, [frame])
    answer, _ = peer.wait("receipts", "refusal")
    peer.close()
    assert answer.WhichOneof("body") == "receipts", answer
    return header, answer.receipts.records[0].index


def take(peer, settle=True, seconds=20):
    """The next delivery: (Deliver, header); gives its credit back."""
    frame, raw = peer.wait("deliver", seconds=seconds)
    header = message_pb.Header.FromString(raw[0])
    if settle:
        peer.settle(frame.deliver.index, header.id if frame.deliver.derived else b"")
        peer.send(session_pb.Frame(credit=session_pb.Credit(messages=1, bytes=1 << 20)))
    return frame.deliver, header


def nothing_comes(peer, seconds=1.5):
    try:
        peer.wait("deliver", seconds=seconds)
    except TimeoutError:
        return True
    return False


def ask(party, **query):
    peer = session(party)
    peer.send(session_pb.Frame(query=session_pb.Query(number=7, **query)))
    frame, _ = peer.wait("answer")
    peer.close()
    return frame.answer


def states(ucr, party=BOTEN):
    answer = ask(party, track=session_pb.TrackQuery(key=ucr))
    return [session_pb.DeliveryState.Name(delivery.state).removeprefix("DELIVERY_STATE_")
            for message in answer.messages for delivery in message.deliveries]


def case_one_consignment_is_delivered_in_order_one_at_a_time():
    sent = [send("LA-ORDER")[1] for _ in range(3)]
    receiver = session(MOHAN, receive=True)
    first, _ = take(receiver, settle=False)
    assert nothing_comes(receiver), "the second left before the first was settled"
    receiver.settle(first.index)
    rest = [take(receiver)[0] for _ in range(2)]
    receiver.close()
    assert [first.index, *(deliver.index for deliver in rest)] == sent
    assert [first.counter + 1, first.counter + 2] == [deliver.counter for deliver in rest]


def case_what_was_not_settled_comes_again_to_the_next_session():
    _, index = send("LA-AGAIN")
    receiver = session(MOHAN, receive=True)
    first, _ = take(receiver, settle=False)
    receiver.close()
    receiver = session(MOHAN, receive=True)
    again, _ = take(receiver, seconds=60)
    receiver.close()
    assert first.index == again.index == index and again.attempt > first.attempt


def case_what_was_settled_does_not_come_again_after_a_restart():
    send("LA-SETTLED")
    receiver = session(MOHAN, receive=True)
    take(receiver)
    end = time.monotonic() + 10
    while states("LA-SETTLED") != ["SETTLED"]:
        assert time.monotonic() < end, "the settlement never became a record"
        time.sleep(0.05)
    receiver.close()
    assert world.router.stop() == 0
    world.start_router()
    receiver = session(MOHAN, receive=True)
    assert nothing_comes(receiver)
    receiver.close()


def case_a_newer_receiving_session_fences_the_older_and_queries_do_not():
    older = session(MOHAN, receive=True)
    session(MOHAN).close()
    _, index = send("LA-FENCE-1")
    assert take(older)[0].index == index, "a session that only asks fences nobody"
    newer = session(MOHAN, receive=True)
    frame, _ = older.wait("hello")
    assert frame.hello.fenced
    _, index = send("LA-FENCE-2")
    assert take(newer)[0].index == index
    assert nothing_comes(older)
    older.close()
    newer.close()


def case_an_undelivered_message_expires_and_its_sender_is_told_by_the_router():
    header, index = send("KH-EXPIRY", BAVET, MOCBAI, expires_at_us=int((time.time() + 2) * 1e6))
    sender = session(BAVET, receive=True)
    frame, raw = sender.wait("deliver", seconds=30)
    told = message_pb.Header.FromString(raw[0])
    assert frame.deliver.derived and told.kind == message_pb.KIND_EXPIRY
    assert told.expiry.destination == MOCBAI
    assert [ref.header_hash for ref in told.refs] == [client.sha256(header)]
    key = client.Ed25519PublicKey.from_public_bytes(registry.router.router_key)
    signature = message_pb.Signature.FromString(raw[1])
    key.verify(signature.value, b"rivergate/v1 header\n" + raw[0])
    sender.settle(frame.deliver.index, told.id)
    sender.close()
    assert states("KH-EXPIRY", BAVET)[-1] == "EXPIRED"
    receiver = session(MOCBAI, receive=True)
    assert nothing_comes(receiver), "what has expired is not delivered"
    receiver.close()
    kinds = [record.kind for record in journal.records(world.dir / "router/journal")]
    assert journal.TICK in kinds, "time passed in the journal"


def case_a_set_aside_is_remembered_with_its_reason_and_releases_the_next():
    _, index = send("LA-ASIDE")
    _, following = send("LA-ASIDE")
    receiver = session(MOHAN, receive=True)
    first, _ = take(receiver, settle=False)
    assert first.index == index
    receiver.send(session_pb.Frame(settled=session_pb.Settled(set_aside=[record_pb.SetAside(
        delivery=record_pb.DeliveryRef(index=index), reason="PLUGIN_CRASH")])))
    after, _ = take(receiver)
    receiver.close()
    assert after.index == following and after.marks, "the next carries the mark"
    answer = ask(BOTEN, track=session_pb.TrackQuery(key="LA-ASIDE"))
    aside = [delivery for message in answer.messages for delivery in message.deliveries
             if delivery.state == session_pb.DELIVERY_STATE_SET_ASIDE]
    assert [delivery.reason for delivery in aside] == ["PLUGIN_CRASH"]


def ended_connections():
    return world.router.text().count("connection has ended")


def named(party, routing_id, **hello):
    """A session whose peer chose its own routing id, as nobody should."""
    secret = bytes.fromhex((world.dir / "parties" / party / "curve.key").read_text().strip())
    peer = client.Session(registry, party, secret)
    endpoint = registry.router.endpoint
    peer.socket.disconnect(endpoint)
    peer.socket.routing_id = routing_id
    peer.socket.connect(endpoint)
    if hello:
        peer.hello(**hello)
    return peer


def case_a_live_sessions_routing_id_is_not_taken_over():
    victim = named(MOHAN, b"victim-1", receive=True)
    thief = named(BAVET, b"victim-1")
    thief.send(session_pb.Frame(hello=session_pb.Hello(party=BAVET, software="thief/1")))
    _, index = send("LA-LIVE-ID")
    assert take(victim)[0].index == index
    assert thief.receive(1.5) is None, "another party's connection got an answer under this id"
    thief.close()
    victim.close()


def case_a_gone_sessions_routing_id_gets_nothing_that_was_for_it():
    victim = named(MOHAN, b"victim-2", receive=True)
    before = ended_connections()
    victim.close()
    # Until then the id is taken, and the router's socket drops whatever a second peer of it says.
    until(lambda: ended_connections() > before, "end of the session before", seconds=5)
    thief = named(BAVET, b"victim-2")
    # The first frame tells the router of the connection; PING without a session is refused.
    thief.send(session_pb.Frame(ping=session_pb.Ping(nonce=1)))
    thief.wait("refusal")
    _, index = send("LA-GONE-ID")
    assert thief.receive(2) is None, "got what was for the session before it"
    thief.hello(receive=True)
    assert nothing_comes(thief), "its own session gets nothing of another party's either"
    thief.close()
    assert states("LA-GONE-ID") == ["QUEUED"]
    receiver = session(MOHAN, receive=True)
    assert take(receiver)[0].index == index
    receiver.close()


def case_a_session_ends_soon_after_its_connection_and_what_it_sent_before_counts():
    _, index = send("LA-LAST-WORD")
    receiver = session(MOHAN, receive=True)
    before = ended_connections()
    assert take(receiver)[0].index == index
    receiver.close()
    until(lambda: ended_connections() > before, "end of the session", seconds=5)
    until(lambda: states("LA-LAST-WORD") == ["SETTLED"], "settlement")


def case_strangers_cannot_see_a_consignment():
    send("LA-PRIVATE")
    assert states("LA-PRIVATE", MOHAN), "the recipient sees it"
    assert not states("LA-PRIVATE", BAVET), "a stranger sees nothing"
    receiver = session(MOHAN, receive=True)
    take(receiver)
    receiver.close()


def case_only_an_operator_sees_the_routers_health():
    status = ask(federation.OPERATOR.address, status=session_pb.StatusQuery())
    assert log.open(status.status.checkpoint)[0] > 0 and not status.error
    refused = ask(BOTEN, status=session_pb.StatusQuery())
    assert refused.error and not refused.HasField("status")


def case_a_reload_takes_a_new_directory_into_force():
    file = world.dir / "directories/kh.json"
    party = "kh.customs.poipet"
    home = world.dir / "parties" / party
    home.mkdir()
    world.cli("keygen", "curve", "--out", home / "curve")
    world.cli("keygen", "signing", "--out", home / "signing", "--address", party,
              "--ca", world.dir / "members/kh/root")
    world.cli("directory", "add-party", "--address", party, "--name", "Poipet border post",
              "--role", "BORDER_POST", "--signing", home / "signing.crt", "--curve", home / "curve.pub", file)
    world.cli("directory", "sign", file, "--key", world.dir / "members/kh/governance.key")
    world.router.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 20
    while True:
        try:
            peer = session(party, seconds=1)
            break
        except TimeoutError:
            assert time.monotonic() < end, world.router.text()[-1500:]
    peer.close()
    send("KH-POIPET", party, MOCBAI)


def case_a_broken_directory_at_reload_changes_nothing():
    file = world.dir / "directories/kh.json"
    good = file.read_text()
    file.write_text(good.replace('"content"', '"contents"'))
    world.router.process.send_signal(signal.SIGHUP)
    time.sleep(1)
    file.write_text(good)
    send("KH-STILL", BAVET, MOCBAI)


class Load(threading.Thread):
    """A party that goes on submitting until it is told to stop; sockets stay in the thread."""

    def __init__(self):
        super().__init__()
        self.is_over = threading.Event()
        self.sent, self.receipted, self.refused, self.fault = {}, {}, [], None

    def run(self):
        try:
            self.load()
        except Exception as fault:  # told by the case
            self.fault = fault

    def load(self):
        signer = client.Signer(world.dir / "parties" / BOTEN / "signing.key")
        peer = session(BOTEN)
        end = None
        while end is None or (len(self.receipted) + len(self.refused) < len(self.sent) and time.monotonic() < end):
            if self.is_over.is_set():
                end = end or time.monotonic() + 20
            else:
                self.submit(peer, signer)
            while got := peer.receive(0.002 if end is None else 1):
                self.note(*got)
        peer.close()

    def submit(self, peer, signer):
        one, frame = client.make_part("customs", "rivergate.v1.Declaration", b"content")
        header = client.make_header(BOTEN, [MOHAN], message_pb.KIND_DECLARATION, [one],
                                    ucr=f"LA-LOAD-{len(self.sent)}")
        peer.submit(header, signer.signature(header), [frame])
        self.sent[message_pb.Header.FromString(header).id] = header

    def note(self, frame, _):
        kind = frame.WhichOneof("body")
        if kind == "refusal":
            self.refused.append(session_pb.RefusalBody.FromString(frame.refusal.body))
        elif kind == "receipts":
            self.receipted.update((record.id, record.index) for record in frame.receipts.records)


class Intake(threading.Thread):
    """A party that takes and settles whatever comes on one session."""

    def __init__(self):
        super().__init__()
        self.is_over = threading.Event()
        self.taken, self.is_connected = [], threading.Event()

    def run(self):
        peer = session(MOHAN, receive=True)
        self.is_connected.set()
        while not self.is_over.is_set():
            try:
                _, header = take(peer, seconds=0.2)
            except TimeoutError:
                continue
            self.taken.append(header.id)
        peer.close()


def directories_in_the_journal():
    return sum(record.kind == journal.MESSAGE and
               message_pb.Header.FromString(record.body).kind == message_pb.KIND_DIRECTORY
               for record in journal.records(world.dir / "router/journal"))


def next_directories(file, count):
    """So many successors of a directory file, each signed."""
    contents, good = [], file.read_bytes()
    for i in range(count):
        world.cli("directory", "add-office", file, "--code", f"KH9{i}", "--name-latin", f"Office {i}",
                  "--party", BAVET)
        world.cli("directory", "sign", file, "--key", world.dir / "members/kh/governance.key")
        contents.append(file.read_bytes())
    file.write_bytes(good)
    return contents


def reload_with(file, content):
    """Puts the content there in one step, and SIGHUP."""
    new = file.with_suffix(".new")
    new.write_bytes(content)
    new.rename(file)
    world.router.process.send_signal(signal.SIGHUP)


def until(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {seconds} s\n{world.router.text()[-1500:]}"
        time.sleep(0.05)


def case_reloads_under_load_lose_and_refuse_nothing():
    file = world.dir / "directories/kh.json"
    contents = next_directories(file, 3)
    before, failed = directories_in_the_journal(), world.router.text().count(" reload-failed ")
    load, intake = Load(), Intake()
    intake.start()
    assert intake.is_connected.wait(20)
    load.start()
    try:
        for i, content in enumerate(contents):
            sent = len(load.sent)
            reload_with(file, content)
            until(lambda: directories_in_the_journal() == before + i + 1, "directory in force")
            until(lambda: len(load.sent) > sent + 50, "load")
            # One that cannot be read changes nothing, and stops nothing.
            reload_with(file, content.replace(b'"content"', b'"contents"'))
            until(lambda: world.router.text().count(" reload-failed ") == failed + i + 1, "failed reload")
        reload_with(file, contents[-1])
    finally:
        load.is_over.set()
        load.join(60)
    try:
        until(lambda: set(load.sent) <= set(intake.taken) or load.fault, "deliveries", seconds=60)
    finally:
        intake.is_over.set()
        intake.join(60)
    assert not load.fault, load.fault
    assert not load.refused, load.refused[0]
    assert set(load.receipted) == set(load.sent), "a submission without a receipt"
    mine = [identity for identity in intake.taken if identity in load.sent]
    assert len(mine) == len(set(mine)), "delivered twice"
    assert directories_in_the_journal() == before + len(contents)


def case_a_client_that_remembers_more_than_the_router_stops_it():
    note = (world.dir / "router/checkpoint").read_text()
    send("LA-HISTORY")
    peer = session(BOTEN)
    hello = peer.hello()
    peer.close()
    assert world.router.stop() == 0
    newest = hello.checkpoint or (world.dir / "router/checkpoint").read_text()
    assert log.open(newest)[0] >= log.open(note)[0]
    # The journal of an hour ago, put back: the same origin must not go on from there.
    kept = list(journal.records(world.dir / "router/journal"))
    last = kept[-1]
    with open(last.segment, "r+b") as segment:
        segment.truncate(kept[-6].offset)
    for name in ("checkpoint", "index", "tile"):
        path = world.dir / "router" / name
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
    world.start_router()
    secret = bytes.fromhex((world.dir / "parties" / BOTEN / "curve.key").read_text().strip())
    peer = client.Session(registry, BOTEN, secret)
    peer.send(session_pb.Frame(hello=session_pb.Hello(party=BOTEN, checkpoint=newest)))
    code = world.router.process.wait(30)
    peer.close()
    assert code == 5, f"exit {code}\n{world.router.text()[-1500:]}"
    assert BOTEN in world.router.text(), "it says who remembers more"


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
