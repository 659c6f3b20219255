"""The window's plan and status once more, written from proto/rules/README.md and from nothing else.

Slow and plain: it keeps every message and computes everything anew for each question. Left out:
documents, clocks, transit limits, findings other than alerts. window_journals.py compares it with
the rules in C.
"""

import dataclasses

# Strictest first. UNDER_CONTROL is what others see of an answer that is not for them.
ORDER = ("SEIZED DESTROY_ORDERED RETURN_ORDERED REFUSED INSPECTED_FAIL NOT_DISCHARGED HOLD TREATMENT_REQUIRED "
         "SAMPLED_AWAITING_LAB INSPECT UNDER_CONTROL MOVE_TO_STORAGE DOCUMENTS_REQUIRED PENDING REGISTERED "
         "ACCEPTED AUTHORISED INSPECTED_PASS EXITED PARTLY_RELEASED RELEASED_CONDITIONAL RELEASED DISCHARGED "
         "CLOSED").split()
RANK = {status: len(ORDER) - place for place, status in enumerate(ORDER)}
PENDING = RANK["PENDING"]
HIDDEN = ("NEVER", "ON_ARRIVAL")

TURNS = (("NOBODY", "RELEASED RELEASED_CONDITIONAL DISCHARGED CLOSED"),
         ("TRADER", "DOCUMENTS_REQUIRED TREATMENT_REQUIRED REFUSED RETURN_ORDERED DESTROY_ORDERED"),
         ("LABORATORY", "SAMPLED_AWAITING_LAB"), ("CARRIER", "MOVE_TO_STORAGE AUTHORISED"))

FIELDS = {"legs": lambda said: said.legs,
          "goods.hs6": lambda said: [one.hs6 for one in said.goods],
          "goods.origin": lambda said: [one.origin for one in said.goods],
          "goods.condition": lambda said: [one.condition for one in said.goods],
          "goods.quantity": lambda said: [one.kilograms for one in said.goods],
          "movement.plate": lambda said: said.movement.get("plate", ""),
          "movement.trailer": lambda said: said.movement.get("trailer", ""),
          "movement.containers": lambda said: said.movement.get("containers", []),
          "movement.seals": lambda said: said.movement.get("seals", []),
          "movement.mode": lambda said: said.movement.get("mode", ""),
          "documents": lambda said: said.documents}
EVERYBODY = "everybody"    # a viewer from no member: he sees what nobody may be kept from
CUSTOMS_MATERIAL = set(FIELDS) - {"movement.plate", "movement.trailer"}


@dataclasses.dataclass(frozen=True)
class Leg:
    country: str
    regime: str
    office_in: str = ""
    office_out: str = ""

    @property
    def key(self):
        return self.country, self.regime

    @property
    def member(self):
        return self.country.lower()


@dataclasses.dataclass(frozen=True)
class Goods:
    hs6: str
    origin: str
    condition: str     # empty: not stated
    kilograms: int


@dataclasses.dataclass
class Message:
    """A header as the journal holds it; what a kind does not use is empty."""

    kind: str
    sender: str
    ucr: str
    id: bytes = b""
    version: int = 0
    purpose: str = ""
    lodged_by: str = ""
    ref: tuple = ()    # sender and id of the message that it is about
    legs: tuple = ()
    goods: tuple = ()
    movement: dict = dataclasses.field(default_factory=dict)
    documents: tuple = ()
    status: str = ""
    disclosure: str = "NOW"
    leg: int = 0
    event: str = ""
    parties: tuple = ()
    number: str = ""   # of an alert, with what follows
    level: str = ""
    organism: str = ""
    until_us: int = 0
    alerted: tuple = ()    # which goods: as in a profile's JSON


def member_of(address):
    return address[:2]


def lies_under(address, authority):
    return address == authority or address.startswith(authority + ".")


def differences(one, other):
    return {name for name, value in FIELDS.items() if value(one) != value(other)}


# --- Plan ---------------------------------------------------------------------------------------


@dataclasses.dataclass
class World:
    """What members have said: parties with their roles, offices, profiles."""

    parties: dict      # address: roles
    offices: dict      # (cc, code): address
    profiles: dict     # cc: as in its JSON

    def customs(self, leg):
        code = (leg.office_out or leg.office_in) if leg.regime == "EXPORT" else leg.office_in or leg.office_out
        named = self.offices.get((leg.member, code))
        if named and "CUSTOMS" in self.parties[named]:
            return named
        mine = [address for address, roles in self.parties.items()
                if member_of(address) == leg.member and "CUSTOMS" in roles]
        return min(mine, key=lambda address: (len(address), address), default=None)

    def condition(self, member, goods):
        if goods.condition:
            return goods.condition
        for default in self.profiles[member].get("conditionDefaults", []):
            if goods.hs6.startswith(default["hs"]):
                return default["condition"].removeprefix("CONDITION_")
        return "OTHER"

    def matches_goods(self, member, wanted, goods):
        def fits(one):
            return ((not wanted.get("hs") or any(one.hs6.startswith(hs) for hs in wanted["hs"]))
                    and (not wanted.get("origins") or one.origin in wanted["origins"])
                    and (not wanted.get("conditions")
                         or f"CONDITION_{self.condition(member, one)}" in wanted["conditions"]))
        return any(fits(one) for one in goods)

    def matches(self, rule, leg, goods, steps, now):
        if rule.get("regimes") and f"REGIME_{leg.regime}" not in rule["regimes"]:
            return False
        if rule.get("offices") and not {leg.office_in, leg.office_out} & set(rule["offices"]):
            return False
        if not self.matches_goods(leg.member, rule.get("goods", {}), goods):
            return False
        step = rule.get("appliesTo", "APPLIES_TO_LODGED").removeprefix("APPLIES_TO_")
        at = steps.get(step) or now
        until = int(rule.get("effectiveUntilUs", 0))
        return int(rule.get("effectiveFromUs", 0)) <= at and (not until or at < until)

    def plan(self, leg, goods, steps, now):
        """[(authority, role, rule)], and whether no rule of the profile spoke."""
        entries, customs = [], self.customs(leg)
        if customs:
            entries.append((customs, "DECIDES", "CUSTOMS"))
        matched = [(rule["authority"], rule["role"].removeprefix("AUTHORITY_ROLE_"), rule["id"])
                   for rule in self.profiles.get(leg.member, {}).get("rules", [])
                   if self.matches(rule, leg, goods, steps, now)]
        return entries + matched, not matched

    def issuer_of(self, alert):
        """The authority for which the sender raises the alert; None: he may not."""
        member = member_of(alert.sender)
        named = self.profiles.get(member, {}).get("competences", [])
        if named:
            return next((one["authority"] for one in named if lies_under(alert.sender, one["authority"])
                         and (not one.get("organisms") or alert.organism in one["organisms"])), None)
        roles = self.parties.get(alert.sender, ())
        return alert.sender if {"PLANT_QUARANTINE", "ANIMAL_QUARANTINE"} & set(roles) else None

    def material(self, member, rule):
        if rule == "CUSTOMS":
            return CUSTOMS_MATERIAL
        if rule == "OPEN_ANSWER":
            return set()
        return next(set(one.get("material", [])) for one in self.profiles[member]["rules"] if one["id"] == rule)


# --- One consignment ----------------------------------------------------------------------------


@dataclasses.dataclass
class Request:
    """A version, or a cancellation, that waits for leave."""

    message: Message
    asked: set


@dataclasses.dataclass
class Declaration:
    first: Message
    lodged_us: int
    versions: dict             # id: Message
    changed: dict              # id: fields that have changed since that version
    current: Message
    request: Request = None
    cancelled: bool = False
    found: tuple = ()
    found_by: str = ""         # member
    stranger: bool = False

    @property
    def sender(self):
        return self.first.sender


@dataclasses.dataclass
class Answer:
    version: Message           # decided on
    status: str
    disclosure: str


class Consignment:
    def __init__(self, world):
        self.world = world
        self.owner, self.joined = "", set()
        self.declarations = []
        self.happened = {}     # (leg's key, event): time
        self.known_legs = []   # those of the last declarations that counted
        self.facts = []        # legs of those whose adapters found other goods
        self.seen = {}         # movement, as events told of it
        self.transloaded = False
        self.answers = {}      # (authority, id of the declaration, leg's key): Answer
        self.now = 0
        self.memo = {}         # plans, until the next record

    # What it consists of.

    def is_part(self, one):
        return not one.stranger

    def find_strangers(self):
        """What was part stays while something strict or hidden is open about it."""
        for one in self.declarations:
            may_declare = (not self.owner or one.sender == self.owner
                           or any(lies_under(one.sender, party) for party in self.joined))
            held = any(RANK[answer.status] > PENDING or answer.disclosure in HIDDEN
                       for (_, identity, _), answer in self.answers.items() if identity == one.first.id)
            one.stranger = not may_declare and (one.stranger or not held)

    def counting(self):
        return [one for one in self.declarations if not one.cancelled and self.is_part(one)]

    def legs(self):
        return self.known_legs

    def find_parts(self):
        """After each record: legs that go may leave a stranger with nothing that holds him."""
        before = None
        while before != [one.stranger for one in self.declarations]:
            before = [one.stranger for one in self.declarations]
            self.find_strangers()
            self.find_legs()

    def find_legs(self):
        """What nobody names any more is forgotten; when all is cancelled it stays."""
        legs = {}
        for one in self.counting():
            for leg in one.current.legs:
                legs.setdefault(leg.key, leg)
        if legs:
            self.known_legs = list(legs.values())
            self.happened = {key: at for key, at in self.happened.items() if key[0] in legs}
            self.answers = {key: one for key, one in self.answers.items() if key[2] in legs}

    def naming(self, leg):
        return [one for one in self.counting() if leg.key in [mine.key for mine in one.current.legs]]

    def has_arrived(self, leg):
        return (leg.key, "ARRIVED") in self.happened

    # Plan.

    def plan(self, leg, with_found=True):
        """with_found: with what adapters found."""
        if (leg, with_found) not in self.memo:
            self.memo[leg, with_found] = self.compute_plan(leg, with_found)
        return self.memo[leg, with_found]

    def compute_plan(self, leg, with_found):
        naming = self.naming(leg)
        goods = [item for one in naming for item in one.current.goods]
        goods += [item for one in naming for item in one.found
                  if with_found and self.meets_found(leg, one)]
        steps = {"LODGED": max((one.lodged_us for one in naming), default=0),
                 "DEPARTED": self.happened.get((leg.key, "DEPARTED")),
                 "ARRIVED": self.happened.get((leg.key, "ARRIVED"))}
        entries, no_rule = self.world.plan(leg, goods, steps, self.now)
        deciding = {authority for authority, role, _ in entries if role == "DECIDES"}
        kept = {authority for authority in self.open_answers(leg) if with_found and authority not in deciding}
        return entries + [(authority, "DECIDES", "OPEN_ANSWER") for authority in sorted(kept)], no_rule

    def open_answers(self, leg):
        """Authorities with an answer that is strict, or hidden from others."""
        counting = {one.first.id for one in self.counting()}
        return {authority for (authority, identity, key), answer in self.answers.items()
                if key == leg.key and identity in counting
                and (RANK[answer.status] > PENDING or answer.disclosure in HIDDEN)}

    def meets_found(self, leg, one):
        """What an adapter found is for its member's legs, for others when the goods have arrived there."""
        theirs = [other for other in self.legs() if other.member == one.found_by]
        return one.found_by == leg.member or any(self.has_arrived(other) for other in theirs)

    def deciding(self, leg):
        return list(dict.fromkeys(authority for authority, role, _ in self.plan(leg)[0] if role == "DECIDES"))

    def material(self, leg, authority):
        return set().union(*(self.world.material(leg.member, rule) for who, _, rule in self.plan(leg)[0]
                             if who == authority))

    # Status.

    def waits_for(self, leg):
        naming = self.naming(leg)
        lodged = [one for one in naming if one.first.purpose == "LODGED_COPY"]
        return ([one for one in lodged if member_of(one.sender) == leg.member] or lodged
                or [one for one in naming if one.first.purpose == "ADVANCE"])

    def is_hidden(self, leg, authority, answer, viewer):
        if viewer is None or member_of(authority) == viewer:
            return False
        return answer.disclosure == "NEVER" or answer.disclosure == "ON_ARRIVAL" and not self.has_arrived(leg)

    def word(self, leg, authority, declaration, viewer):
        """What the authority says about the declaration, to this member; None: nothing."""
        answer = self.answers.get((authority, declaration.first.id, leg.key))
        if answer is None:
            return None
        if self.is_hidden(leg, authority, answer, viewer):
            return "UNDER_CONTROL"
        changed = declaration.changed[answer.version.id]
        if RANK[answer.status] < PENDING and changed & self.material(leg, authority):
            return "PENDING"
        return answer.status

    def words(self, leg, viewer):
        """[(authority, status)] of all that count."""
        awaited, words = self.waits_for(leg), []
        for authority in self.deciding(leg):
            words += [(authority, self.word(leg, authority, one, viewer) or "PENDING") for one in awaited]
            for one in self.counting():
                word = self.word(leg, authority, one, viewer)
                if one not in awaited and word and RANK[word] > PENDING:
                    words.append((authority, word))
        return words

    def status(self, leg, viewer):
        words = self.words(leg, viewer)
        if not words:
            return "NO_RULE"
        strictest = max((status for _, status in words), key=RANK.get)
        if self.shown_plan(leg, viewer)[1] and RANK[strictest] <= PENDING:
            return "NO_RULE"
        return strictest

    def status_of(self, leg, one, viewer):
        """What is said about one declaration alone; None: the leg does not wait for it, and nothing is open."""
        awaited = one in self.waits_for(leg)
        words = [self.word(leg, authority, one, viewer) or "PENDING" for authority in self.deciding(leg)]
        if not awaited:
            return max((word for word in words if RANK[word] > PENDING), key=RANK.get, default=None)
        strictest = max(words, key=RANK.get, default="NO_RULE")
        no_rule = strictest == "NO_RULE" or self.shown_plan(leg, viewer)[1] and RANK[strictest] <= PENDING
        return "NO_RULE" if no_rule else strictest

    def declared(self, viewer):
        """[(id of the version in force, number of the leg, status)]"""
        return [(one.current.id, number, status) for number, leg in enumerate(self.legs(), 1)
                for one in self.counting() if (status := self.status_of(leg, one, viewer))]

    def trucks(self):
        """Plates and containers with which the goods travel now."""
        legs, seen = self.legs(), self.seen
        if legs and (legs[-1].key, "GATE_OUT") in self.happened:
            return set()
        said = [seen]
        for one in self.counting() if not self.transloaded else ():
            said.append({what: value for what, value in one.current.movement.items() if not seen.get(what)})
        plates = {("p", one[what]) for one in said for what in ("plate", "trailer") if one.get(what)}
        return plates | {("c", container) for one in said for container in one.get("containers", [])}

    def is_held(self, leg):
        hidden = any(answer.disclosure in HIDDEN for (_, identity, key), answer in self.answers.items()
                     if key == leg.key and identity in {one.first.id for one in self.counting()})
        return hidden or any(RANK[status] >= RANK["INSPECT"] for _, status in self.words(leg, None))

    def turn(self, leg, status):
        for turn, statuses in TURNS:
            if status in statuses.split():
                return turn
        early = ("PENDING", "REGISTERED", "ACCEPTED", "NO_RULE")
        return "NOT_ARRIVED" if status in early and not self.has_arrived(leg) else "AUTHORITY"

    def held_by(self, viewer):
        """Those who may be named, of the first of the legs that are held hardest; empty: nobody."""
        best, names = 0, set()
        for leg in self.legs():
            words = self.words(leg, viewer)
            rank = max((RANK[status] for _, status in words), default=0)
            shown = {who for who, role, _ in self.shown_plan(leg, viewer)[0] if role == "DECIDES"}
            named = {who for who, status in words if RANK[status] == rank} & shown
            if rank >= RANK["INSPECT"] and rank >= best and named:
                names = named | (names if rank == best else set())
                best = rank
        return names

    # Alerts.

    def is_on_its_way(self):
        """As far as nobody may be kept from knowing: an answer that is hidden from some ends nothing."""
        legs = self.legs()
        return bool(legs) and (legs[-1].key, "GATE_OUT") not in self.happened \
            and self.turn(legs[-1], self.status(legs[-1], EVERYBODY)) != "NOBODY"

    def is_alerted(self, alert, issuer, viewer):
        """Whether this viewer sees the alert on the consignment."""
        def meant(goods):
            return any(self.world.matches_goods(member_of(issuer), wanted, goods) for wanted in alert.alerted)

        def may_see(one):
            theirs = next((leg for leg in self.legs() if leg.member == one.found_by), None)
            return viewer in (None, one.found_by) or theirs and self.has_arrived(theirs)

        if any(meant(one.current.goods) for one in self.counting()):
            return True
        return any(one.found and meant(one.found) and may_see(one) for one in self.counting())

    # Who sees what.

    def takes_part(self, party):
        return party in {one.sender for one in self.declarations if self.is_part(one)} | \
            {authority for leg in self.legs() for authority, _, _ in self.plan(leg)[0]}

    def shown_plan(self, leg, viewer):
        return self.plan(leg, viewer in (None, leg.member) or self.has_arrived(leg))

    def view(self, party):
        """party empty: everything. None: it takes no part."""
        if party and not self.takes_part(party):
            return None
        viewer = member_of(party) if party else None
        legs = []
        for leg in self.legs():
            status = self.status(leg, viewer)
            entries, no_rule = self.shown_plan(leg, viewer)
            legs.append({"leg": leg.key, "plan": entries, "no_rule": no_rule, "status": status,
                         "turn": self.turn(leg, status)})
        versions = [one.current.version for one in self.counting()]
        return {"legs": legs, "held_by": self.held_by(viewer), "version": versions[0] if versions else 0}

    # What happens.

    def declaration_of(self, identity):
        for one in self.declarations:
            if identity in one.versions:
                return one
        return None

    def take_declaration(self, message, now):
        self.declarations.append(Declaration(message, now, {message.id: message}, {message.id: set()}, message))
        if message.purpose == "LODGED_COPY" and not self.owner:
            self.owner = message.sender

    def asked_for_leave(self, declaration, message):
        changed = set(FIELDS) if message.kind == "CANCELLATION" else differences(declaration.current, message)
        return {authority for leg in self.legs() if self.is_part(declaration)
                if self.has_arrived(leg) or self.is_held(leg)
                for authority in self.deciding(leg) if changed & self.material(leg, authority)}

    def put_in_force(self, declaration, message):
        declaration.request = None
        if message.kind == "CANCELLATION":
            declaration.cancelled = True
        else:
            for changed in declaration.changed.values():
                changed |= differences(declaration.current, message)
            declaration.changed[message.id] = set()
            declaration.versions[message.id] = declaration.current = message
            declaration.found = ()

    def take_change(self, message):
        declaration = self.declaration_of(message.ref[1])
        if declaration is None or declaration.sender != message.sender or declaration.cancelled:
            return
        if message.kind == "AMENDMENT" and message.version <= declaration.current.version:
            return
        asked = self.asked_for_leave(declaration, message)
        if asked:
            declaration.request = Request(message, asked)
        else:
            self.put_in_force(declaration, message)

    def take_nothing(self, message, now):
        """What is told, and changes neither plan nor status."""

    take_inspection_result = take_delay_reason = take_non_compliance = take_nothing

    take_amendment = take_cancellation = lambda self, message, now: self.take_change(message)

    def take_link(self, message, now):
        here = [leg for leg in self.legs() if self.has_arrived(leg) and (leg.key, "EXITED") not in self.happened]
        holding = {authority for leg in here for authority in self.deciding(leg)}
        if message.sender == self.owner or any(lies_under(message.sender, one) for one in holding):
            self.joined |= set(message.parties)

    def authority_of(self, sender, authorities):
        """The nearest of those that it is, or lies under."""
        return max((one for one in authorities if lies_under(sender, one)), key=len, default=None)

    def take_leave(self, declaration, message):
        asked = declaration.request.asked
        speaks_for = {self.authority_of(message.sender, self.deciding(leg)) for leg in self.legs()}
        authority = next(iter(asked & (speaks_for | {message.sender})), None)
        if authority and message.status == "REFUSED":
            declaration.request = None
        elif authority and message.status == "ACCEPTED":
            asked.remove(authority)
            if not asked:
                self.put_in_force(declaration, declaration.request.message)

    def take_decision(self, message, now):
        for one in self.declarations:
            if one.request and one.request.message.id == message.ref[1]:
                self.take_leave(one, message)
                return
        declaration = self.declaration_of(message.ref[1])
        if declaration is None or declaration.first.purpose == "PREFILL":
            return
        if declaration.first.lodged_by == "OFFICER_FOR_TRADER" and declaration.sender == message.sender:
            return
        version = declaration.versions[message.ref[1]]
        leg = self.decided_leg(declaration, message)
        authority = leg and self.authority_of(message.sender, self.deciding(leg))
        if authority is None:
            return
        if message.status == "EXITED":
            self.happened[leg.key, "EXITED"] = now
        key = authority, declaration.first.id, leg.key
        if message.status == "REVOKED":
            self.answers.pop(key, None)
        else:
            self.answers[key] = Answer(version, message.status, message.disclosure)

    def decided_leg(self, declaration, message):
        if not message.leg:
            return self.first_leg_of(message)
        legs = declaration.current.legs
        key = legs[message.leg - 1].key if message.leg <= len(legs) else None
        return next((leg for leg in self.legs() if leg.key == key), None)

    def first_leg_of(self, message):
        return next((leg for leg in self.legs() if leg.member == member_of(message.sender)), None)

    def take_transit_event(self, message, now):
        legs = self.legs()
        if message.leg:
            leg = legs[message.leg - 1] if message.leg <= len(legs) else None
        else:
            leg = self.first_leg_of(message)
        declarants = {one.sender for one in self.counting()}
        if leg and (leg.member == member_of(message.sender)
                    or message.event == "DEPARTED" and message.sender in declarants):
            if message.event != "ARRIVED" or not self.has_arrived(leg):
                self.happened[leg.key, message.event] = now
            if message.event == "TRACTOR_CHANGED" and message.movement:
                self.seen["plate"] = message.movement.get("plate", "")
            elif message.event == "TRANSLOADED" and message.movement:
                self.seen, self.transloaded = dict(message.movement), True

    def take_acknowledgement(self, message, now):
        declaration = self.declaration_of(message.ref[1])
        leg = self.first_leg_of(message)
        if declaration and leg and message.goods:
            declaration.found, declaration.found_by = message.goods, leg.member
            self.facts.append(leg)


class Model:
    """All consignments of one journal."""

    def __init__(self, world):
        self.world, self.consignments, self.now = world, {}, 0
        self.alerts = {}       # (issuer, number): the last word

    def take(self, message, now):
        """message None: a TICK."""
        self.now = now
        for one in self.consignments.values():
            one.now, one.memo = now, {}
        if message is None:
            return
        if message.kind == "PEST_ALERT":
            issuer = self.world.issuer_of(message)
            if issuer and message.number and message.level != "UNSPECIFIED":
                self.alerts[issuer, message.number] = message
        if message.kind == "DECLARATION" and message.ucr not in self.consignments:
            self.consignments[message.ucr] = Consignment(self.world)
        consignment = self.consignments.get(message.ucr)
        if consignment:
            consignment.now = now
            getattr(consignment, f"take_{message.kind.lower()}")(message, now)
            consignment.find_parts()
            consignment.memo = {}

    def view(self, ucr, party):
        consignment = self.consignments.get(ucr)
        view = consignment.view(party) if consignment else None
        if view:
            view["declarations"] = consignment.declared(member_of(party) if party else None)
            view["movement"] = self.movement(consignment.trucks(), party)
            view["alerted"] = self.is_alerted(consignment, member_of(party) if party else None)
        return view

    def movement(self, trucks, party):
        """(UCRs aboard that the party takes part in, [(UCR, declaration, leg, status)] that hold); None: no truck."""
        viewer = member_of(party) if party else None
        aboard = {ucr: one for ucr, one in self.consignments.items()
                  if one.trucks() & trucks and (not party or one.takes_part(party))}
        holds = [(ucr, *declared) for ucr, one in aboard.items() for declared in one.declared(viewer)
                 if RANK.get(declared[2], 0) > PENDING]
        return (sorted(aboard), sorted(holds)) if aboard else None

    def is_alerted(self, consignment, viewer):
        return consignment.is_on_its_way() and any(
            alert.level != "LIFTED" and not 0 < alert.until_us <= self.now
            and consignment.is_alerted(alert, issuer, viewer) for (issuer, _), alert in self.alerts.items())
