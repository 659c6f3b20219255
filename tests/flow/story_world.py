"""The world of the stories: six countries with all the authorities that their window profiles name.

Customs posts along the corridors and, behind them, quarantine, food, standards, forestry and trade
authorities; every profile of adapters/<cc>/window.json in force; channel rules that let neighbours
exchange what the window needs. Authorities without a system of their own speak through the
command line, as they would.
"""

import base64
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import time

import federation
import journal
from federation import Federation, Post

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "interop"))


def __getattr__(name):
    """The client in Python and its schemas. The demo does without, and without the packages they need."""
    if name not in ("client", "message_pb", "record_pb", "session_pb"):
        raise AttributeError(f"{__name__} has no {name}")
    import client
    return client if name == "client" else getattr(client, name)


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


def authorities(members=tuple(federation.MEMBERS)):
    """All addresses that the profiles of these members name, and the posts."""
    named = set(OFFICES)
    for cc in members:
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
    """A federation in which every authority of the profiles is a party.

    Nobody runs an adapter, and there is no witness, unless `posts` says otherwise of some of them.
    """

    corridors = tuple((one, other) for one in federation.MEMBERS for other in federation.MEMBERS
                      if one < other)

    members = tuple(federation.MEMBERS)    # whose authorities are parties

    def __init__(self, folder, profiles=None, posts=(), witnesses=False):
        known = {post.address: post for post in posts}
        super().__init__(folder, posts=tuple(known.get(address, post_of(address))
                                             for address in authorities(self.members)),
                         witnesses=witnesses)
        self.profiles = profiles or {}     # cc: changes a profile before it is signed
        self.n_files = 0

    def create_registry(self):
        registry = self.dir / "registry.json"
        self.cli("registry", "init", registry)
        for cc, name in federation.MEMBERS.items():
            member = self.dir / "members" / cc
            self.cli("registry", "add-member", registry, "--member", cc, "--name", name,
                     "--root", member / "root.crt", "--governance", member / "governance.pub",
                     *(("--witness", member / "witness.pub") if self.has_witnesses else ()))
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
        for address, code in self.offices():
            if address.startswith(cc + "."):
                self.cli("directory", "add-office", file, "--code", code, "--party", address)
        key = self.dir / "members" / cc / "governance.key"
        self.cli("directory", "sign", file, "--key", key)
        self.create_profile(cc, self.profile_file(cc))

    def profile_file(self, cc):
        """Where the router finds it at its start."""
        return self.dir / "directories" / f"{cc}.profile.json"

    def offices(self):
        """Addresses with the codes by which declarations name them."""
        return tuple(OFFICES.items())

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

    def file_of(self, header, ucr="", to=()):
        self.n_files += 1
        file = self.dir / f"header-{self.n_files}.json"
        file.write_text(json.dumps({"ucr": ucr, "to": list(to), **header}))
        return file

    def send_all(self, party, messages):
        """Submits headers without parts, (header, ucr, to) each; the ids of their messages."""
        files = [self.file_of(*message) for message in messages]
        done = self.cli("submit", "--home", self.dir, "--as", party, "--kind", "header", "--json",
                        *files, check=False)
        answers = json.loads(done.stdout or "[]")
        if [answer["verdict"] for answer in answers] != ["ADMITTED"] * len(files):
            raise federation.Failure(f"{party}: not admitted: {done.stdout}{done.stderr}")
        return [answer["id"] for answer in answers]

    def send(self, party, header, ucr="", to=()):
        return self.send_all(party, [(header, ucr, to)])[0]

    def declare(self, party, ucr, legs, goods, to, **more):
        """legs: "TH EXPORT [office]"; goods: (hs6, origin, condition, quantity, [unit])."""
        return self.send(party, declaration(legs, goods, **more), ucr, to)

    def amend(self, party, ucr, identity, legs, goods, to, **more):
        """A second version of the party's own declaration."""
        named = ref(party, identity, self.header_hash_of(party, ucr, identity), "AMENDS")
        return self.send(party, {**declaration(legs, goods, **more), "kind": "KIND_AMENDMENT",
                                 "version": 2, "refs": [named]}, ucr, to)

    def certify(self, party, kind, number, to, goods=(), **more):
        """A certificate: by its issuer, unless `more` says otherwise."""
        facts = {"type": kind, "number": number, "issuer": party,
                 "issuerCountry": party[:2].upper(), "medium": "MEDIUM_ISSUER_MESSAGE",
                 "goods": [certified(*one) for one in goods], **more}
        return self.send(party, {"kind": "KIND_CERTIFICATE", "certificate": facts}, "", to)

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

    def leg(self, party, ucr, number):
        return self.look(party, ucr)["legs"][number]

    def status(self, party, ucr):
        """Of each leg; None: the party sees nothing."""
        seen = self.look(party, ucr)
        return [leg["status"] for leg in seen["legs"]] if seen else None

    def found(self, party, ucr):
        return found_in(self.look(party, ucr))

    def kinds(self, party, ucr):
        """Of the messages on a consignment that the party sent or got."""
        return {message["kind"] for message in self.messages(party, ucr)}

    def messages(self, party, key):
        done = self.cli("track", "--home", self.dir, "--as", party, "--json", key, check=False)
        return json.loads(done.stdout) if done.stdout else []

    def header_hash_of(self, party, key, identity):
        """A reference to a message, as refs in a header want it."""
        for message in self.messages(party, key):
            if message["id"] == identity:
                return message["headerHash"]
        raise federation.Failure(f"{party} does not know message {identity} of {key}")


    # --- What a crash leaves --------------------------------------------------------------------

    def crash(self, cuts):
        """A core that dies at so many records of the journal, and goes on, comes to the same: see
        crash_driver.c. RIVERGATE_LONG=1: at every record."""
        records = list(journal.records(self.dir / "router/journal", check_sums=False))
        stride = 1 if os.environ.get("RIVERGATE_LONG") else max(1, 6 * len(records) // cuts)
        first = random.SystemRandom().randrange(stride)
        told = b"".join(struct.pack(">I", len(blob)) + blob for record in records
                        for blob in (record.leaf, record.parts))
        driver = pathlib.Path(os.environ["RIVERGATE_BUILD"]) / "tests/flow/crash_driver"

        def run(*words):
            return subprocess.run([driver, *map(str, words)], input=told, capture_output=True, timeout=3600,
                                  check=False)

        assert run(len(records), 1, "forget").returncode == 1, "a comparison that cannot fail"
        done = run(stride, first)
        assert done.returncode == 0, f"{stride} {first}: {done.stdout.decode()}{done.stderr.decode()}"
        figures = json.loads(done.stdout)
        print(f"killed at {figures['cuts']} of {figures['records']} records: {figures}", flush=True)
        assert figures["cuts"] > 1 and figures["received"] > 100, figures

    # --- What parties get -----------------------------------------------------------------------

    def session(self, party, **hello):
        import client
        registry = client.Registry(self.dir / "registry.json", self.pin())
        secret = bytes.fromhex((self.dir / "parties" / party / "curve.key").read_text().strip())
        peer = client.Session(registry, party, secret)
        peer.hello(**hello)
        return peer

    def receive(self, party, is_last, seconds=20):
        """Headers that wait for the party, as they come, up to the one that is the last."""
        from client import message_pb, session_pb
        peer = self.session(party, receive=True)
        headers = []
        while not headers or not is_last(headers[-1]):
            frame, raw = peer.wait("deliver", seconds=seconds)
            headers.append(message_pb.Header.FromString(raw[0]))
            peer.settle(frame.deliver.index, headers[-1].id if frame.deliver.derived else b"")
            peer.send(session_pb.Frame(credit=session_pb.Credit(messages=1, bytes=1 << 20)))
        peer.close()
        return headers

    def waiting(self, party):
        """{id: header} of what waits first under each consignment of the party; it settles nothing."""
        from client import message_pb, session_pb
        peer = self.session(party, receive=True)
        peer.send(session_pb.Frame(query=session_pb.Query(
            number=1, track=session_pb.TrackQuery(key="nothing"))))
        frame, raw = peer.wait("deliver", "answer")
        headers = {}
        while frame.WhichOneof("body") == "deliver":
            headers[message_pb.Header.FromString(raw[0]).id.hex()] = raw[0]
            frame, raw = peer.wait("deliver", "answer")
        peer.close()
        return headers

    def send_late(self, party, ucr, to, seconds, **facts):
        """A message signed so long ago: the marks of its record."""
        import client
        from client import message_pb, record_pb
        header = client.make_header(party, to, message_pb.KIND_DECISION, [], ucr=ucr,
                                    sent_at_us=now_us(-seconds),
                                    decision=facts)
        signer = client.Signer(self.dir / "parties" / party / "signing.key")
        peer = self.session(party)
        peer.submit(header, signer.signature(header))
        frame, _ = peer.wait("receipts", "refusal")
        peer.close()
        return record_pb.Meta.FromString(frame.receipts.records[0].meta).marks


def declaration(legs, goods, purpose="PURPOSE_LODGED_COPY", documents=(), **more):
    """documents: (type, country of the issuer, number)."""
    return {"kind": "KIND_DECLARATION", "version": 1, "purpose": purpose,
            "lodgedBy": "LODGED_BY_AUTHORITY_COPY", "legs": [leg_of(leg) for leg in legs],
            "goods": [goods_of(*one) for one in goods],
            "documents": [{"type": kind, "issuerCountry": country, "number": number}
                          for kind, country, number in documents], **more}


def leg_of(text):
    country, regime, *office = text.split()
    leg = {"country": country, "regime": f"REGIME_{regime}"}
    if office:
        leg["officeOut" if regime == "EXPORT" else "officeIn"] = office[0]
    return leg


def quantity_of(text, unit="KGM"):
    """A decimal as it is written: 18.2."""
    whole, _, rest = str(text).partition(".")
    return {"value": {"unscaled": whole + rest, "scale": len(rest)}, "unit": unit}


def goods_of(hs6, origin, condition, amount, unit="KGM"):
    return {"hs6": hs6, "hsEdition": "2022", "origin": origin, "condition": f"CONDITION_{condition}",
            "quantity": quantity_of(amount, unit)}


def certified(hs, origin, *amount):
    """amount: as for quantity_of(); none: no quantity is certified."""
    goods = {"hs": hs, "origin": origin}
    return {**goods, "quantity": quantity_of(*amount)} if amount else goods


def establishments(country, **numbers):
    """Numbers by kind: packhouse="DOA 11"."""
    return [{"kind": f"ESTABLISHMENT_KIND_{kind.upper()}", "country": country, "number": number}
            for kind, number in numbers.items()]


def found_in(seen):
    """{rule: text} of what was found."""
    return {one["rule"]: one["text"] for one in seen["findings"]}


def lacking_in(seen, leg):
    """{rule: types of documents} that entries of the leg's plan ask for and nothing satisfies."""
    return {entry["rule"]: entry["outstanding"] for entry in seen["legs"][leg]["plan"]
            if entry["outstanding"]}


def statuses(seen):
    return [leg["status"] for leg in seen["legs"]]


def deciders(seen, leg):
    """Who decides on a leg, by the plan; each once."""
    return list(dict.fromkeys(entry["authority"] for entry in seen["legs"][leg]["plan"]
                              if entry["role"] == "DECIDES"))


def now_us(seconds=0):
    return int((time.time() + seconds) * 1000000)


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
