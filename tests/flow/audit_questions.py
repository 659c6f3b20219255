"""`rivergate audit search`, `export` and `reconcile`: questions to a real router's log.

A sender with its own client, a receiver with the real adapter, whose state folder is then
held against the log, and against logs that its operator might show instead.
"""

import csv
import io
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import cases
import client
import journal
import logs
from client import message_pb, record_pb
from forging import Forged

ROOM = pathlib.Path(tempfile.mkdtemp(prefix="rivergate-questions-"))
SENDER, RECEIVER = logs.SENDER, logs.RECEIVER
SECOND = 1_000_000
WORLD = logs.Log(ROOM / "world")
STATE = WORLD.world.dir / "parties" / RECEIVER / "state"
BOOK = STATE / "client/deliveries"
SENT = ROOM / "sender"
KNOWN = {"n": 0}
DONE, NO, USAGE, COULD_NOT = 0, 1, 2, 3


def submit(**fields):
    """One declaration; its receipt is kept as a party would: (index, header)."""
    part, frame = client.make_part("customs", "rivergate.v1.Declaration", os.urandom(60))
    header = client.make_header(SENDER, [RECEIVER], message_pb.KIND_DECLARATION, [part], **fields)
    peer = WORLD.session()
    peer.submit(header, WORLD.signer.signature(header), [frame])
    answer, _ = peer.wait("receipts", "refusal")
    peer.close()
    assert answer.WhichOneof("body") == "receipts", peer.check_refusal(answer.refusal)
    name = message_pb.Header.FromString(header).id
    for text in client.check_receipts(answer.receipts, {name: header}, WORLD.key).values():
        (SENT / "sent" / f"{name.hex()}.tlog-proof").write_text(text)
    return answer.receipts.records[0].index, header


def make_log():
    (SENT / "sent").mkdir(parents=True)
    WORLD.start()
    adapter = WORLD.world.start_adapter(RECEIVER)
    durian = message_pb.Goods(hs6="081060", hs_edition="2022", origin="TH")
    phyto = message_pb.DocumentRef(type="851", number="PC-2026-7", issuer="doa")
    truck = message_pb.Movement(plate="KH 2A-1234", containers=["TCLU4265447"], seals=["S-99"], mode="3")
    for number in range(12):
        KNOWN[number] = submit(ucr=f"KH-{number}", purpose=message_pb.PURPOSE_ADVANCE)
    KNOWN["durian"] = submit(ucr="KH-DURIAN", goods=[durian], documents=[phyto], movement=truck)
    KNOWN["formula"] = submit(ucr="=cmd|' /C calc'!A1", documents=[
        message_pb.DocumentRef(type="380", number='@SUM("1";2)\r\n+3')])
    logs.wait_until(lambda: BOOK.exists() and BOOK.read_text().count("delivery ") >= 14, "deliveries")
    time.sleep(2.5)
    adapter.stop()
    time.sleep(1.2)
    WORLD.stop()


def cli(*words, code=DONE, says=""):
    done = WORLD.world.cli("audit", *words, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == code, f"{words}: exit {done.returncode}, not {code}\n{said[-3000:]}"
    assert says in said, f"{words}: does not say '{says}'\n{said[-3000:]}"
    return done


def search(*words, code=DONE):
    return [row["record"] for row in json.loads(cli("search", "--json", *words, WORLD.dir, code=code).stdout)]


def forge():
    KNOWN["n"] += 1
    return Forged(WORLD.dir, ROOM / f"forged-{KNOWN['n']}", WORLD.dir / "keys/log.key")


# --- Search --------------------------------------------------------------------------------


def case_message_is_found_by_ucr_id_and_what_it_carries():
    make_log()
    index, header = KNOWN["durian"]
    name = message_pb.Header.FromString(header).id.hex()
    for words in (("--id", name), ("--id", name.upper()), ("--hs", "0810"),
                  ("--hs", "08.10.60"), ("--document", "pc-2026-7"), ("--vehicle", "KH 2A-1234"),
                  ("--vehicle", "TCLU4265447"), ("--vehicle", "s-99")):
        assert search(*words) == [index], words
    # The acknowledgement speaks of the same consignment.
    found = search("--ucr", "kh-durian")
    assert found[0] == index and len(found) <= 2
    assert search("--ucr", "kh-durian", "--kind", "declaration") == [index]


def case_messages_are_found_by_kind_party_and_time():
    declarations = search("--kind", "DECLARATION")
    assert len(declarations) == 14
    assert search("--party", SENDER, "--kind", "DECLARATION") == declarations
    assert search("--party", SENDER[:2], "--kind", "DECLARATION") == declarations
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    assert search("--since", moment, "--kind", "DECLARATION") == declarations
    assert len(search("--limit", 3)) == 3


def case_what_is_not_there_is_answered_no():
    for words in (("--ucr", "KH-NONE"), ("--party", "zz"), ("--until", "2001-01-01"), ("--hs", "99"),
                  ("--vehicle", "X"), ("--document", "PC-2026-8"), ("--id", "00" * 16)):
        assert search(*words, code=NO) == [], words


def case_search_at_an_earlier_size_does_not_see_what_came_later():
    index, _ = KNOWN["durian"]
    assert search("--hs", "0810", "--at", index + 1) == [index]
    assert search("--hs", "0810", "--at", index, code=NO) == []


def case_questions_that_make_no_sense_are_usage():
    for words in (("--id", "xyz"), ("--kind", "NOTHING"), ("--hs", "0"), ("--hs", "08106a"),
                  ("--since", "soon"), ("--until", "10"), ("--at", "0"), ("--limit", "0")):
        cli("search", *words, WORLD.dir, code=USAGE)
    cli("search", ROOM / "nowhere", code=NO)


def case_damaged_bundle_is_told_and_nothing_unproved_is_shown():
    log = forge()
    log.write()
    bundle = next((log.dir / "tile/entries").rglob("[0-9]*"))
    bundle = bundle if bundle.is_file() else next(path for path in bundle.rglob("*") if path.is_file())
    data = bytearray(bundle.read_bytes())
    at = data.index(b"KH-DURIAN")
    data[at] ^= 1
    bundle.write_bytes(bytes(data))
    done = cli("search", "--json", "--hs", "0810", log.dir, code=NO, says="cannot be proved")
    assert json.loads(done.stdout) == []


# --- Export --------------------------------------------------------------------------------


def case_table_holds_every_message_once():
    text = cli("export", "--format", "csv", WORLD.dir).stdout
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [int(row["record"]) for row in rows] == search()
    row = next(row for row in rows if row["goods"])
    index, header = KNOWN["durian"]
    assert (int(row["record"]), row["goods"], row["documents"], row["plate"]) == (
        index, "081060/TH", "851:PC-2026-7", "KH 2A-1234")
    assert row["header_sha256"] == client.sha256(header).hex()


def case_formulas_do_not_reach_a_spreadsheet():
    text = cli("export", "--format", "csv", "--kind", "DECLARATION", WORLD.dir).stdout
    row = next(row for row in csv.DictReader(io.StringIO(text, newline="")) if "cmd" in row["ucr"])
    assert row["ucr"] == "'=cmd|' /C calc'!A1"
    assert row["documents"] == '380:@SUM("1";2)  +3'
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not any(cell.lstrip(" ")[:1] in "=+-@\t\r" for cell in row if cell), row


def case_json_lines_hold_every_record_with_its_whole_header():
    lines = [json.loads(line) for line in cli("export", WORLD.dir).stdout.splitlines()]
    assert [line["record"] for line in lines] == list(range(len(lines)))
    assert lines[0]["type"] == "ORIGIN" and {line["type"] for line in lines} >= {"MESSAGE", "PROGRESS"}
    line = lines[KNOWN["durian"][0]]
    assert line["header"]["movement"]["seals"] == ["S-99"]
    assert line["headerSha256"] == client.sha256(KNOWN["durian"][1]).hex()


def case_export_takes_the_questions_of_search():
    lines = cli("export", "--hs", "0810", WORLD.dir).stdout.splitlines()
    assert [json.loads(line)["record"] for line in lines] == [KNOWN["durian"][0]]
    cli("export", "--format", "xls", WORLD.dir, code=USAGE)


# --- Reconcile: two logs -------------------------------------------------------------------


def reconcile(a, b, *words, code=DONE):
    return json.loads(cli("reconcile", "--json", *words, a, b, code=code).stdout)


def rows(report, rule):
    return [row["record"] for row in report["findings"] if row["rule"] == rule]


def case_log_agrees_with_itself_and_with_an_earlier_copy():
    assert reconcile(WORLD.dir, WORLD.dir)["agrees"]
    log = forge()
    del log.leaves[12:], log.parts[12:]
    log.write()
    for a, b in ((log.dir, WORLD.dir), (WORLD.dir, log.dir)):
        report = reconcile(a, b)
        assert report["agrees"] and report["common"] == 12


def case_split_view_names_the_first_record_that_differs():
    log = forge()
    index, _ = KNOWN["durian"]
    log.set_meta(index, time_us=log.fields(index)[1].time_us + 1)
    log.write()
    report = reconcile(WORLD.dir, log.dir, code=NO)
    assert rows(report, "SPLIT") == [index] and report["common"] == index
    assert rows(report, "ABSENT") == [index, index]


def case_removed_record_is_named():
    log = forge()
    index, _ = KNOWN[5]
    log.remove(index)
    log.write()
    report = reconcile(WORLD.dir, log.dir, code=NO)
    assert rows(report, "SPLIT") == [index] and rows(report, "ABSENT") == [index]
    assert "of A is not in B" in next(row["text"] for row in report["findings"] if row["rule"] == "ABSENT")


def case_logs_that_are_not_one_are_told():
    log = forge()
    log.origin = "rivergate.example/other"
    (log.dir / "log.vkey").write_text("nonsense\n")
    log.write()
    assert rows(reconcile(WORLD.dir, log.dir, code=NO), "CHECKPOINT") == [None]
    cli("reconcile", ROOM / "nowhere", WORLD.dir, code=USAGE, says="--as PARTY")


# --- Reconcile: a party's books ------------------------------------------------------------


def case_adapters_books_agree_with_the_log():
    report = reconcile(STATE, WORLD.dir, "--as", RECEIVER)
    assert report["agrees"] and report["a"] == report["b"] == report["common"] >= 14
    assert report["compared"] > 0


def case_senders_receipts_agree_with_the_log():
    report = reconcile(SENT, WORLD.dir, "--as", SENDER)
    assert report["agrees"] and report["compared"] == 14


def case_receipt_that_the_log_does_not_keep_is_found():
    log = forge()
    index, header = KNOWN["durian"]
    other = message_pb.Header.FromString(header)
    other.ucr = "KH-OTHER"
    log.set_header(index, client.pack(other), WORLD.signer.signature(client.pack(other)))
    log.write()
    report = reconcile(SENT, log.dir, "--as", SENDER, code=NO)
    assert index in rows(report, "RECEIPT")


def books(text):
    """A copy of the adapter's state with another book of deliveries."""
    KNOWN["n"] += 1
    folder = ROOM / f"state-{KNOWN['n']}"
    folder.mkdir()
    (folder / "deliveries").write_text(text)
    return folder


def case_delivery_that_was_held_back_is_found():
    lines = BOOK.read_text().splitlines(keepends=True)
    row = next(line for line in lines if line.startswith("delivery 5 "))
    report = reconcile(books("".join(line for line in lines if line != row)), WORLD.dir,
                       "--as", RECEIVER, code=NO)
    assert rows(report, "UNDELIVERED") == [int(row.split()[2])]


def case_delivery_that_the_log_does_not_list_is_found():
    text = BOOK.read_text()
    more = text + "delivery 900 77 1\n"
    assert rows(reconcile(books(more), WORLD.dir, "--as", RECEIVER, code=NO), "COUNTER") == [77]
    row = next(line for line in text.splitlines() if line.startswith("delivery 5 "))
    words = row.split()
    other = text.replace(row, f"delivery 5 {int(words[2]) + 1} {words[3]}")
    report = reconcile(books(other), WORLD.dir, "--as", RECEIVER, code=NO)
    assert rows(report, "COUNTER") == [int(words[2]) + 1]


def case_book_is_not_said_to_agree_with_a_log_that_was_not_judged():
    folder = forge().write().dir
    shutil.rmtree(folder / "journal")
    report = reconcile(STATE, folder, "--as", RECEIVER, code=NO)
    assert not report["agrees"], report
    assert any("was not compared" in finding["text"] for finding in report["findings"]), report
    law = ("--registry", WORLD.world.dir / "registry.json", "--directories", WORLD.world.dir / "directories",
           "--pin", WORLD.world.pin())
    assert reconcile(STATE, folder, "--as", RECEIVER, *law)["agrees"]


def case_book_that_cannot_be_read_is_told():
    for text in ("delivery x 1 2\n", "delivery 0 1 2\n", "delivery 1 1\n", "gift 1 1 1\n", "\n"):
        assert rows(reconcile(books(text), WORLD.dir, "--as", RECEIVER, code=NO), "COUNTER") == [None], text


def case_book_that_ends_early_is_no_contradiction():
    lines = BOOK.read_text().splitlines(keepends=True)
    few = [line for line in lines if int(line.split()[1]) <= 5]
    assert reconcile(books("".join(few)), WORLD.dir, "--as", RECEIVER)["common"] == 5


# --- Evidence in spite of others -------------------------------------------------------------


def case_message_that_names_half_of_another_does_not_keep_its_evidence_back():
    """Its reference has the hash of a header and an id that is none: it refers to nothing."""
    log = forge()
    (first, wanted), (later, header) = KNOWN[3], KNOWN[4]
    other = message_pb.Header.FromString(header)
    other.refs.add(**{"from": SENDER}, id=os.urandom(16), header_hash=client.sha256(wanted),
                   relation=message_pb.RELATION_CAUSED_BY)
    log.set_header(later, client.pack(other), WORLD.signer.signature(client.pack(other)))
    log.write()
    assert json.loads(cli("verify", "--json", log.dir).stdout)["verified"]
    name = message_pb.Header.FromString(wanted).id.hex()
    cli("prove", name, "--log", log.dir, "--unwitnessed", "--out", ROOM / "half")
    assert (ROOM / "half/records" / f"{first:020}").is_dir() and not (ROOM / "half/records" / f"{later:020}").exists()


# --- A party's view ------------------------------------------------------------------------


def view():
    KNOWN["n"] += 1
    folder = ROOM / f"view-{KNOWN['n']}"
    cli("export", "--as", RECEIVER, "--to", folder, WORLD.dir)
    return folder


def verify(folder, *words, code=DONE):
    return json.loads(cli("verify", "--json", *words, folder, code=code).stdout)


def case_view_verifies_by_its_hashes_and_by_the_law_that_is_given():
    folder = view()
    report = verify(folder)
    assert report["verified"] and report["withheld"] > 0 and not report["judged"]
    law = ("--registry", WORLD.world.dir / "registry.json", "--directories",
           WORLD.world.dir / "directories", "--pin", WORLD.world.pin())
    report = verify(folder, *law)
    assert report["verified"] and report["judged"] and report["view"] == RECEIVER
    cli("verify", *law[:4], "--pin", "ab" * 32, folder, code=COULD_NOT)
    assert verify(WORLD.dir)["root"] == report["root"]


def case_changed_leaf_and_tile_of_a_view_are_found():
    folder = view()
    index, _ = KNOWN["durian"]
    leaf = next(path for path in (folder / "leaf").rglob("*") if path.is_file()
                and b"KH-DURIAN" in path.read_bytes() and b"081060" in path.read_bytes())
    data = leaf.read_bytes()
    leaf.write_bytes(data.replace(b"KH-DURIAN", b"KH-MURIAN"))
    assert index in rows(verify(folder, code=NO), "ENTRY")
    leaf.write_bytes(data)
    assert verify(folder)["verified"]
    size = int((folder / "checkpoint").read_text().split("\n")[1])
    logs.flip(folder / f"tile/0/000.p/{size}", 40)
    assert verify(folder, code=NO)["findings"]


def case_deliveries_of_a_view_are_reconciled_with_the_partys_books():
    law = ("--registry", WORLD.world.dir / "registry.json", "--directories",
           WORLD.world.dir / "directories", "--pin", WORLD.world.pin())
    report = reconcile(STATE, view(), "--as", RECEIVER, *law)
    assert report["agrees"] and report["common"] >= 14


def finish():
    WORLD.kill()
    shutil.rmtree(ROOM, ignore_errors=True)


cases.run(globals())
