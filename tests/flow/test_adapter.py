"""The adapter at its premises: what it takes, refuses, waits for, and how it ends.

Two adapters and the router are the real programs; the national system is the test itself.
"""

import dataclasses
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import cases
import client
import federation
from client import message_pb

SENDER, RECEIVER, STRANGER = "kh.customs.bavet", "vn.customs.mocbai", "th.customs.maesot"
QUARANTINE = federation.Post("vn.ppd.mocbai", "Plant protection at Moc Bai", ("PLANT_QUARANTINE",), "vn",
                             handover=({"kind": "DECLARATION", "purpose": "ADVANCE", "format": "json"},))
folder = tempfile.TemporaryDirectory(prefix="rivergate-adapter-")
ROUTES = ({"format": "loopback", "purpose": "ADVANCE", "to": [RECEIVER]},
          {"format": "loopback", "purpose": "LODGED_COPY", "to": [RECEIVER]})
posts = tuple(dataclasses.replace(post, routes=ROUTES) if post.address == SENDER else post
              for post in federation.POSTS if post.address in (SENDER, RECEIVER, STRANGER))
world = federation.Federation(pathlib.Path(folder.name) / "world", (*posts, QUARANTINE)).create()
world.start_router()
world.start_adapter(SENDER)
world.start_adapter(RECEIVER)
world.start_adapter(QUARANTINE.address)
state = world.dir / "parties" / SENDER / "state"
conf = world.dir / "parties" / SENDER / "adapter.conf"


def document(ucr):
    return f"# rivergate loopback 1\ncountry\tKH\nucr\t{ucr}\nreference.number\t1\n".encode()


def wait(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {seconds} s\n{world.adapters[SENDER].text()[-1500:]}")


def sent(name):
    wait(lambda: (world.tray(SENDER, "done") / name).exists(), f"{name} in done/")


def failed(name):
    """The findings of a file; they are complete when the file itself is there."""
    path = world.tray(SENDER, "failed") / name
    wait(path.exists, f"{name} in failed/")
    return json.loads(path.with_name(f"{name}.findings.json").read_text())


def envelopes(ucr):
    """Headers of our receipted messages of this consignment, in the order of their ids."""
    found = []
    for path in (state / "receipts").glob("*.rge"):
        envelope = message_pb.Envelope.FromString(path.read_bytes())
        header = message_pb.Header.FromString(envelope.header)
        if header.ucr == ucr and header.kind == message_pb.KIND_DECLARATION:
            found.append((path, header, envelope))
    return sorted(found, key=lambda item: item[1].id)


def envelopes_at(post):
    """Messages that a post has finished."""
    for path in (world.dir / "parties" / post / "state/received").rglob("*.rge"):
        envelope = message_pb.Envelope.FromString(path.read_bytes())
        yield path, message_pb.Header.FromString(envelope.header), envelope


def run_adapter(path):
    return subprocess.run([world.programs["rivergate-adapter"], "-c", path], capture_output=True,
                          text=True, timeout=60)


def changed_conf(name, **settings):
    """A copy of the sender's configuration with other values; returns its path."""
    lines = conf.read_text().splitlines(keepends=True)
    kept = [line for line in lines if line.split(" = ")[0] not in settings]
    path = conf.with_name(name)
    path.write_text("".join(kept) + "".join(f"{key} = {federation.quote(value)};\n"
                                            for key, value in settings.items()))
    return path


def case_file_becomes_a_message_for_each_route_under_one_ucr():
    world.drop(SENDER, "one.txt", document("KH-ONE"))
    sent("one.txt")
    (_, first, _), (_, second, _) = sorted(envelopes("KH-ONE"), key=lambda item: len(item[1].refs))
    assert {first.purpose, second.purpose} == {message_pb.PURPOSE_ADVANCE, message_pb.PURPOSE_LODGED_COPY}
    assert [(ref.id, ref.relation) for ref in second.refs] == [
        (first.id, message_pb.RELATION_SAME_NATIVE)]


def case_original_stays_at_home_and_its_commitment_travels():
    for path, header, envelope in envelopes("KH-ONE"):
        native = [i for i, part in enumerate(header.parts) if part.name == "native"]
        assert len(native) == 1 and header.parts[native[0]].audience.withheld
        assert not envelope.parts[native[0]].bytes and not envelope.parts[native[0]].salt
        kept = (state / "withheld" / f"{path.stem}.native").read_bytes()
        assert kept[32:] == document("KH-ONE")
        assert hashlib.sha256(kept).digest() == header.parts[native[0]].commitment
    everything = b"".join(path.read_bytes() for path in (world.dir / "router").rglob("*.seg"))
    assert b"rivergate loopback" not in everything


def acknowledgements(identity):
    """Answers to a message that are acknowledgements; plan and status come beside them."""
    found = [json.loads(path.read_text()) for path in (state / "answers").glob(f"{identity}.*.json")]
    return [answer for answer in found if "outcome" in answer]


def case_acknowledgement_comes_back_and_names_what_it_answers():
    for path, _, _ in envelopes("KH-ONE"):
        told = wait(lambda name=path.stem: acknowledgements(name), "answer")[0]
        assert told["outcome"] == "OUTCOME_TAKEN_OVER" and told["handedOverAs"] == "json"
        assert told["answers"][0]["id"] == path.stem
        handed = wait(lambda: list(world.tray(RECEIVER, "in").glob(f"{SENDER}-{path.stem}.json")), "file")
        assert json.loads(handed[0].read_text())["ucr"] == "KH-ONE"
    wait(lambda: len(list(world.tray(SENDER, "in").glob("*.ack.json"))) == 2, "two answers in in/")


def handed_over(post, identity):
    """What a post got of one of our messages, and the losses of its hand-over."""
    name = f"{SENDER}-{identity}.json"
    path = world.tray(post, "in") / name
    wait(path.exists, f"{name} at {post}")
    told = world.dir / "parties" / post / "state/translations" / name
    return path.read_text(), json.loads(told.read_text()).get("losses", [])


def case_quarantine_gets_the_goods_and_nothing_of_their_price():
    file = world.dir / "parts.json"
    file.write_text(json.dumps({
        "country": "KH", "ucr": "KH-PARTS", "seller": {"name": "PRICED"},
        "items": [{"commodity": {"hs6": "080390", "nationalCode": "10"}, "origin": {"code": "KH"},
                   "sps": {"species": "Musa"}, "priceCurrency": "PRICED"}]}))
    world.cli("submit", "--home", world.dir, "--as", SENDER, "--format", "json", "--purpose", "advance",
              "--to", RECEIVER, "--to", QUARANTINE.address, file)
    identity = wait(lambda: [path.stem for path, header, _ in envelopes_at(RECEIVER) if header.ucr == "KH-PARTS"],
                    "the delivery")[0].removeprefix(f"{SENDER}-")
    whole, losses = handed_over(RECEIVER, identity)
    assert whole.count("PRICED") == 2 and "Musa" in whole and "nationalCode" in whole, whole
    assert not losses, losses
    seen, losses = handed_over(QUARANTINE.address, identity)
    item = json.loads(seen)["items"][0]
    assert item["commodity"] == {"hs6": "080390"} and item["sps"] == {"species": "Musa"}, item
    assert [loss["class"] for loss in losses] == ["LOSS_CLASS_WITHHELD"] * 2, losses
    assert "part customs" in losses[0]["reason"] and "part commercial" in losses[1]["reason"], losses
    kept = world.dir / "parties" / QUARANTINE.address / "state"
    assert not [path for path in kept.rglob("*") if path.is_file() and b"PRICED" in path.read_bytes()]


def case_sender_whose_parts_contradict_each_other_is_refused():
    parts = [client.make_part(name, "rivergate.v1.Declaration", content)
             for name, content in (("customs", b"\x0a\x02KH"), ("sps", b"\x0a\x02CN"))]
    header = client.make_header(SENDER, [RECEIVER, QUARANTINE.address], message_pb.KIND_DECLARATION,
                                [part for part, _ in parts], ucr="KH-TWO-TONGUES",
                                purpose=message_pb.PURPOSE_ADVANCE, legs=[{"country": "CN"}])
    keys = world.dir / "parties" / SENDER
    peer = client.Session(client.Registry(world.dir / "registry.json", world.pin()), SENDER,
                          bytes.fromhex((keys / "curve.key").read_text().strip()))
    peer.hello()
    peer.submit(header, client.Signer(keys / "signing.key").signature(header), [frame for _, frame in parts])
    assert peer.wait("receipts", "refusal")[0].WhichOneof("body") == "receipts"
    peer.close()
    identity = message_pb.Header.FromString(header).id.hex()
    answers = wait(lambda: (found := acknowledgements(identity)) and len(found) == 2 and found, "two answers")
    told = {answer["from"]: answer for answer in answers}
    assert told[RECEIVER]["outcome"] == "OUTCOME_REFUSED", told
    assert [(one["rule"], one["path"]) for one in told[RECEIVER]["findings"]] == [("PARTS", "country")], told
    assert not list(world.tray(RECEIVER, "in").glob(f"*{identity}*"))
    # Who got one of them alone has nothing to compare it with.
    assert told[QUARANTINE.address]["outcome"] == "OUTCOME_TAKEN_OVER", told


def case_receipt_is_good_for_the_auditor():
    path = envelopes("KH-ONE")[0][0]
    key = (world.dir / "log.vkey").read_text().strip()
    shown = world.cli("audit", "check", "--key", key, path, path.with_suffix(".tlog-proof"), check=False)
    assert shown.returncode == 0, shown.stdout + shown.stderr


def case_file_that_cannot_be_translated_goes_to_failed_with_findings():
    world.drop(SENDER, "bad.txt", b"no loopback at all\n")
    told = failed("bad.txt")
    assert told["findings"][0]["rule"] and told["findings"][0]["text"]
    assert (world.tray(SENDER, "failed") / "bad.txt").read_bytes() == b"no loopback at all\n"


def case_hostile_names_leave_the_folder_nowhere():
    out = world.tray(SENDER, "out")
    secret = world.dir / "parties" / SENDER / "signing.key"
    (out / "..%2f..%2fx.txt").write_bytes(document("KH-NAME"))
    os.symlink(secret, out / "link.txt")
    (out / "a\nb.txt").write_bytes(document("KH-NEVER"))
    assert failed("link.txt")["findings"][0]["rule"] == "FILE"
    assert failed("a_b.txt")["findings"][0]["rule"] == "FILE"
    assert secret.exists()
    time.sleep(0.3)
    assert not envelopes("KH-NEVER")


def case_files_wait_while_the_router_is_away():
    world.router.stop()
    world.drop(SENDER, "later.txt", document("KH-LATER"))
    time.sleep(1)
    assert (world.tray(SENDER, "out") / "later.txt").exists()
    world.adapters[SENDER].kill()
    world.start_adapter(SENDER, ready=False)
    time.sleep(0.5)
    assert (world.tray(SENDER, "out") / "later.txt").exists()
    world.start_router()
    sent("later.txt")
    assert len(envelopes("KH-LATER")) == 2


def case_refused_message_brings_its_file_to_failed():
    routes = ({"format": "loopback", "purpose": "ADVANCE", "to": [STRANGER]},)
    settings = conf.read_text()
    changed_conf("new.conf", routes=routes).rename(conf)
    world.adapters[SENDER].process.send_signal(signal.SIGHUP)
    wait(lambda: " reload taken " in world.adapters[SENDER].text(), "reload")
    try:
        world.drop(SENDER, "refused.txt", document("KH-REFUSED"))
        told = failed("refused.txt")["findings"][0]
        assert told["rule"] == "REFUSED" and "CHANNEL" in told["text"], told
    finally:
        conf.write_text(settings)
        world.adapters[SENDER].process.send_signal(signal.SIGHUP)
    wait(lambda: world.adapters[SENDER].text().count(" reload taken ") == 2, "reload back")
    world.drop(SENDER, "again.txt", document("KH-AGAIN"))
    sent("again.txt")


def case_wrong_new_settings_change_nothing():
    settings = conf.read_text()
    conf.write_text(settings + "nonsense = 1;\n")
    world.adapters[SENDER].process.send_signal(signal.SIGHUP)
    wait(lambda: " reload not-taken " in world.adapters[SENDER].text(), "refusal")
    conf.write_text(settings)
    world.drop(SENDER, "still.txt", document("KH-STILL"))
    sent("still.txt")


def case_second_adapter_on_one_state_folder_is_refused():
    done = run_adapter(conf)
    assert done.returncode == 2 and "already-running" in done.stderr, done.stderr


def case_wrong_configuration_is_refused_and_named():
    for name, settings, word in (
            ("format", {"routes": ({"format": "nowhere", "purpose": "ADVANCE", "to": [RECEIVER]},)},
             "nowhere"),
            ("purpose", {"routes": ({"format": "loopback", "purpose": "LODGED", "to": [RECEIVER]},)},
             "purpose"),
            ("pin", {"pin": "0" * 63}, "pin"),
            ("connector", {"connector": "carrier-pigeon"}, "connector"),
            ("unknown", {"colour": "blue"}, "colour")):
        done = run_adapter(changed_conf(f"{name}.conf", **settings))
        assert done.returncode == 2 and word in done.stderr, (name, done.returncode, done.stderr)


def case_usage_is_told():
    program = world.programs["rivergate-adapter"]
    for words, code in ((["--help"], 0), (["--help-config"], 0), (["--version"], 0), ([], 2),
                        (["-c"], 2), (["-x"], 2)):
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=60)
        assert done.returncode == code, (words, done.returncode)


def case_newer_session_of_the_party_ends_the_older():
    other = changed_conf("other.conf", state=str(world.dir / "other-state"),
                         directory=str(world.dir / "other-tray"))
    older = world.adapters[SENDER]
    newer = federation.Program("newer", [world.programs["rivergate-adapter"], "-c", other],
                               world.dir / "newer.log")
    newer.wait_for(" start ready ")
    assert older.process.wait(30) == 3
    assert " session fenced " in older.text()
    assert newer.stop() == 0
    world.start_adapter(SENDER)


def case_every_program_ends_cleanly():
    bad = world.stop()
    assert not bad, bad


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
