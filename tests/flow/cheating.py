"""An operator who cheats at delivery, and the adapter that catches him.

The router is the real one. Between it and the adapter stands the operator, who has the
router's keys: he forwards every frame, and changes, drops or adds deliveries as a case says.
"""

import base64
import json
import pathlib
import sys
import tempfile
import threading
import time

import zmq
from cryptography.hazmat.primitives.serialization import load_pem_private_key

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import cases
import client
import federation
from client import message_pb, session_pb

SENDER, RECEIVER = "kh.customs.bavet", "vn.customs.mocbai"
folder = tempfile.TemporaryDirectory(prefix="rivergate-cheating-")
posts = tuple(post for post in federation.POSTS if post.address in (SENDER, RECEIVER))
world = federation.Federation(pathlib.Path(folder.name) / "world", posts).create()
world.start_router()
registry = client.Registry(world.dir / "registry.json", world.pin())
signer = client.Signer(world.dir / "parties" / SENDER / "signing.key")


def secret(path):
    return client.z85(bytes.fromhex((world.dir / path).read_text().strip()))


class Operator:
    """Forwards between one adapter and the router; `cheat(frame, raw)` gives what is delivered."""

    def __init__(self):
        self.cheat = lambda frame, raw: [(frame, raw)]
        self.endpoint = f"tcp://127.0.0.1:{federation.free_port()}"
        self.context = zmq.Context()
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def connect(self):
        socket = self.context.socket(zmq.DEALER)
        socket.linger = 0
        key = secret(f"parties/{RECEIVER}/curve.key")
        socket.curve_serverkey = client.z85(registry.router.curve_key)
        socket.curve_secretkey, socket.curve_publickey = key, zmq.curve_public(key)
        socket.connect(registry.router.endpoint)
        return socket

    def run(self):
        front = self.context.socket(zmq.ROUTER)
        front.linger = 0
        front.curve_server = True
        front.curve_secretkey = secret("router/keys/curve.key")
        front.bind(self.endpoint)
        peers = {}
        while not self.ending.is_set():
            if front.poll(5):
                peer, *frames = front.recv_multipart()
                peers.setdefault(peer, self.connect()).send_multipart(frames)
            for peer, socket in peers.items():
                while socket.poll(0):
                    for frames in self.changed(socket.recv_multipart()):
                        front.send_multipart([peer, *frames])
        for socket in (front, *peers.values()):
            socket.close()

    def changed(self, frames):
        frame = session_pb.Frame.FromString(frames[0])
        if frame.WhichOneof("body") != "deliver":
            return [frames]
        return [[client.pack(one), *raw] for one, raw in self.cheat(frame, frames[1:])]

    def stop(self):
        self.ending.set()
        self.thread.join()
        self.context.term()


operator = Operator()
conf = world.dir / "parties" / RECEIVER / "adapter.conf"
conf.write_text(conf.read_text() + f'endpoint = "{operator.endpoint}";\nmissing_after_s = 3;\n')
state = world.dir / "parties" / RECEIVER / "state"


def message(ucr, **fields):
    """(header, signature, parts) of a declaration that the sender signs."""
    one, frame = client.make_part("customs", "rivergate.v1.Declaration", b"")
    header = client.make_header(SENDER, [RECEIVER], message_pb.KIND_DECLARATION, [one], ucr=ucr,
                                purpose=message_pb.PURPOSE_ADVANCE, **fields)
    return header, signer.signature(header), [frame]


def send(ucr):
    """Submits one; its record index."""
    key = bytes.fromhex((world.dir / "parties" / SENDER / "curve.key").read_text().strip())
    peer = client.Session(registry, SENDER, key)
    peer.hello()
    peer.submit(*message(ucr))
    answer, _ = peer.wait("receipts", "refusal")
    peer.close()
    assert answer.WhichOneof("body") == "receipts", answer
    return answer.receipts.records[0].index


def wait(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s\n{world.adapters[RECEIVER].text()[-2000:]}")


def received():
    """UCRs of what was stored, whatever became of it."""
    return {message_pb.Header.FromString(message_pb.Envelope.FromString(path.read_bytes()).header).ucr
            for path in state.rglob("*.rge")}


def status():
    shown = world.cli("status", "--state", state, "--json", check=False)
    return shown.returncode, json.loads(shown.stdout)


def alarms():
    return [(alarm["kind"], alarm["text"]) for alarm in status()[1]["alarms"]]


def ends_with_alarm(words):
    """The adapter stops by itself with exit code 5 and says why; then all is honest again."""
    adapter = world.adapters[RECEIVER]
    try:
        assert adapter.process.wait(30) == 5, adapter.text()[-2000:]
    finally:
        operator.cheat = lambda frame, raw: [(frame, raw)]
    kind, text = alarms()[-1]
    assert kind == "ALARM" and words in text, (kind, text)
    assert status()[0] == 1
    (state / "alarms").rename(state / "alarms.seen")
    world.start_adapter(RECEIVER)


def case_honest_deliveries_are_counted_and_nothing_is_missing():
    world.start_adapter(RECEIVER)
    for name in ("VN-ONE", "VN-TWO"):
        send(name)
    wait(lambda: {"VN-ONE", "VN-TWO"} <= received(), "two deliveries")
    wait(lambda: status()[1]["deliveries"]["highest"] == 2, "account")
    code, shown = status()
    assert code == 0 and not shown["alarms"] and not shown["deliveries"]["open"], shown
    assert "no alarms" in world.cli("status", "--state", state).stdout


def case_delivery_that_the_operator_omits_is_found():
    def omit(frame, raw):
        return [] if message_pb.Header.FromString(raw[0]).ucr == "VN-OMITTED" else [(frame, raw)]

    operator.cheat = omit
    index = send("VN-OMITTED")
    send("VN-AFTER")
    wait(lambda: "VN-AFTER" in received(), "the later delivery")
    assert "VN-OMITTED" not in received()
    wait(lambda: (state / "alarms").exists(), "report")
    (kind, text), = alarms()
    assert kind == "MISSING" and "deliveries 3 to 3" in text, text
    assert status()[0] == 1 and status()[1]["deliveries"]["missing"] == [{"first": 3, "last": 3}]
    assert world.adapters[RECEIVER].process.poll() is None
    # A restart forgets neither the report nor the account.
    assert world.adapters[RECEIVER].stop() == 0
    operator.cheat = lambda frame, raw: [(frame, raw)]
    world.start_adapter(RECEIVER)
    assert "alarms-before" in world.adapters[RECEIVER].text()
    # Now it comes, and what was missing is there.
    wait(lambda: "VN-OMITTED" in received(), f"record {index}")
    wait(lambda: not status()[1]["deliveries"]["missing"], "account")
    (state / "alarms").rename(state / "alarms.seen")
    assert status()[0] == 0


def inject(change):
    """Delivers a message that was never submitted beside the next true one."""
    header, signature, parts = message("VN-UNLOGGED")

    def cheat(frame, raw):
        false = session_pb.Frame()
        false.CopyFrom(frame)
        change(false.deliver)
        return [(false, [header, signature, *parts])]

    operator.cheat = cheat
    send("VN-VICTIM")


def case_unlogged_message_without_a_proof_is_refused():
    inject(lambda deliver: deliver.ClearField("tlog_proof"))
    ends_with_alarm("no proof of its record")
    assert "VN-UNLOGGED" not in received()
    wait(lambda: "VN-VICTIM" in received(), "what the operator had replaced", seconds=60)


def case_unlogged_message_with_the_proof_of_another_is_refused():
    inject(lambda deliver: None)
    ends_with_alarm("the proof is of another record")
    assert "VN-UNLOGGED" not in received()


def case_counter_of_an_earlier_delivery_is_refused():
    def again(frame, raw):
        frame.deliver.counter = 1
        return [(frame, raw)]

    operator.cheat = again
    send("VN-COUNTER")
    ends_with_alarm("its counter was that of another record before")


def case_delivery_without_counter_is_refused():
    def uncounted(frame, raw):
        frame.deliver.counter = 0
        return [(frame, raw)]

    operator.cheat = uncounted
    send("VN-UNCOUNTED")
    ends_with_alarm("it carries no counter")


def case_same_delivery_twice_is_handed_over_once():
    def twice(frame, raw):
        return [(frame, raw), (frame, raw)]

    operator.cheat = twice
    send("VN-TWICE")
    wait(lambda: "VN-TWICE" in received(), "delivery")
    time.sleep(1)
    assert world.adapters[RECEIVER].process.poll() is None and not alarms()
    operator.cheat = lambda frame, raw: [(frame, raw)]


def case_folder_without_account_is_refused():
    shown = world.cli("status", "--state", world.dir, check=False)
    assert shown.returncode == 3 and "no account of deliveries" in shown.stderr


def forked(deliver, header, signature):
    """A true-looking proof: a log of another history, signed with the log's own key."""
    key = load_pem_private_key((world.dir / "router/keys/log.key").read_bytes(), None)
    vkey = client.LogKey((world.dir / "log.vkey").read_text())
    meta = deliver.meta
    size = int(deliver.tlog_proof.decode().split("\n\n")[1].split("\n")[1]) + 5
    leaves = [client.sha256(bytes([i % 256])) for i in range(size)]
    leaves[deliver.index] = client.leaf_hash(meta, header, signature)
    root = base64.b64encode(client.tree_head(leaves)).decode()
    text = f"{vkey.name}\n{size}\n{root}\n"
    value = base64.b64encode(vkey.key_id + key.sign(text.encode())).decode()
    path = "".join(base64.b64encode(step).decode() + "\n"
                   for step in client.tree_path(leaves, deliver.index))
    extra = base64.b64encode(client.u16(meta) + client.u16(signature)).decode()
    deliver.tlog_proof = (f"c2sp.org/tlog-proof@v1\nextra {extra}\nindex {deliver.index}\n{path}\n"
                          f"{text}\n\u2014 {vkey.name} {value}\n").encode()


def case_unlogged_message_in_a_forked_log_is_an_alarm():
    header, signature, parts = message("VN-FORKED")

    def cheat(frame, raw):
        forked(frame.deliver, header, signature)
        return [(frame, [header, signature, *parts])]

    operator.cheat = cheat
    send("VN-BESIDE")
    adapter = world.adapters.pop(RECEIVER)
    assert adapter.process.wait(30) == 5, adapter.text()[-2000:]
    kind, text = alarms()[-1]
    # The real router has no such size: it cannot prove what the operator has signed.
    assert kind == "ALARM" and "does not prove" in text, (kind, text)


def finish():
    bad = world.stop()
    operator.stop()
    folder.cleanup()
    assert not bad, bad


cases.run(globals())
