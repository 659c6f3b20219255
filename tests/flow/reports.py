"""`rivergate report`: every number again, by a program that shares nothing with it.

A real router's log of some consignments: released, refused, open; arrived, announced, decided on
paper. This file reads `rivergate audit export` and the six countries' profiles, and computes the
reports by the definitions in adapters/audit/README.md.
"""

import base64
import collections
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
import story_world
from story_world import OFFICES, ref

folder = tempfile.TemporaryDirectory(prefix="rivergate-reports-")
world = story_world.StoryWorld(folder.name)
TH, LA, CN, PLANTS = "th.customs.chiangkhong", "la.customs.boten", "cn.gacc.mohan", "cn.gacc.plants"
DURIAN, MANGOSTEEN = ("081060", "TH", "FRESH", 18000), ("080450", "TH", "FRESH", 900)
RAISIN = ("080620", "TH", "DRIED", 70)
ROUTE = ("TH EXPORT THCKN", "LA TRANSIT LABTN", "CN IMPORT 8648")
MINUTE = 60_000_000


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


def tell_released():
    """Six that are released: at once, after documents and payment, on paper."""
    for number in range(6):
        ucr = f"TH-{number}"
        goods = [DURIAN, MANGOSTEEN] if number == 2 else [DURIAN]
        world.declare(TH, ucr, ROUTE, goods, [LA, CN])
        if number == 1:
            world.event(CN, ucr, "PAID", [TH], happenedAtUs=str(now_us()))
            world.event(CN, ucr, "DOCUMENTS_COMPLETE", [TH])
        arrive(ucr)
        paper = ("--effective", stated(now_us() + MINUTE), "--paper", "P-1") if number == 3 else ()
        world.decide(PLANTS, ucr, "released", *paper)
        world.decide(CN, ucr, "released" if number != 4 else "released-conditional")
    world.event(CN, "TH-5", "PAID", [TH], happenedAtUs=str(now_us() + MINUTE))


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


# --- The same from the records alone


class Consignment:
    def __init__(self):
        self.lodged = []    # {"id", "from", "at", "purpose", "legs", "goods"}
        self.stamps = collections.defaultdict(dict)     # country: event: when
        self.answers = {}   # country, authority, id of the declaration: (status, when)


STAMPS = {"EVENT_ARRIVED": "arrived", "EVENT_PAID": "paid", "EVENT_DOCUMENTS_COMPLETE": "complete"}
RELEASES = {"RELEASED", "RELEASED_CONDITIONAL", "DISCHARGED"}
LAST = RELEASES | {"REFUSED", "RETURN_ORDERED", "DESTROY_ORDERED", "SEIZED", "CLOSED"}
REFUSALS = {"REFUSED", "RETURN_ORDERED", "DESTROY_ORDERED", "SEIZED"}
OFFICE_PARTIES = {code: party for party, code in OFFICES.items()}


def office_of(leg):
    words = ("officeOut", "officeIn") if leg["regime"] == "REGIME_EXPORT" else ("officeIn", "officeOut")
    return leg.get(words[0]) or leg.get(words[1], "")


def matches(rule, leg, goods, at_us):
    def fits(one, match):
        return ((not match.get("hs") or any(one["hs6"].startswith(hs) for hs in match["hs"]))
                and (not match.get("origins") or one["origin"] in match["origins"])
                and (not match.get("conditions") or one["condition"] in match["conditions"]))
    offices = {leg.get("officeIn"), leg.get("officeOut")}
    return ((not rule.get("regimes") or leg["regime"] in rule["regimes"])
            and (not rule.get("offices") or offices & set(rule["offices"]))
            and int(rule.get("effectiveFromUs", 0)) <= at_us
            and any(fits(one, rule.get("goods", {})) for one in goods))


def deciders(one, leg):
    """Customs of the leg's office, then the rules of its country's profile."""
    rules = story_world.profile(leg["country"].lower())["rules"]
    named = [OFFICE_PARTIES[office_of(leg)]]
    named += [rule["authority"] for rule in rules if rule["role"] == "AUTHORITY_ROLE_DECIDES"
              and matches(rule, leg, goods_of(one), max(each["at"] for each in one.lodged))]
    return list(dict.fromkeys(named))


def goods_of(one):
    return [goods for declaration in one.lodged for goods in declaration["goods"]]


def waited_for(one, leg):
    """Lodged here, else elsewhere, else sent ahead. All declarations here name all legs."""
    def preference(declaration):
        if declaration["purpose"] != "PURPOSE_LODGED_COPY":
            return 1
        return 3 if declaration["from"][:2].upper() == leg["country"] else 2
    best = max(preference(declaration) for declaration in one.lodged)
    return [declaration for declaration in one.lodged if preference(declaration) == best]


def read(records):
    """Consignments, answers as (time, country, ucr), refusals as (authority, decision, reason)."""
    all_of = collections.defaultdict(Consignment)
    answers, refusals, changes = [], collections.Counter(), set()
    for record in records:
        header, at = record.get("header"), int(record["timeUs"])
        if not header or not header.get("ucr"):
            continue
        one = all_of[header["ucr"]]
        if header["kind"] == "KIND_DECLARATION":
            one.lodged.append({**header, "at": at})
        elif header["kind"] == "KIND_AMENDMENT":
            changes.add(header["id"])
        elif header["kind"] == "KIND_TRANSIT_EVENT":
            event = header["transitEvent"]
            if event["event"] in STAMPS:
                one.stamps[header["from"][:2].upper()][STAMPS[event["event"]]] = \
                    int(event.get("happenedAtUs", at))
        elif header["kind"] == "KIND_DECISION":
            take_decision(header, at, one, answers, refusals, changes)
    return all_of, answers, refusals


def take_decision(header, at, one, answers, refusals, changes):
    facts = header["decision"]
    status = facts["status"].removeprefix("DECISION_STATUS_")
    decided = next(each["id"] for each in header["refs"] if each["relation"] == "RELATION_DECIDES")
    if status in REFUSALS:
        for reason in facts.get("reasonCodes") or [""]:
            word = "CHANGE_REFUSED" if decided in changes else status
            refusals[header["from"], word, reason] += 1
    if decided in changes:
        return
    key = header["from"][:2].upper(), header["from"], decided
    one.answers.pop(key, None)
    if status != "REVOKED":
        one.answers[key] = status, int(facts.get("effectiveAtUs", at))
        answers.append((at, key[0], header["ucr"]))


def waits(one, leg, authority, last_us):
    """(state, phase, start, microseconds)"""
    asked = waited_for(one, leg)
    words = [one.answers.get((leg["country"], authority, each["id"])) for each in asked]
    state = "open"
    if all(word and word[0] in LAST for word in words):
        state = "n" if all(word[0] in RELEASES for word in words) else "ended"
    end = max(word[1] for word in words) if state == "n" else last_us
    stamps = one.stamps[leg["country"]]
    known = [stamp for stamp in (*stamps.values(), max(each["at"] for each in asked)) if stamp <= end]
    start = max(known, default=0)
    phase = "ARRIVED" if stamps.get("arrived", end + 1) <= end else "BEFORE_ARRIVAL"
    return state, phase, start, end - start if known else 0


def release_times(records):
    all_of, _, _ = read(records)
    last_us = int(records[-1]["timeUs"])
    cells, still_open = collections.defaultdict(lambda: collections.defaultdict(list)), []
    for ucr, one in all_of.items():
        for leg in one.lodged[0]["legs"]:
            regime = leg["regime"].removeprefix("REGIME_")
            for authority in deciders(one, leg):
                state, phase, start, waited = waits(one, leg, authority, last_us)
                place = leg["country"], regime, office_of(leg), authority
                for kind in {(goods["hs6"][:2], goods["condition"].removeprefix("CONDITION_"))
                             for goods in goods_of(one)}:
                    cells[(*place, *kind, phase)][state].append(waited)
                if state == "open":
                    still_open.append((ucr, *place, phase, start, waited))
    names = ("country", "regime", "office", "authority", "chapter", "condition", "phase")
    rows = [{**dict(zip(names, texts)), **figures(cells[texts])} for texts in sorted(cells)]
    names = ("ucr", "country", "regime", "office", "authority", "phase", "sinceUs", "ageUs")
    return {"releaseTimes": rows, "open": [dict(zip(names, row)) for row in sorted(still_open)]}


def figures(cell):
    done = sorted(cell["n"])
    n = len(done)
    return {"n": n, "medianUs": done[-(-n * 50 // 100) - 1] if n else None,
            "p90Us": done[-(-n * 90 // 100) - 1] if n else None,
            "meanUs": sum(done) // n if n else None, "open": len(cell["open"]),
            "ended": len(cell["ended"])}


def volumes(records):
    all_of, answers, _ = read(records)
    count = collections.Counter()

    def add(one, country, at, word):
        month = datetime.datetime.fromtimestamp(at / 1e6, datetime.timezone.utc).strftime("%Y-%m")
        regime = next(leg["regime"] for leg in one.lodged[0]["legs"] if leg["country"] == country)
        for chapter in {goods["hs6"][:2] for goods in goods_of(one)}:
            count[country, regime.removeprefix("REGIME_"), chapter, month, word] += 1
    for one in all_of.values():
        for leg in one.lodged[0]["legs"]:
            add(one, leg["country"], one.lodged[0]["at"], "consignments")
            for declaration in one.lodged:
                add(one, leg["country"], declaration["at"], "declarations")
    for at, country, ucr in answers:
        add(all_of[ucr], country, at, "decisions")
    words = ("consignments", "declarations", "decisions")
    return [{**dict(zip(("country", "regime", "chapter", "month"), texts)),
             **{word: count[(*texts, word)] for word in words}}
            for texts in sorted({key[:4] for key in count})]


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
    ours, theirs = release_times(RECORDS), json.loads(report("release-times", "--json"))
    assert theirs["size"] == len(RECORDS) and theirs["lastTimeUs"] == int(RECORDS[-1]["timeUs"])
    same(ours["releaseTimes"], theirs["releaseTimes"])


def case_those_still_open_are_listed_with_their_age():
    ours, theirs = release_times(RECORDS), json.loads(report("release-times", "--json"))
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
    assert early["n"] == 1 and early["open"] == 1, early
    # Quarantine asks nothing of dried grapes; customs counts the load in both cells, once in each.
    assert of[TH, "08", "DRIED", "BEFORE_ARRIVAL"]["n"] == 1
    assert of[LA, "08", "DRIED", "BEFORE_ARRIVAL"]["n"] == 1


def case_volumes_are_those_of_an_independent_program():
    same(volumes(RECORDS), json.loads(report("volumes", "--json"))["volumes"])


def case_refusals_are_counted_by_authority_and_reason():
    _, _, refusals = read(RECORDS)
    rows = json.loads(report("refusals", "--json"))["refusals"]
    assert {(row["authority"], row["decision"], row["reason"]): row["n"] for row in rows} == refusals
    assert refusals[PLANTS, "CHANGE_REFUSED", "WEIGHT"] == 1 and refusals[CN, "REFUSED", ""] == 1


def case_csv_says_what_json_says():
    for kind, table, words in (("release-times", "releaseTimes", ()), ("volumes", "volumes", ()),
                               ("release-times", "open", ("--open",)), ("refusals", "refusals", ())):
        rows = list(csv.DictReader(io.StringIO(report(kind, "--csv", *words))))
        told = json.loads(report(kind, "--json"))[table]
        assert rows == [{name: "" if value is None else str(value) for name, value in row.items()}
                        for row in told]


def case_text_has_a_line_for_each_row():
    told = json.loads(report("release-times", "--json"))
    lines = report("release-times").splitlines()
    assert len(lines) == len(told["releaseTimes"]) + len(told["open"]) + 4, lines


def case_published_report_has_no_small_cell_and_names_nobody():
    rows = json.loads(report("release-times", "--json", "--published"))
    assert rows["published"] and "open" not in rows
    full = json.loads(report("release-times", "--json"))["releaseTimes"]
    for row, before in zip(rows["releaseTimes"], full):
        for name in ("n", "open", "ended"):
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
                  ("volumes", "--csv", "--open"), ("release-times", "--open"),
                  ("refusals", "--csv", "--json")):
        report(*words, code=2)


def case_view_cannot_be_reported_on():
    view = world.dir / "view"
    world.cli("audit", "export", "--as", CN, "--to", view, world.dir / "router")
    done = world.cli("report", "volumes", view, check=False)
    assert done.returncode == 1 and "whole log" in done.stderr, done.stderr


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
