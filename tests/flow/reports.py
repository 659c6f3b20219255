"""`rivergate report`: every number again, by a program that shares nothing with it.

A real router's log of some consignments: released, refused, open; arrived, announced, decided on
paper. reckoning.py reads `rivergate audit export` and the six countries' profiles, and computes
the reports by the definitions in adapters/audit/README.md.
"""

import base64
import csv
import datetime
import functools
import io
import json
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import cases
import reckoning
import story_world
from story_world import ref

folder = tempfile.TemporaryDirectory(prefix="rivergate-reports-")
world = story_world.StoryWorld(folder.name)
TH, LA, CN, PLANTS = "th.customs.chiangkhong", "la.customs.boten", "cn.gacc.mohan", "cn.gacc.plants"
DURIAN, MANGOSTEEN = ("081060", "TH", "FRESH", 18000), ("080450", "TH", "FRESH", 900)
RAISIN = ("080620", "TH", "DRIED", 70)
ROUTE = ("TH EXPORT THCKN", "LA TRANSIT LABTN", "CN IMPORT 8648")
SECOND = 1_000_000
MINUTE = 60 * SECOND


# --- What happens


def arrive(ucr, **more):
    world.event(CN, ucr, "ARRIVED", [TH], **more)


def export():
    text = world.cli("audit", "export", world.dir / "router").stdout
    return [json.loads(line) for line in text.splitlines()]


def now_us():
    return int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1_000_000)


def stated(time_us):
    moment = datetime.datetime.fromtimestamp(time_us // 1_000_000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def inspect(ucr, **more):
    world.send(PLANTS, {"kind": "KIND_INSPECTION_RESULT", "inspectionResult": {
        "result": "RESULT_PASS", "leg": 3, "place": "8648",
        "signers": [{"authority": PLANTS, "officer": "CN-7"}], **more}}, ucr, [TH])


def tell_released():
    """Six that are released: at once, after documents and payment, on paper, after a laboratory's test."""
    for number in range(6):
        ucr = f"TH-{number}"
        goods = [DURIAN, MANGOSTEEN] if number == 2 else [DURIAN]
        world.declare(TH, ucr, ROUTE, goods, [LA, CN])
        if number == 1:
            world.event(CN, ucr, "PAID", [TH], happenedAtUs=str(now_us()))
            world.event(CN, ucr, "DOCUMENTS_COMPLETE", [TH])
        arrive(ucr)
        if number == 5:
            world.decide(PLANTS, ucr, "documents-required")
            world.decide(PLANTS, ucr, "sampled-awaiting-lab")
            inspect(ucr)
        paper = ("--effective", stated(now_us() + MINUTE), "--paper", "P-1") if number == 3 else ()
        world.decide(PLANTS, ucr, "released", *paper)
        world.decide(CN, ucr, "released" if number != 4 else "released-conditional")
    world.event(CN, "TH-5", "PAID", [TH], happenedAtUs=str(now_us() + MINUTE))
    world.event(CN, "TH-5", "GATE_OUT", [TH], happenedAtUs=str(now_us() + MINUTE))


def tell_others():
    """Before arrival, on the way, refused, asked for again, with a change that is refused."""
    world.declare(TH, "TH-EARLY", ROUTE, [RAISIN, DURIAN, DURIAN], [LA, CN], purpose="PURPOSE_ADVANCE")
    world.declare(TH, "TH-EARLY", ROUTE, [RAISIN, DURIAN, DURIAN], [LA, CN])
    world.decide(TH, "TH-EARLY", "released")
    world.decide(PLANTS, "TH-EARLY", "released")
    world.decide(LA, "TH-EARLY", "authorised")
    world.decide(LA, "TH-EARLY", "discharged")
    world.declare(TH, "TH-OPEN", ROUTE, [DURIAN], [LA, CN])
    arrive("TH-OPEN", happenedAtUs=str(now_us() - 3600 * 1_000_000))
    world.decide(PLANTS, "TH-OPEN", "sampled-awaiting-lab")
    world.decide(CN, "TH-OPEN", "released")
    world.decide(CN, "TH-OPEN", "revoked")
    world.declare(TH, "TH-REFUSED", ROUTE, [DURIAN], [LA, CN])
    arrive("TH-REFUSED")
    world.decide(PLANTS, "TH-REFUSED", "refused", "--reason", "PEST", "--reason", "SEAL")
    world.decide(CN, "TH-REFUSED", "refused")
    world.decide(CN, "TH-REFUSED", "seized", "--reason", "PEST")
    tell_change()
    tell_backdated()


def tell_backdated():
    """Recorded when the goods are there, and said to be older than that; and transit that takes too long."""
    world.declare(TH, "TH-BACK", ROUTE, [DURIAN], [LA, CN])
    arrive("TH-BACK", happenedAtUs=str(now_us() - MINUTE))
    world.decide(PLANTS, "TH-BACK", "released", "--effective", stated(now_us() - 2 * MINUTE), "--paper", "P-2")
    world.declare(TH, "TH-SLOW", ROUTE, [DURIAN], [LA, CN])
    world.event(LA, "TH-SLOW", "ARRIVED", [TH])
    world.decide(LA, "TH-SLOW", "authorised", "--time-limit", stated(now_us() + 2_000_000))
    story_world.wait_for(lambda: world.status(TH, "TH-SLOW")[1] == "NOT_DISCHARGED")
    world.decide(LA, "TH-SLOW", "discharged")


def header_hash_of(identity):
    """From the log, when its checkpoint covers the message."""
    name = base64.b64encode(bytes.fromhex(identity)).decode()
    return story_world.wait_for(lambda: next((record["headerSha256"] for record in export()
                                              if record.get("header", {}).get("id") == name), None))


def tell_change():
    first = world.declare(TH, "TH-CHANGE", ROUTE, [DURIAN], [LA, CN])
    world.decide(PLANTS, "TH-CHANGE", "inspect")
    second = world.send(TH, {
        "kind": "KIND_AMENDMENT", "version": 2, "purpose": "PURPOSE_LODGED_COPY",
        "lodgedBy": "LODGED_BY_AUTHORITY_COPY",
        "legs": [story_world.leg_of(leg) for leg in ROUTE],
        "goods": [story_world.goods_of("081060", "TH", "FRESH", 24000)],
        "refs": [ref(TH, first, header_hash_of(first), "AMENDS")],
    }, "TH-CHANGE", [LA, CN])
    world.decide(PLANTS, "TH-CHANGE", "refused", "--on", second, "--reason", "WEIGHT")


world.create()
world.start_router()
try:
    tell_released()
    tell_others()
    world.router.stop()
finally:
    world.kill()


# --- Comparing


@functools.cache
def report(kind, *words, code=0):
    done = world.cli("report", kind, *words, world.dir / "router", check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def same(ours, theirs):
    for one, other in zip(ours, theirs):
        assert one == other, f"computed here: {one}\nreported:      {other}"
    assert len(ours) == len(theirs), (ours[len(theirs):], theirs[len(ours):])


RECORDS = export()


def case_release_times_are_those_of_an_independent_program():
    ours, theirs = reckoning.release_times(RECORDS), json.loads(report("release-times", "--json"))
    assert theirs["size"] == len(RECORDS) and theirs["lastTimeUs"] == int(RECORDS[-1]["timeUs"])
    same(ours["releaseTimes"], theirs["releaseTimes"])


def case_parts_between_stamps_and_by_turn_are_those_of_an_independent_program():
    ours, theirs = reckoning.release_times(RECORDS), json.loads(report("release-times", "--json"))
    same(ours["parts"], theirs["parts"])
    n = {(row["authority"], row["part"]): row["n"] for row in theirs["parts"]
         if (row["chapter"], row["condition"], row["phase"]) == ("08", "FRESH", "ARRIVED")}
    wanted = {"TURN_AUTHORITY": 6, "TURN_TRADER": 1, "TURN_LABORATORY": 1, "ARRIVED_TO_START": 6,
              "START_TO_INSPECTED": 1, "INSPECTED_TO_RELEASED": 1, "RELEASED_TO_GATE_OUT": 1}
    for part, count in wanted.items():
        assert n[PLANTS, part] == count, (part, n)
    assert n[LA, "TURN_CARRIER"] == n[LA, "TURN_AUTHORITY"] == 1, n


def case_release_that_is_said_to_be_older_than_the_arrival_stands_apart():
    ours, theirs = reckoning.release_times(RECORDS), json.loads(report("release-times", "--json"))
    same(ours["backdated"], theirs["backdated"])
    (row,) = theirs["backdated"]
    assert (row["ucr"], row["authority"]) == ("TH-BACK", PLANTS), row
    assert row["effectiveUs"] < row["arrivedUs"] < row["recordedUs"], row
    assert [row["n"] for row in theirs["releaseTimes"] if row["phase"] == "BACKDATED"] == [1]


def case_those_still_open_are_listed_with_their_age():
    ours, theirs = reckoning.release_times(RECORDS), json.loads(report("release-times", "--json"))
    same(ours["open"], theirs["open"])
    listed = {(row["ucr"], row["authority"]): row for row in theirs["open"]}
    assert listed["TH-OPEN", PLANTS]["ageUs"] >= listed["TH-CHANGE", PLANTS]["ageUs"]
    assert ("TH-OPEN", CN) in listed and ("TH-0", CN) not in listed


def case_figures_are_worth_comparing():
    """The story has each kind of row, or the comparison would say little."""
    rows = json.loads(report("release-times", "--json"))["releaseTimes"]
    of = {(row["authority"], row["chapter"], row["condition"], row["phase"]): row for row in rows}
    many = of[PLANTS, "08", "FRESH", "ARRIVED"]
    assert many["n"] == 6 and many["open"] == 1 and many["ended"] == 1, many
    assert many["p90Us"] > MINUTE / 2 > many["medianUs"] > 0, many
    early = of[PLANTS, "08", "FRESH", "BEFORE_ARRIVAL"]
    assert early["n"] == 1 and early["open"] == 2, early
    # Quarantine asks nothing of dried grapes; customs counts the load in both cells, once in each.
    assert of[TH, "08", "DRIED", "BEFORE_ARRIVAL"]["n"] == 1
    assert of[LA, "08", "DRIED", "BEFORE_ARRIVAL"]["n"] == 1


def case_volumes_are_those_of_an_independent_program():
    same(reckoning.volumes(RECORDS), json.loads(report("volumes", "--json"))["volumes"])


def case_refusals_are_counted_by_authority_and_reason():
    refusals = reckoning.refusals(RECORDS)
    rows = json.loads(report("refusals", "--json"))["refusals"]
    assert {(row["authority"], row["decision"], row["reason"]): row["n"] for row in rows} == refusals
    assert refusals[PLANTS, "CHANGE_REFUSED", "WEIGHT"] == 1 and refusals[CN, "REFUSED", ""] == 1


def case_csv_says_what_json_says():
    for kind, table, words in (("release-times", "releaseTimes", ()), ("volumes", "volumes", ()),
                               ("release-times", "open", ("--table", "open")),
                               ("release-times", "parts", ("--table", "parts")), ("refusals", "refusals", ())):
        rows = list(csv.DictReader(io.StringIO(report(kind, "--csv", *words))))
        told = json.loads(report(kind, "--json"))[table]
        assert rows == [{name: "" if value is None else str(value) for name, value in row.items()}
                        for row in told]


def case_text_has_a_line_for_each_row():
    told = json.loads(report("release-times", "--json"))
    lines = report("release-times").splitlines()
    tables = [told[name] for name in ("releaseTimes", "parts", "open", "backdated")]
    assert len(lines) == sum(len(rows) + 3 for rows in tables) - 2, lines


def case_published_report_has_no_small_cell_and_names_nobody():
    rows = json.loads(report("release-times", "--json", "--published"))
    assert rows["published"] and "open" not in rows and "backdated" not in rows
    full = json.loads(report("release-times", "--json"))
    for table, counts in (("releaseTimes", ("n", "open", "ended")), ("parts", ("n",))):
        assert len(rows[table]) == len(full[table])
        for row, before in zip(rows[table], full[table]):
            for name in counts:
                assert row[name] == (None if 0 < before[name] < 5 else before[name]), row
            for name in ("medianUs", "p90Us", "meanUs"):
                assert row[name] == (before[name] if before["n"] >= 5 else None), row
    assert any(row["n"] == 6 and row["medianUs"] for row in rows["releaseTimes"])
    assert "TH-OPEN" not in report("release-times", "--published")


def case_range_of_time_leaves_out_what_lies_outside():
    for kind, table in (("release-times", "releaseTimes"), ("volumes", "volumes"),
                        ("refusals", "refusals")):
        later = json.loads(report(kind, "--json", "--from", "2099-01-01"))
        assert later[table] == [] and not later.get("open"), later
    before = json.loads(report("volumes", "--json", "--until", "2020-01-01"))
    assert before["volumes"] == []
    first = next(record for record in RECORDS if record.get("header", {}).get("ucr") == "TH-OPEN")
    since = datetime.datetime.fromtimestamp(int(first["timeUs"]) / 1e6, datetime.timezone.utc)
    rows = json.loads(report("release-times", "--json", "--from",
                             since.strftime("%Y-%m-%dT%H:%M:%SZ")))["open"]
    assert {"TH-OPEN", "TH-CHANGE"} <= {row["ucr"] for row in rows}, rows
    assert "TH-0" not in {row["ucr"] for row in rows}, rows


def case_questions_that_make_no_sense_are_refused():
    for words in (("delays",), ("volumes", "--from", "yesterday"), ("volumes", "--until", "12"),
                  ("volumes", "--csv", "--table", "open"), ("release-times", "--table", "open"),
                  ("release-times", "--csv", "--table", "shut"), ("volumes", "--ucr", "TH-1"),
                  ("release-times", "--csv", "--published", "--table", "open"), ("answers", "--published"),
                  ("answers", "--from", "2026-01-01"),
                  ("refusals", "--csv", "--json")):
        report(*words, code=2)


def case_answers_as_of_any_time_are_those_of_an_independent_program():
    times = [int(record["timeUs"]) for record in RECORDS]
    for until_us in (times[len(times) // 3], times[len(times) // 2], times[-2] // SECOND * SECOND - 1):
        moment = datetime.datetime.fromtimestamp(until_us / 1e6, datetime.timezone.utc)
        told = json.loads(report("answers", "--json", "--until", moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")))
        ours = reckoning.answers(RECORDS, until_us)
        theirs = {(row["ucr"], row["country"], row["authority"], row["rule"]):
                  (row["status"], row["answerRecord"]) for row in told["answers"]}
        assert theirs == ours, {key: (theirs.get(key), ours.get(key)) for key in theirs.keys() | ours.keys()
                                if theirs.get(key) != ours.get(key)}
        assert told["lastTimeUs"] <= until_us < told["nextTimeUs"]
        assert told["size"] == sum(at <= until_us for at in times)
    whole = json.loads(report("answers", "--json", "--ucr", "TH-OPEN"))["answers"]
    (row,) = [row for row in whole if (row["authority"], row["rule"]) == (CN, "CUSTOMS")]
    assert (row["status"], row["answerRecord"]) == ("PENDING", None), "what was revoked is no answer"
    report("answers", "--until", "2099-01-01", code=1)


def case_view_cannot_be_reported_on():
    view = world.dir / "view"
    world.cli("audit", "export", "--as", CN, "--to", view, world.dir / "router")
    done = world.cli("report", "volumes", view, check=False)
    assert done.returncode == 1 and "whole log" in done.stderr, done.stderr


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
