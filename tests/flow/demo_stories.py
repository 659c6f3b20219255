"""What the demo tells: a truck of durian on its way to China, and one whose seal differs.

Thailand exports, the truck passes through Laos, China imports. The authorities speak through
the command line; the posts Boten and Mohan run their adapters beside it. Each step is shown
as it happens, with whose turn it is on each leg, and compared with what the window owes them:
what differs is a problem of the demo.
"""

import datetime
import textwrap

import federation
import story_world

TH, DOA, LA = "th.customs.chiangkhong", "th.doa", "la.customs.boten"
CN, PLANTS = "cn.gacc.mohan", "cn.gacc.plants"
BYSTANDER = "vn.customs.mocbai"
ROUTE = ("TH EXPORT THCKN", "LA TRANSIT LABTN", "CN IMPORT 8648")
DURIAN = ("081060", "TH", "FRESH", 18000)
CONTAINER = "TEMU1234567"
COLUMNS = 118
WAITING = ("PENDING", "NOT_ARRIVED")
RELEASED = ("RELEASED", "NOBODY")


class DemoWorld(story_world.StoryWorld):
    """Six countries whose posts run adapters and witnesses; the profiles come after the start.

    The three on the truck's way have all their authorities, the others their posts.
    """

    members = ("cn", "la", "th")

    def __init__(self, folder):
        super().__init__(folder, posts=federation.POSTS, witnesses=True)

    def create_profile(self, cc, file, change=None):
        if cc in self.members:
            super().create_profile(cc, file, change)

    def profile_file(self, cc):
        return self.dir / "profiles" / f"{cc}.json"

    def create_keys(self):
        (self.dir / "profiles").mkdir(mode=0o700)
        super().create_keys()


class Stories:
    first, second = "TH-DURIAN-1", "TH-DURIAN-2"    # UCRs

    def __init__(self, world, say, problems):
        self.world, self.say, self.problems = world, say, problems

    # --- Showing --------------------------------------------------------------------------

    def act(self, who, what):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%H:%M:%S")
        self.say(f"  {now}  {who}: {what}")

    def check(self, is_so, what):
        if not is_so:
            self.problems.append(what)

    def route(self, party, ucr, *expected):
        """One line: each leg with whose turn it is, as the party sees it."""
        seen = self.world.look(party, ucr)
        legs = [(leg["status"], leg["turn"]) for leg in seen["legs"]]
        words = " | ".join(f"{leg['country']} {leg['status']}, turn: {leg['turn'].lower().replace('_', ' ')}"
                           for leg in seen["legs"])
        held = f"held by {seen['heldBy']}" if seen["heldBy"] else "no open hold known"
        self.say(f"            {words} | {held}")
        self.check(legs == list(expected), f"{ucr} as {party} sees it: {legs}, not {list(expected)}")
        return seen

    def track(self, party, ucr, *words):
        """What the command prints of the consignment; its list of messages is left out."""
        self.say(f"  $ rivergate track --as {party} {' '.join((*words, ucr))}")
        done = self.world.cli("track", "--home", self.world.dir, "--as", party, *words, ucr, check=False)
        for line in done.stdout.splitlines():
            if not line.startswith(("UCR ", "  leg ", "      ", "  finding ")) or line[:8].strip().isdigit():
                break
            indent = " " * (len(line) - len(line.lstrip()) + 4)
            self.say(textwrap.fill(line, COLUMNS, initial_indent="    ", subsequent_indent="    " + indent,
                                   drop_whitespace=True, break_on_hyphens=False))
        if not done.stdout:
            self.say(f"    nothing (exit {done.returncode})")
        return done.stdout

    # --- Profiles -------------------------------------------------------------------------

    def publish_profiles(self):
        """Each member's, signed by it alone, through a party of its own."""
        told = []
        for party in (TH, LA, CN):
            cc = party[:2]
            self.world.cli("submit", "--home", self.world.dir, "--as", party, "--kind", "profile",
                           self.world.profile_file(cc))
            told.append(f"{cc} {len(story_world.profile(cc)['rules'])}")
        self.say("\nThe single window: the countries on the way of a truck publish their profiles, each signed "
                 f"by it alone (rules: {', '.join(told)})")

    # --- What both stories begin with -----------------------------------------------------

    def certify(self, ucr, seal):
        load = [("081060", "TH")]
        places = story_world.establishments
        self.world.certify(DOA, "851", f"PC-{ucr}", [PLANTS], [("081060", "TH", 18000)], importingCountry="CN",
                           containers=[CONTAINER], seals=[seal],
                           establishments=places("TH", orchard="AC 10-9001", packhouse="DOA 11002"))
        self.act(DOA, f"phytosanitary certificate PC-{ucr}: 18 t durian, packhouse DOA 11002, container "
                 f"{CONTAINER}, seal {seal}")
        self.world.certify(DOA, "4", f"LAB-{ucr}", [PLANTS], load, establishments=places("TH", laboratory="LAB-77"))
        self.world.certify("th.dft", "form-e", f"FE-{ucr}", [PLANTS], load, importingCountry="CN")
        self.act("th.dft", f"test report LAB-{ucr} of {DOA}, Form E FE-{ucr}")

    def declare(self, ucr, plate, seal):
        self.certify(ucr, seal)
        self.world.declare(TH, ucr, ROUTE, [DURIAN], [LA, CN],
                           documents=[("851", "TH", f"PC-{ucr}"), ("4", "TH", f"LAB-{ucr}"),
                                      ("form-e", "TH", f"FE-{ucr}")],
                           movement={"plate": plate, "containers": [CONTAINER], "seals": [seal], "mode": "3"})
        self.act(TH, f"declares the export of {ucr}, 18 t of 0810.60 fresh, truck {plate}, to {LA} and {CN}")
        seen = self.route(TH, ucr, WAITING, WAITING, WAITING)
        plan = [{(entry["authority"], entry["role"]) for entry in leg["plan"]} for leg in seen["legs"]]
        wanted = ({(TH, "DECIDES"), (DOA, "DECIDES")}, {(LA, "DECIDES"), ("la.plant", "INFORMED")},
                  {(CN, "DECIDES"), (PLANTS, "DECIDES")})
        for leg, ones in zip(plan, wanted):
            self.check(ones <= leg, f"{ucr}: the plan {leg} lacks {ones - leg}")
        lacking = [story_world.lacking_in(seen, leg) for leg in range(3)]
        self.check(lacking == [{}, {}, {}] and seen["findings"] == [], f"{ucr}: lacks {lacking}, {seen['findings']}")

    def decide(self, party, ucr, decision, *words):
        self.world.decide(party, ucr, decision, *words)
        self.act(party, " ".join((decision, *words)))

    def event(self, party, ucr, what, **more):
        self.world.event(party, ucr, what, [TH], **more)
        self.act(party, what.lower().replace("_", " "))

    def leave_thailand(self, ucr):
        self.decide(DOA, ucr, "released")
        self.decide(TH, ucr, "released")
        self.decide(LA, ucr, "authorised", "--guarantee", "GRT-2026-1")
        self.route(TH, ucr, RELEASED, ("AUTHORISED", "CARRIER"), WAITING)

    # --- Story 1 --------------------------------------------------------------------------

    def tell_durian(self):
        ucr = self.first
        self.say("\nStory 1: durian from Chanthaburi by Chiang Khong and Boten to Mohan")
        self.declare(ucr, "70-1234", "TH0001")
        self.track(TH, ucr, "--why")
        self.leave_thailand(ucr)
        self.event(LA, ucr, "ARRIVED")
        self.event(LA, ucr, "SEALS_CHECKED", movement={"seals": ["TH0001"]})
        self.event(CN, ucr, "ARRIVED")
        self.decide(PLANTS, ucr, "sampled-awaiting-lab")
        seen = self.route(TH, ucr, RELEASED, ("AUTHORISED", "CARRIER"), ("SAMPLED_AWAITING_LAB", "LABORATORY"))
        self.check(seen["heldBy"] == PLANTS and seen["findings"] == [], f"{ucr}: {seen}")
        self.say("            the laboratory finds nothing")
        self.decide(PLANTS, ucr, "released")
        self.decide(CN, ucr, "released")
        self.decide(LA, ucr, "discharged")
        self.event(CN, ucr, "GATE_OUT")
        self.route(TH, ucr, RELEASED, ("DISCHARGED", "NOBODY"), RELEASED)
        self.say("  Who has no part in it learns nothing:")
        self.check(self.track(BYSTANDER, ucr) == "", f"{BYSTANDER} sees {ucr}")

    # --- Story 2 --------------------------------------------------------------------------

    def tell_other_seal(self):
        ucr = self.second
        self.say("\nStory 2: the same, but at Boten the truck has another seal")
        self.declare(ucr, "70-5678", "TH0002")
        self.leave_thailand(ucr)
        self.event(LA, ucr, "ARRIVED")
        self.event(LA, ucr, "SEALS_CHECKED", movement={"seals": ["XX9999"]})
        for party in (TH, LA, CN):
            found = self.world.found(party, ucr)
            self.check("SEAL_MISSING" in found, f"{party} is not told of the seal of {ucr}: {found}")
        self.say(f"            {TH}, {LA} and {CN} are told: SEAL_MISSING, {found.get('SEAL_MISSING')}")
        self.event(CN, ucr, "ARRIVED")
        self.decide(CN, ucr, "inspect", "--disclosure", "never")
        before = (RELEASED, ("AUTHORISED", "CARRIER"))
        self.say("            as China sees it:")
        self.route(PLANTS, ucr, *before, ("INSPECT", "AUTHORITY"))
        self.say("            as Thailand and Laos see it, until China says more:")
        self.route(TH, ucr, *before, ("UNDER_CONTROL", "AUTHORITY"))
        self.check("INSPECT" not in str(self.world.look(LA, ucr)), f"{LA} sees what {CN} does not disclose")
        self.decide(CN, ucr, "refused", "--reason", "SEAL")
        self.decide(CN, ucr, "return-ordered", "--reason", "SEAL")
        self.tell_non_compliance(ucr)
        seen = self.route(TH, ucr, *before, ("RETURN_ORDERED", "TRADER"))
        self.check(seen["heldBy"] == CN, f"{ucr} is held by {seen['heldBy']}")
        self.track(TH, ucr)
        self.say("            the Thai release stands: what China refuses, China has refused")
        self.check(self.world.look(BYSTANDER, ucr) is None, f"{BYSTANDER} sees {ucr}")

    def tell_non_compliance(self, ucr):
        self.world.send(CN, {"kind": "KIND_NON_COMPLIANCE", "nonCompliance": {
            "certificateType": "851", "certificateNumber": f"PC-{ucr}", "issuerCountry": "TH",
            "reasonCodes": ["SEAL"], "action": "DECISION_STATUS_RETURN_ORDERED"}}, ucr, [DOA])
        self.act(CN, f"tells {DOA}: not in order, certificate PC-{ucr}")
        for party, is_told in ((DOA, True), (CN, True), (LA, False)):
            self.check(("NON_COMPLIANCE" in self.world.found(party, ucr)) == is_told,
                       f"{party} and the non-compliance of {ucr}")
        kinds = self.world.kinds(DOA, ucr)
        self.check("NON_COMPLIANCE" in kinds, f"{DOA} got {kinds} of {ucr}")
