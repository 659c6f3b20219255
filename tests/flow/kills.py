"""kill -9 of router and adapters at random moments, while declarations cross from Bavet to Moc Bai.

Every receipted message is handed over, none twice, none swapped. The checker reads only what
is left on the disk: receipts of the sending adapter, in-tray of the receiving national
system, segments of the journal. The short form runs in `./dev test`; RIVERGATE_LONG=1 kills
200 times during 10,000 messages. RIVERGATE_SEED repeats a run.
"""

import collections
import os
import pathlib
import random
import re
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import cases
import client
import federation
import journal
import tray
from client import message_pb

LONG = bool(os.environ.get("RIVERGATE_LONG"))
MESSAGES, KILLS = (10_000, 200) if LONG else (600, 15)
UCRS = 40
DEADLINE_S = 3000 if LONG else 240
SENDER, RECEIVER = "kh.customs.bavet", "vn.customs.mocbai"
seed = int(os.environ.get("RIVERGATE_SEED", time.time_ns() % 1_000_000))
rng = random.Random(seed)
folder = tempfile.TemporaryDirectory(prefix="rivergate-kills-")
posts = tuple(post for post in federation.with_loopback() if post.address in (SENDER, RECEIVER))
world = federation.Federation(pathlib.Path(folder.name) / "world", posts).create()


def document(number):
    """A declaration in the loopback format; its UCR repeats, its reference does not."""
    return (f"# rivergate loopback 1\ncountry\tKH\ndirection\tDIRECTION_EXPORT\nucr\tKH-KILL-{number % UCRS:02}\n"
            f"reference.number\t{number:06}\n").encode()


def drop_some(done, count):
    for number in range(done, min(done + count, MESSAGES)):
        world.drop(SENDER, f"{number:06}.txt", document(number))
    return min(done + count, MESSAGES)


def kill_one():
    """One program dies without warning and is started again, sometimes not at once."""
    name = rng.choice(("router", SENDER, RECEIVER))
    program = world.router if name == "router" else world.adapters[name]
    program.kill()
    time.sleep(rng.choice((0, 0, rng.uniform(0, 0.3))))
    if name == "router":
        world.start_router(ready=False)
    else:
        world.start_adapter(name, ready=False)


def receipts():
    return list((world.dir / "parties" / SENDER / "state/receipts").rglob("*.tlog-proof"))


def torture(watched):
    """Sends and kills until all is there, then stops in order."""
    dropped = kills = 0
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        # All kills fall between the first and the last message.
        share = kills / KILLS if KILLS else 1
        if dropped < MESSAGES and dropped <= MESSAGES * share + 100:
            dropped = drop_some(dropped, 100)
        if kills < KILLS:
            time.sleep(rng.uniform(0.02, 0.9))
            kill_one()
            kills += 1
        elif dropped == MESSAGES and len(set(watched.seen)) >= MESSAGES and len(receipts()) >= MESSAGES:
            break
        else:
            time.sleep(0.2)
    print(f"seed {seed}: {kills} kills, {dropped} messages dropped, {len(watched.seen)} handed over, "
          f"{len(receipts())} receipted", flush=True)


def handed_over_id(name):
    match = re.fullmatch(rf"{re.escape(SENDER)}-([0-9a-f]{{32}})(?:\.\d+)?\.\w+", name)
    assert match, f"unexpected name in the in-tray: {name}"
    return match.group(1)


def read_declarations():
    """{id: (index, header bytes, ucr)} of all DECLARATIONs in the journal."""
    found = {}
    for record in journal.records(world.dir / "router/journal"):
        if record.kind != journal.MESSAGE:
            continue
        header = journal.header(record)
        if header["kind"] == message_pb.KIND_DECLARATION:
            assert header["id"] not in found, f"two records of {header['id']}"
            found[header["id"]] = (record.index, record.body, header["ucr"])
    return found


watched = None
declarations = {}


def case_everything_arrives_through_all_kills():
    global watched
    world.start()
    watched = tray.Tray(world.tray(RECEIVER, ""))
    torture(watched)
    # A program that is asked to stop before it listens to signals ends by the signal itself.
    for program in (*world.adapters.values(), world.router):
        program.wait_for(" start ready ")
    bad = world.stop()
    watched.stop()
    assert not bad, bad
    declarations.update(read_declarations())
    assert len(declarations) == MESSAGES, f"{len(declarations)} declarations in the journal"


def case_every_receipted_message_was_handed_over_once():
    names = collections.Counter(handed_over_id(name) for name in watched.seen
                                if not name.endswith(".ack.json"))
    twice = [name for name, count in names.items() if count > 1]
    assert not twice, f"handed over twice: {twice[:5]}"
    missing = [path.stem for path in receipts() if path.stem not in names]
    assert not missing, f"receipted and not handed over: {missing[:5]}"
    assert len(names) == MESSAGES


def case_every_receipt_holds_and_names_its_record():
    log = client.LogKey((world.dir / "log.vkey").read_text())
    paths = receipts()
    assert len(paths) == MESSAGES
    for path in paths:
        index, header, _ = declarations[path.stem]
        envelope = message_pb.Envelope.FromString(path.with_suffix(".rge").read_bytes())
        assert envelope.header == header, f"{path.name}: another header than the journal's"
        assert client.check_proof(path.read_text(), header, log) == index


def case_no_two_messages_of_one_consignment_were_swapped():
    by_ucr = collections.defaultdict(list)
    for name in watched.seen:
        if not name.endswith(".ack.json"):
            index, _, ucr = declarations[handed_over_id(name)]
            by_ucr[ucr].append(index)
    assert len(by_ucr) == UCRS
    for ucr, indexes in by_ucr.items():
        assert indexes == sorted(indexes), f"{ucr} was handed over out of order"


def case_what_was_handed_over_is_what_was_sent():
    sent = {f"{number:06}" for number in range(MESSAGES)}
    for name in watched.seen:
        text = (world.tray(RECEIVER, "done") / name).read_text()
        sent.discard(re.search(r"\d{6}", text.split("reference", 1)[1]).group())
    assert not sent, f"never arrived: {sorted(sent)[:5]}"


def case_a_flip_below_the_durable_mark_stops_the_start_and_names_the_record():
    records = list(journal.records(world.dir / "router/journal"))
    for victim in rng.sample(records[:-1], 5):
        at = victim.offset + rng.randrange(victim.length)
        with open(victim.segment, "r+b") as segment:
            segment.seek(at)
            byte = segment.read(1)[0]
            segment.seek(at)
            segment.write(bytes([byte ^ (1 << rng.randrange(8))]))
        router = world.start_router(ready=False)
        code = router.process.wait(60)
        with open(victim.segment, "r+b") as segment:
            segment.seek(at)
            segment.write(bytes([byte]))
        assert code == 4, f"exit {code} after a flip in record {victim.index}\n{router.text()[-800:]}"
        assert f"record={victim.index}" in router.text(), router.text()[-800:]
    world.start_router()
    assert world.router.stop() == 0


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
