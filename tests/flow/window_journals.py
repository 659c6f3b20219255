"""Random journals: the window's rules in C against a model of them in Python.

Each journal is some twenty records about one or two consignments: declarations of who may and who
may not, changes that race with decisions, links, events out of order, goods that adapters found,
starts of the window in between. After each record some parties look; plan, status, turn, who holds
and the version in force are those of window_model.py. RIVERGATE_LONG=1: twenty thousand journals;
RIVERGATE_SEED=N: that journal alone.
"""

import collections
import dataclasses
import hashlib
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "interop"))

import cases
import story_world
import window_model
from client import message_pb, session_pb
from window_model import Goods, Leg, Message, member_of

LONG = bool(os.environ.get("RIVERGATE_LONG"))
SEED = os.environ.get("RIVERGATE_SEED")
N_JOURNALS, CPU_S, BATCH = 20_000, float("inf") if LONG else 8, 25
START_US, HOUR_US = 1_790_000_000_000_000, 3_600_000_000
NOTHING = 0xFFFFFFFF

ROUTES = (("TH EXPORT THCKN", "LA TRANSIT LABTN", "CN IMPORT 8648"), ("LA EXPORT LABTN", "CN IMPORT 8648"),
          ("VN EXPORT VNHNG", "CN IMPORT 7203"), ("KH EXPORT KHBVT", "VN IMPORT VNMOC"),
          ("TH EXPORT THARN", "KH TRANSIT KHPPT", "VN IMPORT 45B1"), ("MM EXPORT MMMWD", "TH IMPORT THMST"),
          ("CN EXPORT 7203", "VN TRANSIT VNHNG", "KH IMPORT"), ("LA RE_EXPORT LABTN", "VN RELIEF VNLBO"))
TARIFF = ("081060", "080450", "070320", "100590", "121190", "050790", "010229", "440799", "847130", "999999")
CONDITIONS = ("", "LIVE", "FRESH", "CHILLED", "FROZEN", "DRIED", "OTHER")
ORIGINS = ("TH", "LA", "VN", "KH", "MM", "CN")
STATUSES = [status for status in message_pb.DecisionStatus.keys()
            if not status.endswith(("UNSPECIFIED", "_NOT_DISCHARGED"))]
STATUSES = [status.removeprefix("DECISION_STATUS_") for status in STATUSES]
LIKELY = ("RELEASED", "RELEASED", "RELEASED", "INSPECT", "HOLD", "ACCEPTED", "REFUSED", "REVOKED")
EVENTS = [event.removeprefix("EVENT_") for event in message_pb.TransitEventFacts.Event.keys()
          if not event.endswith("UNSPECIFIED")]
QUARANTINE = ("cn.gacc.plants", "la.animal", "th.doa", "vn.plant", "mm.fisheries", "kh.plant", "th.dld")
OUTSIDERS = ("mm.plant", "kh.customs.bavet", "th.fda", "vn.cites")


def more_rules(cc):
    """Rules that begin, end and apply to steps while the journals run; offices, origins, nothing material."""
    customs = {"cn": "cn.gacc", "la": "la.customs.boten"}.get(cc)
    steps = ("LODGED", "DEPARTED", "ARRIVED")

    def change(profile):
        some = profile["rules"][0]["authority"]
        for number, step in enumerate(steps):
            for word, times in (("from", {"effectiveFromUs": str(START_US + (number + 1) * HOUR_US // 4)}),
                                ("until", {"effectiveUntilUs": str(START_US + (number + 1) * HOUR_US // 3)})):
                rule = {"id": f"{cc}-{word}-{step.lower()}", "authority": customs or some,
                        "role": "AUTHORITY_ROLE_DECIDES" if number else "AUTHORITY_ROLE_INFORMED",
                        "goods": {"hs": ["08", "9999"], "origins": ["TH", "LA", "MM"]},
                        "targetUs": "86400000000", "legalBasis": {"instrument": "Test", "article": "1"},
                        "material": ["movement.plate"] if number == 1 else [], "assumption": True,
                        "appliesTo": f"APPLIES_TO_{step}", **times}
                profile["rules"].append(rule if number else {**rule, "targetUs": "0"})
        return profile
    return change


folder = tempfile.TemporaryDirectory(prefix="rivergate-journals-")
federation = story_world.StoryWorld(folder.name, {cc: more_rules(cc) for cc in ("cn", "la", "th", "vn")})
federation.create()
world = window_model.World(
    {post.address: post.roles for post in federation.posts},
    {(address[:2], code): address for address, code in story_world.OFFICES.items()},
    {cc: json.loads((federation.dir / f"{cc}.window.json").read_text()) for cc in ("cn", "kh", "la", "mm", "th", "vn")})


# --- Journals -------------------------------------------------------------------------------------


def leg_of(text):
    country, regime, *office = text.split()
    office = office[0] if office else ""
    return Leg(country, regime, "", office) if regime.endswith("EXPORT") else Leg(country, regime, office, "")


class Journal:
    """Makes records one after the other, looking at the model to choose what is likely to matter."""

    def __init__(self, seed):
        self.seed, self.rng, self.model = seed, random.Random(seed), window_model.Model(world)
        self.now, self.n = START_US, 0
        self.said = {}         # ucr: messages that others can refer to
        self.records = []      # (time, message or None, restarts before it)
        self.is_smooth = self.rng.random() < 0.5
        self.is_open = self.rng.random() < 0.4     # nothing is kept from anybody
        for _ in range(self.rng.randint(4, 30)):
            self.add()

    def add(self):
        self.now += self.rng.choice((1, 60, 300, 900)) * 1_000_000
        act = self.rng.choices((self.declare, self.change, self.link, self.decide, self.event, self.find, self.alert,
                                self.say, self.tick),
                               (4, 4, 1, 10, 4, 0 if self.is_open else 2, 1, 1, 1))[0]
        if self.said and self.is_smooth and self.rng.random() < 0.5:
            act = self.decide
        message = act() if self.said else self.declare()
        if message:
            self.n += 1
            message.id = hashlib.sha256(f"{self.seed} {self.n}".encode()).digest()[:16]
            if message.ucr:
                self.said.setdefault(message.ucr, []).append(message)
        self.records.append((self.now, message, self.rng.random() < 0.05))
        self.model.take(message, self.now)

    def some_goods(self):
        return Goods(self.rng.choice(TARIFF), self.rng.choice(ORIGINS), self.rng.choice(CONDITIONS),
                     self.rng.randint(1, 3) * 1000)

    def post_of(self, leg):
        return world.customs(leg)

    def ucr(self):
        return self.rng.choice(sorted(self.said))

    def consignment(self, ucr):
        return self.model.consignments[ucr]

    def planned(self, ucr):
        of = self.consignment(ucr)
        return [who for leg in of.legs() for who, _, _ in of.plan(leg)[0]] or list(OUTSIDERS)

    def anybody(self, ucr):
        return self.rng.choice(self.planned(ucr) if self.rng.random() < 0.9 else OUTSIDERS)

    def declarations(self, ucr):
        return [one for one in self.said[ucr] if one.kind == "DECLARATION"]

    def declare(self):
        rng = self.rng
        if self.said and rng.random() < 0.8:
            ucr = self.ucr()
            former = rng.choice(self.declarations(ucr))
            if rng.random() < 0.2:
                return dataclasses.replace(former, movement=dict(former.movement))
            legs = former.legs if rng.random() < 0.7 else former.legs[:rng.randint(1, 3)]
        else:
            ucr = f"UCR-{len(self.said)}"
            legs = tuple(leg_of(text) for text in rng.choice(ROUTES))
        sender = self.post_of(rng.choice(legs)) if rng.random() < 0.4 else self.post_of(legs[0])
        if rng.random() < 0.1:
            sender = rng.choice(OUTSIDERS)
        return Message(
            "DECLARATION", sender, ucr, version=1, legs=legs,
            purpose=rng.choice(("LODGED_COPY", "LODGED_COPY", "LODGED_COPY", "ADVANCE", "PREFILL")),
            lodged_by=rng.choice(("AUTHORITY_COPY", "AUTHORITY_COPY", "OFFICER_FOR_TRADER")),
            goods=tuple(self.some_goods() for _ in range(rng.randint(1, 2))),
            movement={"plate": rng.choice("AAAB"), "seals": ["S1"], "mode": "3"})

    def change(self):
        rng, ucr = self.rng, self.ucr()
        first = rng.choice(self.declarations(ucr))
        versions = [first] + [one for one in self.said[ucr] if one.kind == "AMENDMENT" and one.ref[1] == first.id]
        before = rng.choice(versions)
        latest = max(one.version for one in versions)
        kind = "CANCELLATION" if rng.random() < 0.2 else "AMENDMENT"
        message = dataclasses.replace(
            before, kind=kind, ref=(first.sender, rng.choice((first, before)).id, kind[:-4] + "S"),
            version=latest + rng.choice((0, 1, 1, 1, 1, 2)), movement=dict(before.movement))
        message.ref = first.sender, message.ref[1], {"AMENDMENT": "AMENDS", "CANCELLATION": "CANCELS"}[kind]
        if rng.random() < 0.1:
            message.sender = self.anybody(ucr)
        for _ in range(rng.choice((0, 1, 1, 2)) if kind == "AMENDMENT" else 0):
            self.alter(message)
        return message

    def alter(self, message):
        rng = self.rng
        what = rng.choice(("goods", "hs6", "kilograms", "plate", "trailer", "seals", "containers", "documents", "legs"))
        first = message.goods[0]
        if what == "goods":
            message.goods = message.goods + (self.some_goods(),)
        elif what == "hs6":
            message.goods = (dataclasses.replace(first, hs6=rng.choice(TARIFF)),) + message.goods[1:]
        elif what == "kilograms":
            message.goods = (dataclasses.replace(first, kilograms=first.kilograms + 1),) + message.goods[1:]
        elif what in ("plate", "trailer"):
            message.movement[what] = rng.choice("ABC")
        elif what in ("seals", "containers"):
            message.movement[what] = rng.sample(["S1", "S2", "S3"], rng.randint(0, 2))
        elif what == "documents":
            message.documents = (("851", str(rng.randint(1, 3))),)
        elif rng.random() < 0.3:
            message.legs = message.legs[:max(1, len(message.legs) - 1)]

    def link(self):
        ucr = self.ucr()
        of = self.consignment(ucr)
        senders = [of.owner or "mm.plant", self.anybody(ucr), self.anybody(ucr)]
        who = [one.sender for one in self.declarations(ucr)] + ["vn.cites"]
        return Message("LINK", self.rng.choice(senders), ucr, parties=(self.rng.choice(who),))

    def decide(self):
        rng, ucr = self.rng, self.ucr()
        requests = [one.request for one in self.consignment(ucr).declarations if one.request]
        if requests and rng.random() < 0.5:
            request = rng.choice(requests)
            sender = rng.choice(sorted(request.asked)) if rng.random() < 0.9 else self.anybody(ucr)
            about, status = request.message, rng.choice(("ACCEPTED", "ACCEPTED", "ACCEPTED", "REFUSED", "HOLD"))
        elif self.open_questions(ucr) and rng.random() < 0.5:
            sender, about = rng.choice(self.open_questions(ucr))
            status = "RELEASED" if self.is_smooth else rng.choice(LIKELY)
        else:
            changes = [one for one in self.said[ucr] if one.kind in ("DECLARATION", "AMENDMENT", "CANCELLATION")]
            about, sender = rng.choice(changes), self.anybody(ucr)
            status = rng.choice(LIKELY if rng.random() < 0.6 else STATUSES)
        return Message("DECISION", sender, ucr, ref=(about.sender, about.id, "DECIDES"), status=status,
                       disclosure="NOW" if self.is_open else rng.choice(
                           ("NOW", "NOW", "NOW", "ON_ARRIVAL", "NEVER", "UNSPECIFIED")),
                       leg=rng.choice((0, 0, 0, 0, 1, 2, 3)))

    def open_questions(self, ucr):
        """Authorities that have not decided, each with what waits for it."""
        of = self.consignment(ucr)
        return [(who, one.current) for leg in of.legs() for one in of.waits_for(leg) for who in of.deciding(leg)
                if of.word(leg, who, one, None) in (None, "PENDING")]

    def event(self):
        rng, ucr = self.rng, self.ucr()
        event = rng.choice(("ARRIVED", "ARRIVED", "EXITED", "DEPARTED", "TRACTOR_CHANGED", "TRANSLOADED", *EVENTS))
        movement = {"TRACTOR_CHANGED": {"plate": rng.choice("ABC")},
                    "TRANSLOADED": rng.choice(({"plate": "B"}, {"plate": "C", "containers": ["S1"]}, {"seals": ["S2"]}))}
        return Message("TRANSIT_EVENT", self.anybody(ucr), ucr, leg=rng.choice((0, 0, 0, 1, 2)), event=event,
                       movement=movement.get(event, {}))

    def find(self):
        ucr = self.ucr()
        about = self.rng.choice([one for one in self.said[ucr] if one.kind in ("DECLARATION", "AMENDMENT")])
        return Message("ACKNOWLEDGEMENT", self.anybody(ucr), ucr, ref=(about.sender, about.id, "ACKNOWLEDGES"),
                       goods=(self.some_goods(),))

    def alert(self):
        rng = self.rng

        def some(values, most):
            return rng.sample(values, rng.randint(0, most))

        wanted = tuple({"hs": some([code[:rng.choice((2, 4, 6))] for code in TARIFF], 2), "origins": some(ORIGINS, 2),
                        "conditions": [f"CONDITION_{one}" for one in some(CONDITIONS[1:], 1)]}
                       for _ in range(rng.choice((0, 1, 1, 1, 2))))
        return Message("PEST_ALERT", rng.choice(QUARANTINE if rng.random() < 0.8 else OUTSIDERS), "",
                       number=rng.choice(("A1", "A1", "A2", "")), alerted=wanted, organism="CERAZE",
                       level=rng.choice(("SUSPECTED", "CONFIRMED", "CONFIRMED", "LIFTED", "UNSPECIFIED")),
                       until_us=rng.choice((0, 0, self.now + rng.choice((1, 600, 1800)) * 1_000_000)))

    def say(self):
        """What changes neither plan nor status."""
        ucr = self.ucr()
        return Message(self.rng.choice(("INSPECTION_RESULT", "DELAY_REASON", "NON_COMPLIANCE")), self.anybody(ucr), ucr,
                       leg=self.rng.choice((0, 1, 2)))

    def tick(self):
        return None


# --- The rules in C -------------------------------------------------------------------------------


def packed(message, now):
    header = message_pb.Header(
        id=message.id, to=[], kind=f"KIND_{message.kind}", ucr=message.ucr, version=message.version, sent_at_us=now)
    setattr(header, "from", message.sender)
    if message.purpose:
        header.purpose = message_pb.Purpose.Value(f"PURPOSE_{message.purpose}")
        header.lodged_by = message_pb.LodgedBy.Value(f"LODGED_BY_{message.lodged_by}")
    if message.ref:
        ref = header.refs.add(id=message.ref[1], header_hash=bytes(32), relation=f"RELATION_{message.ref[2]}")
        setattr(ref, "from", message.ref[0])
    for leg in message.legs:
        header.legs.add(country=leg.country, regime=f"REGIME_{leg.regime}", office_in=leg.office_in,
                        office_out=leg.office_out)
    if message.kind == "ACKNOWLEDGEMENT":
        header.acknowledgement.outcome = message_pb.AcknowledgementFacts.OUTCOME_TAKEN_OVER
    put_goods(header.acknowledgement.goods if message.kind == "ACKNOWLEDGEMENT" else header.goods, message.goods)
    if message.movement and message.kind == "TRANSIT_EVENT":
        header.transit_event.movement.CopyFrom(message_pb.Movement(**message.movement))
    elif message.movement:
        header.movement.CopyFrom(message_pb.Movement(**message.movement))
    for kind, number in message.documents:
        header.documents.add(type=kind, number=number)
    if message.kind == "DECISION":
        header.decision.status = message_pb.DecisionStatus.Value(f"DECISION_STATUS_{message.status}")
        header.decision.disclosure = message_pb.Disclosure.Value(f"DISCLOSURE_{message.disclosure}")
        header.decision.leg = message.leg
    elif message.kind == "TRANSIT_EVENT":
        header.transit_event.event = message_pb.TransitEventFacts.Event.Value(f"EVENT_{message.event}")
        header.transit_event.leg = message.leg
    elif message.kind == "LINK":
        header.link.parties.extend(message.parties)
    elif message.kind == "PEST_ALERT":
        put_alert(header.pest_alert, message)
    elif message.kind == "INSPECTION_RESULT":
        header.inspection_result.result = message_pb.InspectionResultFacts.RESULT_FAIL
        header.inspection_result.leg = message.leg
    elif message.kind == "DELAY_REASON":
        header.delay_reason.leg = message.leg
    elif message.kind == "NON_COMPLIANCE":
        header.non_compliance.certificate_number = "N"
    return header.SerializeToString(deterministic=True)


def put_alert(facts, message):
    facts.number, facts.organism, facts.valid_until_us = message.number, message.organism, message.until_us
    facts.level = message_pb.PestAlertFacts.Level.Value(f"LEVEL_{message.level}")
    for wanted in message.alerted:
        facts.goods.add(**wanted)


def put_goods(field, goods):
    for one in goods:
        field.add(hs6=one.hs6, hs_edition="2022", origin=one.origin,
                  condition=f"CONDITION_{one.condition or 'UNSPECIFIED'}",
                  quantity=message_pb.Quantity(value=message_pb.Decimal(unscaled=one.kilograms), unit="KGM"))


def command(letter, content=b""):
    return letter + struct.pack(">I", len(content)) + content


def driver():
    return pathlib.Path(os.environ["RIVERGATE_BUILD"]) / "tests/flow/window_driver"


def feed(commands, n_questions):
    """What the rules in C answer: for each question the view, in the model's form."""
    done = subprocess.run([driver(), federation.dir / "registry.json", federation.dir / "directories",
                           federation.pin()], input=b"".join(commands), capture_output=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr.decode()
    views, at = [], 0
    for _ in range(n_questions):
        plan, at = take(done.stdout, at, message_pb.PlanFacts)
        status, at = take(done.stdout, at, message_pb.StatusFacts)
        view, at = take(done.stdout, at, session_pb.ConsignmentView)
        movement, at = take(done.stdout, at, session_pb.MovementView)
        views.append(seen(plan, status, view, movement))
    assert at == len(done.stdout)
    return views


def take(data, at, kind):
    (length,) = struct.unpack_from(">I", data, at)
    if length == NOTHING:
        return None, at + 4
    return kind.FromString(data[at + 4:at + 4 + length]), at + 4 + length


def name(enum, value, prefix):
    return enum.Name(value).removeprefix(prefix)


def declared(one):
    return one.id, one.leg, name(message_pb.LegStatus, one.status, "LEG_STATUS_")


def in_order(entries):
    """Answers that outlive their rules stand last, in an order that nobody promises."""
    return sorted(entries, key=lambda entry: (entry[2] == "OPEN_ANSWER", entry[2] == "OPEN_ANSWER" and entry[0]))


def seen(plan, status, view, movement):
    if plan is None:
        return None
    assert len(plan.legs) == len(status.legs)
    legs = [{"leg": (told.country, name(message_pb.Regime, told.regime, "REGIME_")),
             "plan": in_order([(one.authority, name(message_pb.AuthorityRole, one.role, "AUTHORITY_ROLE_"), one.rule)
                              for one in told.entries]),
             "no_rule": told.no_rule, "status": name(message_pb.LegStatus, state.status, "LEG_STATUS_"),
             "turn": name(message_pb.Turn, state.turn, "TURN_")}
            for told, state in zip(plan.legs, status.legs)]
    return {"legs": legs, "held_by": status.held_by, "version": status.version,
            "findings": [one.rule for one in status.findings],
            "declarations": sorted(declared(one) for one in view.declarations),
            "movement": movement and (sorted(movement.ucrs), sorted(
                (one.ucr, *declared(one.declaration)) for one in movement.holds))}


# --- Comparison -----------------------------------------------------------------------------------


def viewers(journal, ucr, all_of_them):
    of = journal.model.consignments.get(ucr)
    if of is None:
        return [""]
    everybody = sorted({"", *OUTSIDERS, *(one.sender for one in of.declarations), *journal.planned(ucr)})
    return everybody if all_of_them else journal.rng.sample(everybody, 2)


def questions(journal, all_of_them=False):
    """The journal's commands, and of each question (record, ucr, party, what the model says, facts)."""
    model, commands, asked = window_model.Model(world), [command(b"N")], []
    journal.model = model
    for number, (now, message, restarts) in enumerate(journal.records):
        if restarts:
            commands.append(command(b"S"))
        header = packed(message, now) if message else b""
        commands.append(command(b"R", struct.pack(">QQ", 20 + number, now) + header))
        model.take(message, now)
        for ucr in ([message.ucr] if message and message.ucr else sorted(model.consignments)):
            of = model.consignments[ucr]
            for party in viewers(journal, ucr, all_of_them or number + 1 == len(journal.records)):
                commands.append(command(b"Q", ucr.encode() + b"\0" + party.encode()))
                asked.append((number, ucr, party, model.view(ucr, party), limits(of, party)))
    return commands, asked


def limits(of, party):
    """What nobody may see better than: of each leg the answers open to the viewer; whether FACTS may show."""
    viewer = member_of(party) if party else None
    open_words = [[status for _, status in of.words(leg, viewer)] for leg in of.legs()]
    return open_words, [leg.member for leg in of.facts], [leg.member for leg in of.facts if of.has_arrived(leg)]


def difference(model, rules, party, bounds):
    """What is not as it must be; None: all is."""
    if (model is None) != (rules is None):
        return f"model {'hides' if model is None else 'shows'} it, the rules do not"
    if model is None:
        return None
    for mine, theirs in zip(model["legs"], rules["legs"]):
        for key, value in mine.items():
            if value != theirs[key]:
                return f"leg {mine['leg']}: {key}: model {value}, rules {theirs[key]}"
    if len(model["legs"]) != len(rules["legs"]):
        return f"legs: model {model['legs']}, rules {rules['legs']}"
    if rules["held_by"] not in (model["held_by"] or {""}):
        return f"held by: model {model['held_by']}, rules {rules['held_by']}"
    if sorted(model["declarations"]) != rules["declarations"]:
        return f"declarations: model {sorted(model['declarations'])}, rules {rules['declarations']}"
    if model["movement"] != rules["movement"]:
        return f"movement: model {model['movement']}, rules {rules['movement']}"
    if model["version"] != rules["version"]:
        return f"version: model {model['version']}, rules {rules['version']}"
    if model["alerted"] != ("PEST_ALERT" in rules["findings"]):
        return f"alerts: model {'shows' if model['alerted'] else 'hides'} one, the rules do not"
    return broken(rules, party, bounds)


def broken(rules, party, bounds):
    """The invariants, from the answers alone."""
    open_words, found, arrived = bounds
    rank = {**window_model.RANK, "NO_RULE": window_model.PENDING}
    for leg, words in zip(rules["legs"], open_words):
        if words and rank[leg["status"]] < max(window_model.RANK[word] for word in words):
            return f"leg {leg['leg']}: {leg['status']} is more favourable than {words}"
    may = not party or any(by == member_of(party) or by in arrived for by in found)
    if "FACTS" in rules["findings"] and not may:
        return "FACTS of another member before arrival"
    return None


def told(message):
    if message is None:
        return "TICK"
    return f"{message.id.hex()[:8]} " + " ".join(
        f"{field.name}={value.hex()[:8] if isinstance(value, bytes) else value}"
        for field in dataclasses.fields(message)[:]
        if (value := getattr(message, field.name)) and field.name != "id")


def explain(seed):
    """The shortest prefix of the journal after which somebody sees what he must not."""
    journal = Journal(seed)
    commands, asked = questions(journal, all_of_them=True)
    for (number, ucr, party, model, bounds), rules in zip(asked, feed(commands, len(asked))):
        wrong = difference(model, rules, party, bounds)
        if wrong:
            lines = [f"{index}: {'RESTART ' if restarts else ''}{told(message)}"
                     for index, (_, message, restarts) in enumerate(journal.records[:number + 1])]
            return "\n".join([f"seed {seed}: {ucr} as '{party}' sees it: {wrong}", *lines])
    return f"seed {seed}: differs in the midst of other journals alone"


def note(journal, asked, reached):
    """Counts what the journal holds and what its views show."""
    for _, message, restarts in journal.records:
        kind = message.kind if message else "TICK"
        reached.update([f"kind {kind}", *(["restart"] if restarts else [])])
        for word in ("purpose", "lodged_by", "status", "event", "level", "disclosure"):
            if message and getattr(message, word) and (kind == "DECISION" or word != "disclosure"):
                reached[f"{word} {getattr(message, word)}"] += 1
    for _, _, _, seen, _ in asked:
        for leg in seen["legs"] if seen else ():
            reached.update([f"shown {leg['status']}", f"turn {leg['turn']}"])
        reached.update([f"shown {word}" for word in ("alerted", "held_by") if seen and seen[word]])


def all_there_is():
    """What random journals must reach, by note()."""
    kinds = ("DECLARATION AMENDMENT CANCELLATION LINK DECISION TRANSIT_EVENT ACKNOWLEDGEMENT PEST_ALERT "
             "INSPECTION_RESULT DELAY_REASON NON_COMPLIANCE TICK").split()
    # Without documents and limits of transit nothing says NOT_DISCHARGED.
    shown = [status for status in window_model.RANK if status != "NOT_DISCHARGED"] + ["NO_RULE", "alerted", "held_by"]
    return [*(f"kind {kind}" for kind in kinds), *(f"status {status}" for status in STATUSES),
            *(f"event {event}" for event in EVENTS), *(f"shown {one}" for one in shown),
            *(f"level {level}" for level in ("SUSPECTED", "CONFIRMED", "LIFTED")),
            *(f"purpose {purpose}" for purpose in ("LODGED_COPY", "ADVANCE", "PREFILL")),
            *(f"disclosure {one}" for one in ("NOW", "ON_ARRIVAL", "NEVER")),
            *(f"turn {turn}" for turn in ("NOBODY", "TRADER", "LABORATORY", "CARRIER", "NOT_ARRIVED", "AUTHORITY")),
            "lodged_by OFFICER_FOR_TRADER", "restart"]


def compare(seeds, reached):
    """Those of the seeds whose journals differ; and how many questions were asked."""
    commands, asked = [], []
    for seed in seeds:
        journal = Journal(seed)
        more, views = questions(journal)
        note(journal, views, reached)
        commands += more
        asked += [(seed, *view) for view in views]
    bad = {}
    for (seed, _, _, party, model, bounds), rules in zip(asked, feed(commands, len(asked))):
        if difference(model, rules, party, bounds):
            bad[seed] = True
    return list(bad), len(asked)


def cpu_s():
    """Of this process and of those that it has waited for."""
    return sum(os.times()[:4])


def case_rules_and_model_agree_on_random_journals():
    if SEED:
        wrong = explain(int(SEED))
        assert wrong.endswith("alone"), wrong
        return
    first = random.SystemRandom().randrange(1 << 31)
    n, n_asked, start, reached = 0, 0, cpu_s(), collections.Counter()
    while n < N_JOURNALS and cpu_s() - start < CPU_S:
        bad, asked = compare(range(first + n, first + n + BATCH), reached)
        n, n_asked = n + BATCH, n_asked + asked
        assert not bad, explain(bad[0])
    wanted = all_there_is()
    missing = [what for what in wanted if not reached[what]]
    rarest = ", ".join(f"{what} {reached[what]}" for what in sorted(wanted, key=lambda one: reached[one])[:6])
    print(f"journals {first} to {first + n - 1}: {n_asked} views agree; of {len(wanted)} things "
          f"{len(wanted) - len(missing)} occurred, most seldom {rarest}", flush=True)
    if LONG:
        print("\n".join(f"  {what}: {reached[what]}" for what in sorted(reached)), flush=True)
    assert not missing or n < 500, f"never occurred: {missing}"


def case_model_tells_when_something_differs():
    """A comparison that cannot fail would say nothing: each field, and both invariants."""
    journal = Journal(1)
    commands, asked = questions(journal)
    views = feed(commands, len(asked))
    at = max(index for index, one in enumerate(asked) if one[3] and one[3]["legs"])
    _, _, party, model, bounds = asked[at]
    assert difference(model, views[at], party, bounds) is None
    for key, value in (("held_by", "nobody"), ("version", 99), ("legs", []), ("declarations", [1]),
                       ("movement", ([], []))):
        assert difference(model, {**views[at], key: value}, party, bounds), key
    assert difference({**model, "alerted": not model["alerted"]}, views[at], party, bounds)
    for key in ("plan", "status", "turn", "no_rule"):
        legs = [dict(leg) for leg in views[at]["legs"]]
        legs[0][key] = "something else"
        assert difference(model, {**views[at], "legs": legs}, party, bounds), key
    assert difference(model, None, party, bounds)
    assert broken({"legs": [{"leg": 1, "status": "RELEASED"}], "findings": []}, "la.x", ([["HOLD"]], [], []))
    assert broken({"legs": [], "findings": ["FACTS"]}, "la.x", ([], ["cn"], ["th"]))
    assert not broken({"legs": [], "findings": ["FACTS"]}, "la.x", ([], ["cn"], ["cn"]))


def finish():
    folder.cleanup()


cases.run(globals())
