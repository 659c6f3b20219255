"""The reports of `rivergate report` again, by a program that shares nothing with it.

From the lines of `rivergate audit export` and the six countries' profiles, by the definitions in
adapters/audit/README.md and proto/rules/README.md. It reads what its tests send: declarations
that all name the same legs, and amendments that never come into force.
"""

import collections
import datetime

import story_world
from story_world import OFFICES

RELEASES = {"RELEASED", "RELEASED_CONDITIONAL", "DISCHARGED"}
REFUSALS = {"REFUSED", "RETURN_ORDERED", "DESTROY_ORDERED", "SEIZED"}
LAST = RELEASES | REFUSALS | {"CLOSED"}
# Strictest first, with whose turn it is; PENDING, REGISTERED and ACCEPTED: once the goods are there.
TURNS = {"SEIZED": "AUTHORITY", "DESTROY_ORDERED": "TRADER", "RETURN_ORDERED": "TRADER", "REFUSED": "TRADER",
         "INSPECTED_FAIL": "AUTHORITY", "NOT_DISCHARGED": "AUTHORITY", "HOLD": "AUTHORITY",
         "TREATMENT_REQUIRED": "TRADER", "SAMPLED_AWAITING_LAB": "LABORATORY", "INSPECT": "AUTHORITY",
         "MOVE_TO_STORAGE": "CARRIER", "DOCUMENTS_REQUIRED": "TRADER", "PENDING": "AUTHORITY",
         "REGISTERED": "AUTHORITY", "ACCEPTED": "AUTHORITY", "AUTHORISED": "CARRIER",
         "INSPECTED_PASS": "AUTHORITY", "EXITED": "AUTHORITY", "PARTLY_RELEASED": "AUTHORITY",
         "RELEASED_CONDITIONAL": "NOBODY", "RELEASED": "NOBODY", "DISCHARGED": "NOBODY", "CLOSED": "NOBODY"}
STRICTNESS = list(TURNS)
EVENTS = {"EVENT_ARRIVED": "arrived", "EVENT_PAID": "paid", "EVENT_DOCUMENTS_COMPLETE": "complete",
          "EVENT_GATE_OUT": "gateOut"}
STARTS = ("arrived", "complete", "paid")
OFFICE_PARTIES = {code: party for party, code in OFFICES.items()}
profile = story_world.profile


class Consignment:
    def __init__(self):
        self.lodged = []    # {"id", "from", "at", "purpose", "legs", "goods"}
        self.stamps = collections.defaultdict(dict)     # country: event: when
        self.answers = {}   # country, authority, id of the declaration: Answer
        self.limits = {}    # country: when transit must have ended
        self.overdue = {}   # country: the limit that has passed
        self.turns = collections.defaultdict(list)      # country, authority: [(when, turn)]


Answer = collections.namedtuple("Answer", "status effective recorded record")


def office_of(leg):
    words = ("officeOut", "officeIn") if leg["regime"] == "REGIME_EXPORT" else ("officeIn", "officeOut")
    return leg.get(words[0]) or leg.get(words[1], "")


def regime_of(leg):
    return leg["regime"].removeprefix("REGIME_")


def customs_of(leg):
    return OFFICE_PARTIES[office_of(leg)]


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


def entries(one, leg):
    """(authority, rule): customs of the leg's office, then the rules of its country's profile that decide."""
    rules = profile(leg["country"].lower())["rules"]
    return [(customs_of(leg), "CUSTOMS")] + [
        (rule["authority"], rule["id"]) for rule in rules if rule["role"] == "AUTHORITY_ROLE_DECIDES"
        and matches(rule, leg, goods_of(one), max(each["at"] for each in one.lodged))]


def deciders(one, leg):
    return list(dict.fromkeys(authority for authority, _ in entries(one, leg)))


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


# --- Reading the records ----------------------------------------------------------------------


class Log:
    """What the records say: consignments, answers as (time, country, ucr), refusals as
    (authority, decision, reason); until_us: as of that time."""

    def __init__(self, records, until_us=None):
        self.consignments = collections.defaultdict(Consignment)
        self.answers, self.refusals, self.changes = [], collections.Counter(), set()
        self.last_us = 0
        for record in records:
            if until_us and int(record["timeUs"]) > until_us:
                break
            self.take(record)

    def take(self, record):
        header, at = record.get("header"), int(record["timeUs"])
        ucr = header.get("ucr") if header else None
        if ucr:
            self.note_turns(self.consignments[ucr], None)
        for one in self.consignments.values():
            for country, limit in one.limits.items():
                if limit <= at:
                    one.overdue.setdefault(country, limit)
        self.last_us = at
        if ucr:
            self.take_message(self.consignments[ucr], header, record["record"], at)

    def take_message(self, one, header, index, at):
        when = at
        if header["kind"] == "KIND_DECLARATION":
            one.lodged.append({**header, "at": at})
        elif header["kind"] == "KIND_AMENDMENT":
            self.changes.add(header["id"])
        elif header["kind"] == "KIND_TRANSIT_EVENT":
            when = self.take_event(one, header, at)
        elif header["kind"] == "KIND_INSPECTION_RESULT":
            facts = header["inspectionResult"]
            if facts["result"] in ("RESULT_PASS", "RESULT_FAIL"):
                country = one.lodged[0]["legs"][facts["leg"] - 1]["country"]
                one.stamps[country]["inspected"] = int(facts.get("happenedAtUs", at))
        elif header["kind"] == "KIND_DECISION":
            when = self.take_decision(one, header, index, at)
        self.note_turns(one, when)

    def take_event(self, one, header, at):
        event = header["transitEvent"]
        when = int(event.get("happenedAtUs", at))
        stamps, name = one.stamps[header["from"][:2].upper()], EVENTS.get(event["event"])
        if name and not (name == "arrived" and name in stamps):
            stamps[name] = when
        return when

    def take_decision(self, one, header, index, at):
        facts = header["decision"]
        when = int(facts.get("effectiveAtUs", at))
        status = facts["status"].removeprefix("DECISION_STATUS_")
        decided = next(each["id"] for each in header["refs"] if each["relation"] == "RELATION_DECIDES")
        if status in REFUSALS:
            for reason in facts.get("reasonCodes") or [""]:
                word = "CHANGE_REFUSED" if decided in self.changes else status
                self.refusals[header["from"], word, reason] += 1
        if decided in self.changes:
            return when
        key = header["from"][:2].upper(), header["from"], decided
        one.answers.pop(key, None)
        if status != "REVOKED":
            one.answers[key] = Answer(status, when, at, index)
            self.answers.append((at, key[0], header["ucr"]))
        self.take_transit(one, key[0], status, facts, when)
        return when

    def take_transit(self, one, country, status, facts, when):
        if status == "AUTHORISED":
            leg = next(leg for leg in one.lodged[0]["legs"] if leg["country"] == country)
            limit = int(facts.get("timeLimitUs", 0)) or when + limit_of(leg)
            one.limits[country] = limit
        elif status in ("EXITED", "DISCHARGED"):
            one.limits.pop(country, None)
            if status == "DISCHARGED":
                one.overdue.pop(country, None)

    def note_turns(self, one, when):
        """when None: as time alone has changed it, a limit that has passed."""
        for leg in one.lodged[0]["legs"] if one.lodged else ():
            for authority in deciders(one, leg):
                status, since = word_of(one, leg, authority)
                turn = turn_of(one, leg, status)
                course = one.turns[leg["country"], authority]
                if not course or course[-1][1] != turn:
                    then = since if when is None else when
                    course.append((max(then, course[-1][0]) if course else then, turn))


def limit_of(leg):
    for limit in profile(leg["country"].lower()).get("transitLimits", ()):
        if (not limit.get("officesIn") or leg.get("officeIn") in limit["officesIn"]) and \
                (not limit.get("officesOut") or leg.get("officeOut") in limit["officesOut"]):
            return int(limit["limitUs"])
    return 1 << 62


def words_of(one, leg, authority):
    """What it has said about each declaration that the leg waits for; None: nothing."""
    return [one.answers.get((leg["country"], authority, each["id"])) for each in waited_for(one, leg)]


def word_of(one, leg, authority):
    """(status, since): the strictest of what is no last word, else of those."""
    words = [(word.status, word.effective) if word else ("PENDING", 0) for word in words_of(one, leg, authority)]
    if leg["country"] in one.overdue and authority == customs_of(leg):
        words.append(("NOT_DISCHARGED", one.overdue[leg["country"]]))
    still = [word for word in words if word[0] not in LAST]
    return min(still or words, key=lambda word: STRICTNESS.index(word[0]))


def turn_of(one, leg, status):
    if status in ("PENDING", "REGISTERED", "ACCEPTED") and "arrived" not in one.stamps[leg["country"]]:
        return "NOT_ARRIVED"
    return TURNS[status]


# --- Release times ----------------------------------------------------------------------------


class Thing:
    """One authority's share of a leg."""

    def __init__(self, one, leg, authority, last_us):
        words, stamps = words_of(one, leg, authority), one.stamps[leg["country"]]
        status, _ = word_of(one, leg, authority)
        self.state = "open"
        if status in LAST:
            self.state = "n" if all(word.status in RELEASES for word in words) else "ended"
        self.turn = turn_of(one, leg, status)
        self.end = max(word.effective for word in words) if self.state == "n" else last_us
        self.recorded = max((word.recorded for word in words if word and word.effective == self.end), default=0)
        self.lodged = max(each["at"] for each in waited_for(one, leg))
        self.arrived = stamps.get("arrived", 0)
        known = [stamp for stamp in (*(stamps.get(name, 0) for name in STARTS), self.lodged)
                 if 0 < stamp <= self.end]
        self.start = max(known, default=0)
        self.waited = self.end - self.start if known else 0
        self.backdated = self.state == "n" and self.end < self.arrived <= self.recorded
        self.phase = "ARRIVED" if 0 < self.arrived <= self.end else \
            "BACKDATED" if self.backdated else "BEFORE_ARRIVAL"
        self.parts = self.between(stamps) | self.by_turn(one.turns[leg["country"], authority])

    def between(self, stamps):
        parts, inspected = {}, stamps.get("inspected", 0)
        if 0 < self.arrived <= self.start:
            parts["ARRIVED_TO_START"] = self.start - self.arrived
        if 0 < self.start <= inspected <= self.end:
            parts["START_TO_INSPECTED"] = inspected - self.start
            parts["INSPECTED_TO_RELEASED"] = self.end - inspected
        if stamps.get("gateOut", 0) >= self.end:
            parts["RELEASED_TO_GATE_OUT"] = stamps["gateOut"] - self.end
        return parts

    def by_turn(self, course):
        parts = collections.Counter()
        for number, (when, turn) in enumerate(course if self.start else ()):
            begin = max(when, self.start) if number else self.start
            end = min(course[number + 1][0], self.end) if number + 1 < len(course) else self.end
            parts[f"TURN_{turn}"] += max(end - begin, 0)
        return {name: time for name, time in parts.items() if time}


def things(log):
    for ucr, one in log.consignments.items():
        log.note_turns(one, None)
        for leg in one.lodged[0]["legs"] if one.lodged else ():
            for authority in deciders(one, leg):
                place = leg["country"], regime_of(leg), office_of(leg), authority
                yield ucr, one, leg, place, Thing(one, leg, authority, log.last_us)


def release_times(records):
    log = Log(records)
    cells = collections.defaultdict(lambda: collections.defaultdict(list))
    parts, still_open, backdated = collections.defaultdict(list), [], []
    for ucr, one, leg, place, thing in things(log):
        for kind in {(goods["hs6"][:2], goods["condition"].removeprefix("CONDITION_"))
                     for goods in goods_of(one)}:
            cells[(*place, *kind, thing.phase)][thing.state].append(thing.waited)
            for part, time in thing.parts.items() if thing.state == "n" else ():
                parts[(*place, *kind, thing.phase, part)].append(time)
        stamps = one.stamps[leg["country"]]
        if thing.state == "open":
            still_open.append((ucr, *place, thing.phase, thing.turn, thing.start, thing.waited,
                               stamps.get("arrived"), thing.lodged, stamps.get("complete"), stamps.get("paid"),
                               stamps.get("inspected"), stamps.get("gateOut")))
        if thing.backdated:
            backdated.append((ucr, *place, thing.arrived, thing.end, thing.recorded))
    names = ("country", "regime", "office", "authority", "chapter", "condition", "phase", "part")
    return {
        "releaseTimes": [{**dict(zip(names, texts)), **figures(cells[texts]["n"]),
                          "open": len(cells[texts]["open"]), "ended": len(cells[texts]["ended"])}
                         for texts in sorted(cells)],
        "parts": [{**dict(zip(names, texts)), **figures(parts[texts])} for texts in sorted(parts)],
        "open": rows(still_open, "ucr country regime office authority phase turn sinceUs ageUs arrivedUs "
                                 "lodgedUs completeUs paidUs inspectedUs gateOutUs"),
        "backdated": rows(backdated, "ucr country regime office authority arrivedUs effectiveUs recordedUs"),
    }


def rows(list_of, names):
    return [dict(zip(names.split(), row)) for row in sorted(list_of, key=lambda row: row[:7])]


def figures(times):
    done = sorted(times)
    n = len(done)
    return {"n": n, "medianUs": done[-(-n * 50 // 100) - 1] if n else None,
            "p90Us": done[-(-n * 90 // 100) - 1] if n else None, "meanUs": sum(done) // n if n else None}


# --- The others -------------------------------------------------------------------------------


def volumes(records):
    log = Log(records)
    count = collections.Counter()

    def add(one, country, at, word):
        month = datetime.datetime.fromtimestamp(at / 1e6, datetime.timezone.utc).strftime("%Y-%m")
        regime = next(regime_of(leg) for leg in one.lodged[0]["legs"] if leg["country"] == country)
        for chapter in {goods["hs6"][:2] for goods in goods_of(one)}:
            count[country, regime, chapter, month, word] += 1
    for one in log.consignments.values():
        for leg in one.lodged[0]["legs"]:
            add(one, leg["country"], one.lodged[0]["at"], "consignments")
            for declaration in one.lodged:
                add(one, leg["country"], declaration["at"], "declarations")
    for at, country, ucr in log.answers:
        add(log.consignments[ucr], country, at, "decisions")
    words = ("consignments", "declarations", "decisions")
    return [{**dict(zip(("country", "regime", "chapter", "month"), texts)),
             **{word: count[(*texts, word)] for word in words}}
            for texts in sorted({key[:4] for key in count})]


def refusals(records):
    return Log(records).refusals


def answers(records, until_us):
    """{(ucr, country, authority, rule): (status, record of the answer or None)} as of that time."""
    log = Log(records, until_us)
    found = {}
    for ucr, one in log.consignments.items():
        for leg in one.lodged[0]["legs"] if one.lodged else ():
            for authority, rule in entries(one, leg):
                newest = max((word.record for word in words_of(one, leg, authority) if word), default=None)
                found[ucr, leg["country"], authority, rule] = word_of(one, leg, authority)[0], newest
    return found
