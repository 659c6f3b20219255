"""The world of the stories: six countries with all the authorities that their window profiles name.

Customs posts along the corridors and, behind them, quarantine, food, standards, forestry and trade
authorities; every profile of adapters/<cc>/window.json in force; channel rules that let neighbours
exchange what the window needs. Authorities without a system of their own speak through the
command line, as they would.
"""

import base64
import json
import pathlib
import time

import federation
from federation import Federation, Post

# Office codes of the posts, as declarations state them.
OFFICES = {"cn.gacc.mohan": "8648", "cn.gacc.youyiguan": "7203", "kh.customs.bavet": "KHBVT",
           "kh.customs.poipet": "KHPPT", "la.customs.boten": "LABTN", "la.customs.dansavan": "LADSV",
           "mm.customs.myawaddy": "MMMWD", "th.customs.chiangkhong": "THCKN",
           "th.customs.aranyaprathet": "THARN", "th.customs.maesot": "THMST",
           "vn.customs.huunghi": "VNHNG", "vn.customs.laobao": "VNLBO", "vn.customs.mocbai": "VNMOC"}

# What an authority is, by the last label of its address; what is not here is customs.
ROLES = {"animal": "ANIMAL_QUARANTINE", "animals": "ANIMAL_QUARANTINE", "dld": "ANIMAL_QUARANTINE",
         "plant": "PLANT_QUARANTINE", "plants": "PLANT_QUARANTINE", "doa": "PLANT_QUARANTINE",
         "food": "FOOD", "fda": "FOOD", "nmpa": "FOOD", "fisheries": "ANIMAL_QUARANTINE",
         "cites": "FORESTRY", "forest": "FORESTRY", "forestry": "FORESTRY", "rfd": "FORESTRY",
         "dnp": "FORESTRY", "standards": "STANDARDS", "tisi": "STANDARDS", "goods": "STANDARDS",
         "trade": "CERTIFIER", "dft": "CERTIFIER"}

KINDS = ("DECLARATION", "AMENDMENT", "CANCELLATION", "LINK", "DECISION", "CERTIFICATE",
         "CERTIFICATE_STATUS", "ESTABLISHMENT_LIST", "TRANSIT_EVENT", "INSPECTION_RESULT",
         "NON_COMPLIANCE", "PEST_ALERT", "EMERGENCY_NOTICE", "ENQUIRY", "ENQUIRY_REPLY",
         "DELAY_REASON")


def source():
    return pathlib.Path(__file__).parents[2]


def profile(cc):
    return json.loads((source() / "adapters" / cc / "window.json").read_text())


def authorities():
    """All addresses that the six profiles name, and the posts."""
    named = set(OFFICES)
    for cc in federation.MEMBERS:
        mine = profile(cc)
        named |= {rule["authority"] for rule in mine["rules"]}
        named |= {one["authority"] for one in mine.get("competences", [])}
    return sorted(named)


def post_of(address):
    last = address.rsplit(".", 1)[-1]
    role = ROLES.get(last)
    roles = ("BORDER_POST", "CUSTOMS") if address in OFFICES else ("CUSTOMS",) if role is None \
        else (role, "CERTIFIER") if role != "CERTIFIER" else (role,)
    algorithm = "sm2" if address.startswith("cn.") else "p256"
    return Post(address, f"Authority {address}", roles, "", algorithm)


class StoryWorld(Federation):
    """A federation in which every authority of the profiles is a party; nobody runs an adapter."""

    corridors = tuple((one, other) for one in federation.MEMBERS for other in federation.MEMBERS
                      if one < other)

    def __init__(self, folder, profiles=None):
        super().__init__(folder, posts=tuple(post_of(address) for address in authorities()))
        self.profiles = profiles or {}     # cc: changes a profile before it is signed
        self.n_files = 0

    def create_registry(self):
        registry = self.dir / "registry.json"
        self.cli("registry", "init", registry)
        for cc, name in federation.MEMBERS.items():
            member = self.dir / "members" / cc
            self.cli("registry", "add-member", registry, "--member", cc, "--name", name,
                     "--root", member / "root.crt", "--governance", member / "governance.pub")
        self.add_router(registry, federation.ROUTER, federation.ORIGIN, self.dir / "router/keys",
                        self.endpoint)
        kinds = [word for kind in KINDS for word in ("--kind", kind)]
        for one in federation.MEMBERS:
            for other in federation.MEMBERS:
                self.cli("registry", "add-rule", registry, "--name", f"{one}-{other}", "--from", one,
                         "--to", other, *kinds, "--part", "customs", "--part", "sps", "--part",
                         "commercial", "--part", "translation", "--instrument",
                         "Greater Mekong Subregion Cross-Border Transport Facilitation Agreement",
                         "--article", "4", "--valid-from", "2020-01-01")
        for cc in federation.MEMBERS:
            self.cli("registry", "sign", registry, "--member", cc,
                     "--key", self.dir / "members" / cc / "governance.key")
        shown = json.loads(self.cli("registry", "verify", registry, "--json").stdout)
        (self.dir / "pin").write_text(shown["hash"] + "\n")

    def create_directory(self, cc):
        super().create_directory(cc)
        file = self.dir / "directories" / f"{cc}.json"
        for address, code in OFFICES.items():
            if address.startswith(cc + "."):
                self.cli("directory", "add-office", file, "--code", code, "--party", address)
        key = self.dir / "members" / cc / "governance.key"
        self.cli("directory", "sign", file, "--key", key)
        self.create_profile(cc, self.dir / "directories" / f"{cc}.profile.json")

    def create_profile(self, cc, file, change=None):
        """Signs the country's profile, as it stands in the tree or changed, into a file."""
        mine = profile(cc)
        for alter in (self.profiles.get(cc), change):
            mine = alter(mine) if alter else mine
        text = self.dir / f"{cc}.window.json"
        text.write_text(json.dumps(mine))
        self.cli("profile", "init", file, "--from-json", text)
        self.cli("profile", "sign", file, "--key", self.dir / "members" / cc / "governance.key")

    # --- What parties do ------------------------------------------------------------------------

    def send(self, party, header, ucr="", to=(), check=True):
        """Submits a header without parts; the id of its message."""
        self.n_files += 1
        file = self.dir / f"header-{self.n_files}.json"
        file.write_text(json.dumps({"ucr": ucr, "to": list(to), **header}))
        done = self.cli("submit", "--home", self.dir, "--as", party, "--kind", "header", "--json",
                        file, check=check)
        answers = json.loads(done.stdout)
        if check and [answer["verdict"] for answer in answers] != ["ADMITTED"]:
            raise federation.Failure(f"{party}: {header['kind']} was not admitted: {done.stdout}")
        return answers[0]["id"] if answers else None

    def declare(self, party, ucr, legs, goods, to, purpose="PURPOSE_LODGED_COPY", **more):
        """legs: "TH EXPORT [office]"; goods: (hs6, origin, condition, kilograms)."""
        return self.send(party, {
            "kind": "KIND_DECLARATION", "version": 1, "purpose": purpose,
            "lodgedBy": "LODGED_BY_AUTHORITY_COPY", "legs": [leg_of(leg) for leg in legs],
            "goods": [goods_of(*one) for one in goods], **more}, ucr, to)

    def event(self, party, ucr, what, to, **more):
        return self.send(party, {"kind": "KIND_TRANSIT_EVENT",
                                 "transitEvent": {"event": f"EVENT_{what}", **more}}, ucr, to)

    def decide(self, party, ucr, decision, *words, check=True):
        return self.cli("decide", "--home", self.dir, "--as", party, ucr, decision, *words,
                        check=check)

    def look(self, party, key):
        """The consignment as the party sees it; None: it sees nothing."""
        done = self.cli("track", "--home", self.dir, "--as", party, "--json", "--why", key,
                        check=False)
        found = json.loads(done.stdout) if done.stdout else {"consignments": []}
        return found["consignments"][0] if found["consignments"] else None

    def messages(self, party, key):
        done = self.cli("track", "--home", self.dir, "--as", party, "--json", key, check=False)
        return json.loads(done.stdout) if done.stdout else []

    def header_hash_of(self, party, key, identity):
        """A reference to a message, as refs in a header want it."""
        for message in self.messages(party, key):
            if message["id"] == identity:
                return message["headerHash"]
        raise federation.Failure(f"{party} does not know message {identity} of {key}")


def leg_of(text):
    country, regime, *office = text.split()
    leg = {"country": country, "regime": f"REGIME_{regime}"}
    if office:
        leg["officeOut" if regime == "EXPORT" else "officeIn"] = office[0]
    return leg


def goods_of(hs6, origin, condition, kilograms):
    return {"hs6": hs6, "hsEdition": "2022", "origin": origin, "condition": f"CONDITION_{condition}",
            "quantity": {"value": {"unscaled": str(kilograms)}, "unit": "KGM"}}


def ref(sender, identity, header_hash, relation):
    return {"from": sender, "id": base64.b64encode(bytes.fromhex(identity)).decode(),
            "headerHash": base64.b64encode(bytes.fromhex(header_hash)).decode(),
            "relation": f"RELATION_{relation}"}


def wait_for(look, seconds=20):
    """Calls look until it is true; the last answer."""
    end = time.monotonic() + seconds
    while True:
        seen = look()
        if seen or time.monotonic() > end:
            return seen
        time.sleep(0.05)
