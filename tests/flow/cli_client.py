"""`rivergate submit`, `track`, `inbox`, `status` and `audit check`, as a border post uses them.

One real router, two parties, no adapters: what is submitted waits at the router. The cases
build on each other in their order. Half of them are mistakes.
"""

import atexit
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import cases
import client
from federation import OPERATOR, POSTS, Federation

SENDER, RECIPIENT = "la.customs.boten", "cn.gacc.mohan"
DONE, NO, USAGE, COULD_NOT = 0, 1, 2, 3
ROOM = pathlib.Path(tempfile.mkdtemp(prefix="rivergate-client-"))
SAD = sorted((pathlib.Path(os.environ["RIVERGATE_SOURCE"]) / "adapters/la/testdata").glob("*.xml"))[0]
WORLD = Federation(ROOM / "world",
                   [post for post in POSTS if post.address in (SENDER, RECIPIENT)]).create()
SENT = WORLD.dir / "parties" / SENDER / "client-state/sent"
STATE = SENT.parent
KNOWN = {}  # what earlier cases found out


def cli(verb, *words, party=SENDER, exit_code=DONE, says=""):
    """Runs the verb for a party; its exit code and a phrase on either output are checked."""
    done = WORLD.cli(*verb.split(), "--home", WORLD.dir, "--as", party, *words, check=False)
    said = done.stdout + done.stderr
    line = f"rivergate {verb} {' '.join(map(str, words))}"
    assert done.returncode == exit_code, f"{line}: exit {done.returncode}, not {exit_code}\n{said}"
    assert says in said, f"{line}: does not say '{says}'\n{said}"
    return done


def check(envelope, proof, **expected):
    key = (WORLD.dir / "log.vkey").read_text().strip()
    done = WORLD.cli("audit", "check", "--key", key, envelope, proof, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == expected.get("exit_code", DONE), said
    assert expected.get("says", "") in said, said
    return done


def receipts(folder=SENT):
    return sorted(folder.glob("*.tlog-proof"))


# --- Without a line ------------------------------------------------------------------------


def case_without_a_router_submit_could_not():
    cli("submit", "--timeout", 2, SAD, exit_code=COULD_NOT, says="is the router running?")
    assert receipts() == []


def case_without_a_router_the_spool_takes_it():
    cli("submit", "--spool", SAD, says="stored durably, not sent yet")
    assert len(list((STATE / "spool").glob("*.rge"))) == 2


def case_without_a_router_a_question_could_not():
    cli("track", "--timeout", 1, "LA-1", exit_code=COULD_NOT, says="no connection")


# --- Submitting ----------------------------------------------------------------------------


def case_spool_goes_when_the_line_is_back():
    WORLD.start_router()
    cli("submit", "--spool", says="ADMITTED")
    assert list((STATE / "spool").glob("*.rge")) == []
    assert len(receipts()) == 2


def case_routes_make_advance_and_prefill_of_one_file():
    done = cli("submit", "--json", SAD)
    results = json.loads(done.stdout)
    assert [result["verdict"] for result in results] == ["ADMITTED", "ADMITTED"], results
    assert results[0]["index"] < results[1]["index"]
    KNOWN["ids"] = [result["id"] for result in results]
    for identity in KNOWN["ids"]:
        check(SENT / f"{identity}.rge", SENT / f"{identity}.tlog-proof", says="HOLDS")


def case_what_is_withheld_stays_at_home():
    assert list((STATE / "withheld").glob("*.salted")), "nothing was kept"
    original = SAD.read_bytes()
    assert any(path.read_bytes()[32:] == original for path in (STATE / "withheld").iterdir())
    assert all(original not in path.read_bytes() for path in SENT.glob("*.rge"))


def case_the_command_line_names_another_purpose_and_reference():
    done = cli("submit", "--json", "--to", RECIPIENT, "--purpose", "advance", "--ucr", "LA-CLI-1",
               "--out", ROOM / "out", SAD)
    assert len(json.loads(done.stdout)) == 1
    assert len(receipts(ROOM / "out")) == 1


def case_a_newer_version_amends_what_was_declared_for_the_same_purpose():
    words = ("submit", "--json", "--to", RECIPIENT, "--purpose", "advance", "--ucr", "LA-CLI-2")
    sent = [json.loads(cli(*words, *more, SAD).stdout)[0]["id"] for more in ((), ("--amend",), ("--amend",))]
    headers = [client.message_pb.Header.FromString(client.message_pb.Envelope.FromString(
        (SENT / f"{identity}.rge").read_bytes()).header) for identity in sent]
    first = headers[0].version
    assert [header.version for header in headers] == [first, first + 1, first + 2], headers
    for header in headers[1:]:
        assert header.kind == client.message_pb.KIND_AMENDMENT, header
        assert [(ref.relation, ref.id) for ref in header.refs] == [
            (client.message_pb.RELATION_AMENDS, headers[0].id)], header


def case_what_was_never_declared_is_not_amended():
    words = ("submit", "--to", RECIPIENT, "--purpose", "advance", "--amend")
    cli(*words, "--ucr", "LA-CLI-NEVER", SAD, exit_code=NO, says="has not declared this reference")
    cli("submit", "--to", RECIPIENT, "--purpose", "lodged-copy", "--ucr", "LA-CLI-2", "--amend", SAD,
        exit_code=NO, says="for this purpose")
    cli(*words, "--spool", SAD, exit_code=USAGE, says="not for --spool")


def case_repeating_an_envelope_gives_the_same_record():
    envelope = SENT / f"{KNOWN['ids'][0]}.rge"
    first = json.loads(WORLD.cli("audit", "check", "--json", "--key", WORLD.dir / "log.vkey", envelope,
                                 envelope.with_suffix(".tlog-proof")).stdout)
    again = json.loads(cli("submit", "--json", "--out", ROOM / "again", envelope).stdout)
    assert again[0]["index"] == first["index"], (again, first)
    check(ROOM / "again" / envelope.name, receipts(ROOM / "again")[0], says="HOLDS")


def case_a_recipient_without_a_rule_is_refused():
    cli("submit", "--to", OPERATOR.address, "--purpose", "advance", SAD, exit_code=NO, says="CHANNEL")


def case_a_recipient_nobody_knows_is_refused():
    cli("submit", "--to", "kh.customs.nowhere", "--purpose", "advance", SAD, exit_code=NO, says="ROUTE")


def case_a_file_of_no_format_is_refused():
    text = ROOM / "note.txt"
    text.write_text("not a declaration")
    cli("submit", text, exit_code=USAGE, says="format is not recognised")
    cli("submit", "--format", "asycuda-sad", text, exit_code=NO, says="cannot be translated")


def case_wrong_words_are_usage():
    cli("submit", exit_code=USAGE, says="name a file")
    cli("submit", "--to", "Not An Address", "--purpose", "advance", SAD, exit_code=USAGE)
    cli("submit", "--to", RECIPIENT, "--purpose", "lodging", SAD, exit_code=USAGE)
    cli("submit", "--format", "no-such", SAD, exit_code=USAGE, says="no such format")
    cli("submit", SAD, party="../../etc", exit_code=USAGE, says="who speaks")
    cli("submit", SAD, party="la.customs.nobody", exit_code=COULD_NOT)


def case_a_damaged_spool_file_goes_where_people_look():
    damaged = STATE / "spool" / f"{1:020d}-{'0' * 32}.rge"
    damaged.write_bytes(b"not an envelope")
    cli("submit", "--spool")
    assert not damaged.exists()
    assert (STATE / "refused" / damaged.name).exists()
    assert "NOT_SENT" in (STATE / "refused" / damaged.name).with_suffix(".json").read_text()


# --- Governance ----------------------------------------------------------------------------


def case_a_directory_of_the_same_version_is_refused():
    cli("submit", "--kind", "directory", WORLD.dir / "directories/la.json", exit_code=NO,
        says="GOVERNANCE")


def case_a_newer_directory_is_taken():
    newer = ROOM / "la.json"
    shutil.copy(WORLD.dir / "directories/la.json", newer)
    WORLD.cli("directory", "add-office", newer, "--code", "LA06", "--name-latin", "Boten",
              "--party", SENDER)
    WORLD.cli("directory", "sign", newer, "--key", WORLD.dir / "members/la/governance.key")
    cli("submit", "--kind", "directory", newer, says="ADMITTED")


# --- Asking --------------------------------------------------------------------------------


def case_track_finds_by_reference_and_by_id():
    messages = json.loads(cli("track", "--json", "LA-CLI-1").stdout)
    assert len(messages) == 1 and messages[0]["purpose"] == "ADVANCE", messages
    assert messages[0]["deliveries"][0]["state"] == "QUEUED"
    assert messages[0]["deliveries"][0]["to"] == RECIPIENT
    found = json.loads(cli("track", "--json", KNOWN["ids"][1]).stdout)
    assert [message["id"] for message in found] == [KNOWN["ids"][1]]
    cli("track", "LA-CLI-1", says="UCR LA-CLI-1")


def case_track_by_id_finds_what_another_party_sent_for_who_may_see_it():
    for party in (SENDER, RECIPIENT):
        found = json.loads(cli("track", "--json", "--why", KNOWN["ids"][1], party=party).stdout)
        assert [message["id"] for message in found["messages"]] == [KNOWN["ids"][1]], found
        assert [one["ucr"] for one in found["consignments"]] == [found["messages"][0]["ucr"]], found
    cli("track", KNOWN["ids"][1], party=OPERATOR.address, exit_code=NO)
    cli("track", "0" * 32, party=RECIPIENT, exit_code=NO)


def case_track_of_what_nobody_sent_is_no():
    cli("track", "LA-NOTHING", exit_code=NO)


def case_the_recipient_sees_its_inbox_and_the_sender_does_not():
    inbox = json.loads(cli("inbox", "--json", party=RECIPIENT).stdout)
    assert {message["id"] for message in inbox} >= set(KNOWN["ids"])
    assert all(message["turns"] for message in inbox if message["ucr"]), inbox
    cli("inbox", party=RECIPIENT, says="turn: LA NOT_ARRIVED (")
    mine = json.loads(cli("inbox", "--json").stdout)
    assert not {message["id"] for message in mine} & set(KNOWN["ids"])
    assert len(json.loads(cli("inbox", "--json", "--limit", 1, party=RECIPIENT).stdout)) == 1


def case_status_is_for_operators():
    status = json.loads(cli("status", "--json", party=OPERATOR.address).stdout)
    assert status["queued"] >= 5 and status["admitted"] >= 5, status
    cli("status", party=OPERATOR.address, says="queued")
    cli("status", exit_code=NO)


def follow(key, *words):
    """`rivergate track --follow`, running."""
    return subprocess.Popen([str(WORLD.programs["rivergate"]), "track", "--home", str(WORLD.dir), "--as", SENDER,
                             "--follow", "--timeout", "20", *words, key],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def read_until(process, phrase, seconds=30):
    """What the program printed up to the phrase."""
    text, end = "", time.monotonic() + seconds
    while phrase not in text:
        assert time.monotonic() < end, f"does not say '{phrase}' within {seconds} s\n{text}"
        if select.select([process.stdout], [], [], 0.2)[0]:
            more = os.read(process.stdout.fileno(), 65536).decode()
            assert more, f"ended before it said '{phrase}'\n{text}\n{process.stderr.read()}"
            text += more
    return text


def take_all():
    """The recipient takes and settles what waits for it."""
    registry = client.Registry(WORLD.dir / "registry.json", WORLD.pin())
    secret = bytes.fromhex((WORLD.dir / "parties" / RECIPIENT / "curve.key").read_text().strip())
    peer = client.Session(registry, RECIPIENT, secret)
    peer.hello(receive=True)
    try:
        while True:
            frame, raw = peer.wait("deliver", seconds=3)
            header = client.message_pb.Header.FromString(raw[0])
            peer.settle(frame.deliver.index, header.id if frame.deliver.derived else b"")
    except TimeoutError:
        peer.close()


def case_follow_shows_what_changes_later_and_ends_in_order():
    cli("submit", "--to", RECIPIENT, "--purpose", "advance", "--ucr", "LA-FOLLOW", SAD)
    for number in (signal.SIGINT, signal.SIGTERM):
        process = follow("LA-FOLLOW")
        try:
            if number == signal.SIGINT:
                text = read_until(process, "QUEUED")
                assert "SETTLED" not in text, text
                take_all()
            text = read_until(process, "SETTLED")
            assert "QUEUED" not in text, text
            assert process.poll() is None, "went away although nobody interrupted it"
            process.send_signal(number)
            rest, errors = process.communicate(timeout=30)
            assert process.returncode == DONE and not errors, (process.returncode, errors)
            assert "SETTLED" not in rest, f"printed what had not changed: {rest}"
        finally:
            process.kill()
            process.communicate()


def case_follow_of_what_nobody_sent_goes_on_and_wrong_words_are_usage():
    process = follow("LA-NEVER")
    try:
        process.wait(3)
        raise AssertionError(f"ended by itself: exit {process.returncode}")
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == DONE
    finally:
        process.kill()
        process.communicate()
    cli("track", "--follow", "--limit", 0, "LA-1", exit_code=USAGE, says="--limit")
    cli("track", "--follow", exit_code=USAGE)


# --- Checking ------------------------------------------------------------------------------


def case_a_changed_envelope_or_proof_does_not_hold():
    envelope = SENT / f"{KNOWN['ids'][0]}.rge"
    proof = envelope.with_suffix(".tlog-proof")
    changed = ROOM / "changed"
    content = bytearray(envelope.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    check(changed, proof, exit_code=NO, says="FAILS")
    other = SENT / f"{KNOWN['ids'][1]}.tlog-proof"
    check(envelope, other, exit_code=NO, says="FAILS")
    check(envelope, envelope, exit_code=NO, says="the proof file is readable")
    check(ROOM / "nothing", proof, exit_code=COULD_NOT)


def case_a_key_of_another_log_does_not_hold():
    WORLD.cli("keygen", "log", "--out", ROOM / "other", "--name", "rivergate.example/other")
    envelope = SENT / f"{KNOWN['ids'][0]}.rge"
    done = WORLD.cli("audit", "check", "--key", ROOM / "other.vkey", envelope,
                     envelope.with_suffix(".tlog-proof"), check=False)
    assert done.returncode == NO and "FAILS" in done.stdout, done.stdout + done.stderr


def case_a_router_that_lost_its_log_is_stopped_by_who_remembers():
    WORLD.router.stop()
    for name in ("journal", "index", "tiles"):
        shutil.rmtree(WORLD.dir / "router" / name, ignore_errors=True)
    (WORLD.dir / "router/checkpoint").unlink()
    router = WORLD.start_router()
    cli("submit", "--timeout", 5, SAD, exit_code=COULD_NOT)
    assert router.process.wait(10) != 0, "the router went on"
    assert "checkpoint" in router.text(), router.text()


@atexit.register
def finish():
    WORLD.kill()
    shutil.rmtree(ROOM, ignore_errors=True)



cases.run(globals())
