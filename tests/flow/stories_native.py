"""The window's stories with the files of national systems.

Declarations come in the formats of their countries, through the adapters' trays or `rivergate submit`;
what a format has no place for is stated beside the file. What must come of it is that of stories.py.
"""

import dataclasses
import json
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import cases
import native_files
import story_tales
import story_world
from story_tales import BAVET, CN, HUUNGHI, LA, PLANTS, TH, YOUYIGUAN
from story_world import deciders, message_pb, statuses, wait_for

from google.protobuf import json_format

ARAN, POIPET, MOCBAI = "th.customs.aranyaprathet", "kh.customs.poipet", "vn.customs.mocbai"

# Codes by which national systems know the posts, beside those of OFFICES.
NATIONAL_OFFICES = {ARAN: "2301", TH: "4401", MOCBAI: "45B1"}

# What runs an adapter, with its tray.
ADAPTERS = {
    ARAN: {"plugin": "th", "routes": tuple(
        {"format": "th-ecustoms", "kind": "DECLARATION", "purpose": purpose, "to": to,
         "legs": ["KH:TRANSIT:KHPPT:KHBVT", "VN:IMPORT:45B1"]}
        for purpose, to in (("LODGED_COPY", [POIPET, MOCBAI]), ("ADVANCE", [MOCBAI]), ("PREFILL", [MOCBAI])))},
    MOCBAI: {"plugin": "vn", "handover": (
        {"kind": "DECLARATION", "purpose": "LODGED_COPY", "format": "json"},
        {"kind": "DECLARATION", "purpose": "ADVANCE", "format": "json"},
        {"kind": "DECLARATION", "purpose": "PREFILL", "format": "vn-vnaccs"})}}


class NativeWorld(story_world.StoryWorld):
    """The world of the stories, with national office codes and a few adapters."""

    def __init__(self, folder):
        super().__init__(folder)
        self.posts = tuple(dataclasses.replace(post, **ADAPTERS.get(post.address, {})) for post in self.posts)

    def offices(self):
        return (*super().offices(), *NATIONAL_OFFICES.items())

    def submit(self, party, purpose, ucr, to, *words):
        """National files by hand; the ids of the messages that they became."""
        named = [word for address in to for word in ("--to", address)]
        done = self.cli("submit", "--home", self.dir, "--as", party, "--purpose", purpose, "--ucr", ucr,
                        "--json", *named, *words)
        answers = json.loads(done.stdout)
        assert {answer["verdict"] for answer in answers} == {"ADMITTED"}, answers
        return [answer["id"] for answer in answers]

    def file(self, name, data):
        path = self.dir / name
        path.write_bytes(data)
        return path

    def header_of(self, party, identity):
        """What the party sent, as JSON; without what belongs to that message alone."""
        sent = self.dir / "parties" / party / "client-state/sent" / f"{identity}.rge"
        return json_format.MessageToDict(message_pb.Header.FromString(
            message_pb.Envelope.FromString(sent.read_bytes()).header))

    def whole(self, party, key):
        """Everything that track says of a key."""
        done = self.cli("track", "--home", self.dir, "--as", party, "--json", "--why", key, check=False)
        return json.loads(done.stdout)

    def canonical(self, form, data):
        """A native file as it reads in the canonical model."""
        return json.loads(self.cli("convert", "--from", form, "--to", "json", self.file("read.native", data)).stdout)


folder = tempfile.TemporaryDirectory(prefix="rivergate-native-")
world = NativeWorld(folder.name)
world.create()
world.start_router()
for adapter in ADAPTERS:
    world.start_adapter(adapter)


# --- 1: durian, a Thai file and a phytosanitary certificate


def declare_durian(ucr):
    file = native_files.thai_export("CHKG000000077", "4401", "CN", "70-1234", [("08106000", "TH", 18000)])
    world.submit(TH, "lodged-copy", ucr, [LA, CN], "--leg", "LA:TRANSIT:LABTN", "--leg", "CN:IMPORT:8648",
                 "--condition", "FRESH", "--document", "851:TH:TH-PC-1", world.file("durian.xml", file))


def case_durian_of_a_thai_file_is_released_by_all_three_countries():
    story_tales.durian(world, "TH-DURIAN-1", declare_durian)
    seen = world.look(TH, "TH-DURIAN-1")
    assert seen["legs"][0]["plan"][0]["authority"] == TH, "the office 4401 is Chiang Khong"
    assert world.look(CN, "70-1234")["ucr"] == "TH-DURIAN-1"


def case_certificate_in_xml_is_what_the_declaration_names():
    ucr = "TH-DURIAN-N"
    declare_durian(ucr)
    before = world.look(CN, ucr)
    lacks = {entry["rule"]: entry["outstanding"] for entry in before["legs"][2]["plan"]}
    assert "851" in lacks["cn-plants-durian-th"], lacks
    certificate = native_files.phytosanitary("TH-PC-1", "TEMU1234567", "TH0001")
    world.cli("submit", "--home", world.dir, "--as", "th.doa", "--to", PLANTS, world.file("phyto.xml", certificate))
    found = world.found(CN, ucr)
    # The Thai export declaration has no place for container and seal, the certificate none for orchards.
    assert {"CERTIFICATE_CONTAINER", "CERTIFICATE_SEALS", "ESTABLISHMENT_MISSING"} <= set(found), found
    assert "NOT_VERIFIED" not in found, found
    world.event(TH, ucr, "TRANSLOADED", [LA, CN], movement={
        "plate": "70-1234", "containers": ["TEMU1234567"], "seals": ["TH0001"], "mode": "3"})
    found = world.found(CN, ucr)
    assert not {"CERTIFICATE_CONTAINER", "CERTIFICATE_SEALS"} & set(found), found


# --- 4: mango, of a Cambodian SAD


def certify_mango(number):
    world.certify("kh.plant", "851", number, [PLANTS], [("080450", "KH")], importingCountry="CN",
                  containers=["TCLU4000001"], seals=["KH-4"],
                  establishments=story_world.establishments("KH", orchard="O-1", packhouse="P-7"))


def declare_mango(ucr, state, number):
    file = native_files.sad_export(3301 + len(state), "KHBVT", "KH", "CN", "PP-2A-0001",
                                   [("08045020", "KH", 15000)], "TCLU4000001", "KH-4")
    world.submit(BAVET, "lodged-copy", ucr, [MOCBAI, YOUYIGUAN], "--format", "kh/asycuda-sad",
                 "--leg", "VN:TRANSIT:VNMOC", "--leg", "CN:IMPORT:7203", "--condition", f"0804:{state}",
                 "--document", f"851:KH:{number}", world.file(f"{ucr}.xml", file))


def case_fresh_mango_of_a_sad_overtakes_its_dried_twin():
    story_tales.mangoes(world, certify_mango, declare_mango)


def case_chinese_draft_is_unsigned_and_the_chinese_declaration_is_what_china_decides():
    ucr = "KH-MANGO-FRESH"
    done = world.cli("convert", "--from", "kh/asycuda-sad", "--to", "cn-dec", "--purpose", "prefill",
                     world.dir / f"{ucr}.xml")
    draft = done.stdout
    assert "<OperType>G</OperType>" in draft, draft
    for name in ("Sign", "Certificate", "SignDate", "EntryId", "CustomMaster", "IEPort", "TradeMode", "DutyMode"):
        assert not re.search(f"<{name}>[^<]", draft), name
    assert re.search("<CodeTS>080450<", draft), draft
    world.send(BAVET, {"kind": "KIND_LINK", "link": {"parties": [YOUYIGUAN]}}, ucr, [YOUYIGUAN])
    lodged = native_files.chinese_import("720320261000000011", "7203", "KH", "0804502010", 15000, "PP-2A-0001",
                                         "TCLU4000001")
    identity = world.submit(YOUYIGUAN, "lodged-copy", ucr, [BAVET], "--format", "cn/cn-dec", "--leg", "KH:EXPORT",
                            "--leg", "CN:IMPORT:7203", "--condition", "FRESH", world.file("lodged.xml", lodged))[0]
    seen = world.look(YOUYIGUAN, ucr)
    assert [one["from"] for one in seen["declarations"] if one["leg"] == 3] == [YOUYIGUAN], seen
    world.event(YOUYIGUAN, ucr, "ARRIVED", [BAVET])
    for party in deciders(seen, 2):
        world.decide(party, ucr, "released", "--on", identity)
    leg = world.leg(BAVET, ucr, 2)
    assert (leg["status"], leg["turn"]) == ("RELEASED", "NOBODY"), leg


# --- 5: dragon fruit, of VNACCS


def declare_pitaya(ucr, plate, *how):
    file = native_files.vietnamese_export(f"3055000000{ucr[-1]}0", "VNHNG", plate)
    return world.submit(HUUNGHI, "lodged-copy", ucr, [YOUYIGUAN], "--format", "vn/vn-vnaccs", "--leg", "CN:IMPORT:7203",
                        "--condition", "FRESH", *how, world.file(f"{ucr}-{plate}.edi", file))[0]


def amend_pitaya(ucr, first, plate):
    """The file again, with another plate: the router knows what it is a newer version of."""
    amendment = world.header_of(HUUNGHI, declare_pitaya(ucr, plate, "--amend"))
    assert (amendment["kind"], amendment["version"]) == ("KIND_AMENDMENT", 2), amendment
    assert [(ref["relation"], ref["id"]) for ref in amendment["refs"]] == [
        ("RELATION_AMENDS", world.header_of(HUUNGHI, first)["id"])], amendment


def case_plate_that_changes_while_the_release_is_signed_leaves_it_standing():
    story_tales.pitayas(world, declare_pitaya, amend_pitaya)


# --- 11: 190 lines, four drafts, one yellow lane

TARIFF = ("61102000", "61091000", "61046200", "62034200", "64039900", "64041900", "39232900", "39269090", "42022100",
          "48191000", "63014000", "69111000", "70133700", "73239300", "76151000", "82111000", "94036000", "95030000",
          "96032900")
LINES = [(TARIFF[number % len(TARIFF)], "TH", 100) for number in range(190)]
NUMBERS = ["105500000011", "105500000022", "105500000033", "105500000044"]
# Lines of an IDA that the draft leaves to the declarant: number, kind, sort, office, dates.
NUMBER, KIND, SORT, OFFICE, LODGED_ON, ARRIVAL = 1, 6, 9, 10, 13, 44
# What belongs to the law of Thailand, and may not stand in a draft for Viet Nam.
NATIONAL = ("type", "registration", "office", "borderOffice", "declarant", "payment", "taxTotals", "guarantee",
            "signature")
story = {}


def case_190_lines_become_four_drafts_in_which_nothing_thai_is_law():
    world.drop(ARAN, "export.xml", native_files.thai_export("ARAN000000190", "2301", "VN", "70-1911", LINES))
    drafts = wait_for(lambda: len(list(world.tray(MOCBAI, "in").glob("*.txt"))) == 4, 40)
    assert drafts, world.adapters[MOCBAI].text()[-2000:] + world.adapters[ARAN].text()[-2000:]
    files = sorted(world.tray(MOCBAI, "in").glob("*.txt"))
    story["drafts"] = [path.read_bytes() for path in files]
    read = [world.canonical("vn/vn-vnaccs", draft) for draft in story["drafts"]]
    assert [len(one["items"]) for one in read] == [50, 50, 50, 40]
    for one in read:
        assert one["direction"] == "DIRECTION_IMPORT", one["direction"]
        assert not [field for field in NATIONAL if field in one], sorted(one)
        assert one["transport"]["border"]["identity"] == "70-1911", one["transport"]
        for item in one["items"]:
            assert "nationalCode" not in item["commodity"] and len(item["commodity"]["hs6"]) == 6, item
            assert not {"taxes", "procedure", "preference"} & set(item), item
    losses = wait_for(lambda: [loss for path in (world.dir / "parties" / MOCBAI / "state/translations").glob("*.json")
                               for loss in json.loads(path.read_text()).get("losses", [])])
    national = {loss["path"].split("[")[0].split(".")[0] for loss in losses
                if loss.get("class") == "LOSS_CLASS_NOT_TRANSFERABLE"}
    assert {"type", "office", "declarant", "taxTotals"} <= national, national
    assert any("nationalCode" in loss["path"] for loss in losses), "digits beyond HS6"


def case_plan_of_the_three_countries_follows_from_the_thai_file():
    story["ucr"] = ucr = wait_for(lambda: world.look(POIPET, "70-1911"))["ucr"]
    seen = world.look(POIPET, ucr)
    assert [(leg["country"], leg["regime"]) for leg in seen["legs"]] == [
        ("TH", "EXPORT"), ("KH", "TRANSIT"), ("VN", "IMPORT")], seen
    assert [ARAN in deciders(seen, 0), POIPET in deciders(seen, 1), MOCBAI in deciders(seen, 2)] == [True] * 3, seen
    assert [leg["turn"] for leg in seen["legs"]] == ["NOT_ARRIVED"] * 3, seen
    assert seen["findings"] == [], seen
    # The copy lodged in Thailand is what is decided: no draft, nothing that was sent ahead.
    assert {one["purpose"] for one in seen["declarations"]} == {"LODGED_COPY"}, seen
    for kind in ("plan", "status"):
        told = wait_for(lambda: list(world.tray(ARAN, "in").glob(f"*.{kind}.json")))
        assert any(json.loads(path.read_text())["ucr"] == ucr for path in told), told
    got = world.receive(POIPET, lambda header: header.kind == message_pb.KIND_STATUS)
    kinds = [message_pb.Kind.Name(header.kind) for header in got if header.ucr == ucr]
    assert kinds == ["KIND_DECLARATION", "KIND_PLAN", "KIND_STATUS"], kinds
    assert world.look("la.customs.boten", ucr) is None and world.look("cn.gacc", "70-1911") is None


def lodge():
    """The importer completes the drafts, and the system registers them."""
    files = []
    for number, draft in zip(NUMBERS, story["drafts"]):
        message = native_files.VnaccsMessage(draft)
        for line, value in ((NUMBER, number), (KIND, "A11"), (SORT, "4"), (OFFICE, "45B1"), (LODGED_ON, "22112026"),
                            (ARRIVAL, "22112026")):
            assert message.get(line) == "", (line, message.get(line))
            message.put(line, value)
        files.append(world.file(f"{number}.edi", message.data()))
    return world.submit(MOCBAI, "lodged-copy", story["ucr"], [ARAN, POIPET], "--format", "vn/vn-vnaccs",
                        *files)


def case_four_declarations_of_the_importer_join_the_consignment():
    ucr = story["ucr"]
    world.send(ARAN, {"kind": "KIND_LINK", "link": {"parties": [MOCBAI]}}, ucr, [MOCBAI])
    story["ids"] = lodge()
    seen = world.look(MOCBAI, ucr)
    assert seen["findings"] == [], seen
    mine = [one for one in seen["declarations"] if one["leg"] == 3]
    assert [(one["number"], one["status"]) for one in mine] == [
        (f"VN/45B1/2026/{number}", "PENDING") for number in NUMBERS], seen
    # No Thai rule is about such goods: nobody's silence is a release, and nobody's word but his.
    assert statuses(seen) == ["NO_RULE", "PENDING", "PENDING"], seen


def holds(party, key="70-1911"):
    movement = world.whole(party, key)["movement"]
    assert movement["held"] == bool(movement["heldBy"]), movement
    return [(one["number"], one["status"], one["authority"]) for one in movement["heldBy"]]


def case_one_yellow_lane_holds_the_truck_and_three_declarations_are_released():
    ucr, yellow = story["ucr"], story["ids"][3]
    world.decide(ARAN, ucr, "released", "--leg", "1")
    world.decide(POIPET, ucr, "authorised")
    world.event(POIPET, ucr, "ARRIVED", [ARAN])
    world.decide(POIPET, ucr, "exited")
    assert holds(MOCBAI) == holds(POIPET) == []
    world.event(MOCBAI, ucr, "ARRIVED", [ARAN, POIPET])
    for identity in story["ids"][:3]:
        world.decide(MOCBAI, ucr, "released", "--on", identity)
    assert world.status(ARAN, ucr) == ["NO_RULE", "EXITED", "PENDING"]
    world.decide(MOCBAI, ucr, "documents-required", "--on", yellow, "--reason", "LANE_YELLOW")
    for party in (ARAN, POIPET, MOCBAI):
        seen = world.look(party, ucr)
        leg = seen["legs"][2]
        assert (leg["status"], leg["turn"]) == ("DOCUMENTS_REQUIRED", "TRADER"), seen
        assert [one["status"] for one in seen["declarations"] if one["leg"] == 3] == [
            "RELEASED", "RELEASED", "RELEASED", "DOCUMENTS_REQUIRED"], seen
        assert holds(party) == [(f"VN/45B1/2026/{NUMBERS[3]}", "DOCUMENTS_REQUIRED", MOCBAI)]
    assert world.whole("la.customs.boten", "70-1911")["movement"] is None


def case_what_others_may_not_see_of_the_truck_is_that_it_is_under_control():
    ucr, yellow = story["ucr"], story["ids"][3]
    world.decide(MOCBAI, ucr, "inspect", "--on", yellow, "--disclosure", "never")
    number = f"VN/45B1/2026/{NUMBERS[3]}"
    assert holds(MOCBAI) == [(number, "INSPECT", MOCBAI)]
    assert holds(ARAN) == holds(POIPET) == [(number, "UNDER_CONTROL", MOCBAI)]
    shown = world.cli("track", "--home", world.dir, "--as", POIPET, "70-1911").stdout
    assert "truck 701911  held" in shown and "INSPECT" not in shown, shown


def case_second_load_of_a_truck_holds_the_first():
    """One truck carries many consignments; only who takes part in the other one hears why."""
    other = "TH-TOOLS-1"
    world.declare(ARAN, other, ("TH EXPORT THARN", "KH IMPORT KHPPT"), [("820559", "TH", "OTHER", 700)], [POIPET],
                  movement={"plate": "70 1911", "mode": "3"})
    truck = world.whole(POIPET, other)["movement"]
    assert sorted(truck["ucrs"]) == sorted([other, story["ucr"]]) and truck["held"], truck
    world.decide(MOCBAI, story["ucr"], "released", "--on", story["ids"][3])
    assert holds(MOCBAI) == holds(ARAN, other) == []
    world.decide(POIPET, other, "hold")
    assert holds(POIPET, story["ucr"]) == [("", "HOLD", POIPET)]
    assert holds(MOCBAI, story["ucr"]) == [], "Viet Nam takes no part in what stays in Cambodia"
    assert world.status(MOCBAI, story["ucr"])[2] == "RELEASED", "each keeps its own status"
    world.event(POIPET, other, "TRACTOR_CHANGED", [ARAN], movement={"plate": "PP-3C-7777"})
    assert holds(POIPET, story["ucr"]) == [] and holds(POIPET, "PP-3C-7777") == [("", "HOLD", POIPET)]


def case_log_holds_for_who_computes_everything_again():
    done = world.cli("audit", "verify", world.dir / "router", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
