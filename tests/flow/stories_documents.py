"""The window's stories about documents: laboratories, balances and pictures of permits.

Real programs, as in stories.py.
"""

import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import cases
import story_world
from story_world import (certified, declaration, deciders, establishments, found_in, lacking_in,
                         quantity_of, statuses)

folder = tempfile.TemporaryDirectory(prefix="rivergate-stories-")
world = story_world.StoryWorld(folder.name)
world.create()
world.start_router()

TH, LA, CN, PLANTS = "th.customs.chiangkhong", "la.customs.boten", "cn.gacc.mohan", "cn.gacc.plants"
MYAWADDY, MAESOT = "mm.customs.myawaddy", "th.customs.maesot"
DANSAVAN, LAOBAO = "la.customs.dansavan", "vn.customs.laobao"


# --- 3: a laboratory is suspended while the truck is in Laos


def declare_durian(ucr, seal):
    """Durian with all that the three countries ask for."""
    load = [("081060", "TH")]
    world.certify("th.doa", "851", f"PC-{ucr}", [PLANTS], load, importingCountry="CN",
                  containers=["TEMU1234567"], seals=[seal],
                  establishments=establishments("TH", orchard="AC 10-9001", packhouse="DOA 11002"))
    world.certify("th.doa", "4", f"LAB-{ucr}", [PLANTS], load,
                  establishments=establishments("TH", laboratory="LAB-77"))
    world.certify("th.dft", "form-e", f"FE-{ucr}", [PLANTS], load, importingCountry="CN")
    world.declare(TH, ucr, ("TH EXPORT THCKN", "LA TRANSIT LABTN", "CN IMPORT 8648"),
                  [("081060", "TH", "FRESH", 18000)], [LA, CN],
                  documents=[("851", "TH", f"PC-{ucr}"), ("4", "TH", f"LAB-{ucr}"),
                             ("form-e", "TH", f"FE-{ucr}")],
                  movement={"plate": "70-1234", "containers": ["TEMU1234567"], "seals": [seal],
                            "mode": "3"})


def case_laboratory_suspended_on_the_way_leaves_the_test_report_outstanding():
    there, on_the_way = "TH-DURIAN-THERE", "TH-DURIAN-3"
    for ucr, seal in ((there, "TH0031"), (on_the_way, "TH0032")):
        declare_durian(ucr, seal)
        seen = world.look(CN, ucr)
        assert [lacking_in(seen, leg) for leg in range(3)] == [{}, {}, {}], seen
        assert seen["findings"] == [], seen
    for party in deciders(world.look(TH, on_the_way), 0):
        world.decide(party, on_the_way, "released")
    world.decide(LA, on_the_way, "authorised")
    world.event(LA, on_the_way, "ARRIVED", [TH])
    world.event(CN, there, "ARRIVED", [TH])
    world.send(PLANTS, {"kind": "KIND_ESTABLISHMENT_LIST", "establishmentList": {
        "list": "gacc-laboratories", "version": "2", "entries": [{
            "establishment": establishments("TH", laboratory="LAB-77")[0],
            "state": "STATE_SUSPENDED", "appliesTo": "APPLIES_TO_ARRIVED"}]}}, "", ["th.doa"])
    for party in ("th.doa", LA, CN):
        seen = world.look(party, on_the_way)
        assert lacking_in(seen, 2) == {"cn-plants-durian-test": ["4"]}, seen
        assert lacking_in(seen, 0) == {}, "what has been released stays so"
        assert "LAB-77" in found_in(seen)["ESTABLISHMENT_SUSPENDED"], seen
    assert lacking_in(world.look(TH, there), 2) == {}, "who has arrived before is not met"
    world.event(CN, on_the_way, "ARRIVED", [TH])
    assert world.leg(CN, on_the_way, 2)["dueUs"] > 0, "a target runs"
    world.decide(PLANTS, on_the_way, "documents-required", "--reason", "TEST_REPORT")
    for party in (TH, CN):
        seen = world.look(party, on_the_way)
        leg = seen["legs"][2]
        assert (leg["status"], leg["turn"], leg["dueUs"]) == ("DOCUMENTS_REQUIRED", "TRADER", 0), leg
        assert statuses(seen)[:2] == ["RELEASED", "AUTHORISED"], seen
    assert world.look("mm.customs.myawaddy", on_the_way) is None


# --- 7: twenty trucks on one certificate, and one more


def case_truck_beyond_the_certificate_is_found_and_not_blocked():
    trucks = [f"MM-MAIZE-{number:02}" for number in range(1, 22)]
    world.certify("mm.plant", "851", "MM-851-500", ["th.doa"], [("100590", "MM", 500, "TNE")],
                  importingCountry="TH")
    world.send_all("mm.trade", [({"kind": "KIND_CERTIFICATE", "certificate": {
        "type": "form-d", "number": f"FD-{ucr}", "issuer": "mm.trade", "issuerCountry": "MM",
        "importingCountry": "TH", "medium": "MEDIUM_ISSUER_MESSAGE",
        "goods": [certified("100590", "MM")]}}, "", ["th.customs"]) for ucr in trucks])
    world.send_all(MYAWADDY, [(declaration(
        ("MM EXPORT MMMWD", "TH IMPORT THMST"), [("100590", "MM", "DRIED", 25000)],
        documents=[("851", "MM", "MM-851-500"), ("form-d", "MM", f"FD-{ucr}")]),
        ucr, [MAESOT]) for ucr in trucks])
    for ucr in (trucks[0], trucks[19]):
        seen = world.look(MAESOT, ucr)
        assert "BALANCE_EXCEEDED" not in found_in(seen), seen
        assert "th-doa-maize" not in lacking_in(seen, 1), seen
    last = trucks[20]
    for party in (MYAWADDY, "th.doa"):
        seen = world.look(party, last)
        text = found_in(seen)["BALANCE_EXCEEDED"]
        assert text == "500000 KGM certified, 500000 KGM used before, 25000 KGM here", text
        assert statuses(seen)[1] == "PENDING", "a finding never blocks"
    world.event(MAESOT, last, "ARRIVED", [MYAWADDY])
    world.decide("th.doa", last, "documents-required", "--reason", "BALANCE")
    for party in (MYAWADDY, MAESOT):
        leg = world.leg(party, last, 1)
        assert (leg["status"], leg["turn"]) == ("DOCUMENTS_REQUIRED", "TRADER"), leg
    # A release writes off; a refusal frees what was reserved, and the last one fits.
    for party in deciders(world.look(MAESOT, trucks[0]), 1):
        world.decide(party, trucks[0], "released")
    assert world.status(MYAWADDY, trucks[0])[1] == "RELEASED"
    assert "BALANCE_EXCEEDED" in world.found(MAESOT, last)
    world.decide("th.doa", trucks[4], "refused")
    seen = world.look(MAESOT, last)
    assert "BALANCE_EXCEEDED" not in found_in(seen), seen
    assert statuses(seen)[1] == "DOCUMENTS_REQUIRED", "the authority decides"
    assert world.look(LA, last) is None


# --- 9: rosewood


def declare_rosewood(ucr, amount):
    world.declare(DANSAVAN, ucr, ("LA EXPORT LADSV", "VN IMPORT VNLBO"),
                  [("440799", "LA", "OTHER", amount, "MTQ")], [LAOBAO],
                  documents=[("626", "LA", "LA-CITES-9")])


def case_picture_of_a_permit_counts_when_its_issuer_confirms_it():
    ucr = "LA-ROSEWOOD-1"
    world.certify(DANSAVAN, "626", "LA-CITES-9", ["vn.cites"], [("440799", "LA", 20, "MTQ")],
                  issuer="la.cites", medium="MEDIUM_SCAN", importingCountry="VN")
    declare_rosewood(ucr, "18.2")
    assert {LAOBAO, "vn.cites", "vn.plant"} <= set(deciders(world.look(LAOBAO, ucr), 1))
    for party in (DANSAVAN, "vn.cites"):
        seen = world.look(party, ucr)
        assert found_in(seen)["NOT_VERIFIED"] == "not verified by issuer", seen
        assert lacking_in(seen, 1)["vn-cites-timber"] == ["626"], seen
    confirmed = {"kind": "KIND_CERTIFICATE_STATUS", "certificateStatus": {
        "type": "626", "number": "LA-CITES-9", "issuerCountry": "LA", "status": "STATUS_CONFIRMED",
        "quantity": quantity_of("18.2", "MTQ")}}
    world.send("vn.cites", confirmed, "", ["vn.forest"])
    assert "NOT_VERIFIED" in world.found("vn.cites", ucr), "nobody else confirms"
    world.send("la.cites", confirmed, "", ["vn.cites"])
    for party in (DANSAVAN, "vn.cites"):
        seen = world.look(party, ucr)
        assert not {"NOT_VERIFIED", "BALANCE_EXCEEDED"} & set(found_in(seen)), seen
        assert "vn-cites-timber" not in lacking_in(seen, 1), seen
        assert statuses(seen) == ["PENDING", "PENDING"], "a certificate releases nothing"


def case_second_load_on_the_permit_is_seized_and_other_members_see_that_it_is_under_control():
    ucr = "LA-ROSEWOOD-2"
    declare_rosewood(ucr, 10)
    for party in (DANSAVAN, "vn.cites"):
        text = world.found(party, ucr)["BALANCE_EXCEEDED"]
        assert text == "18.2 MTQ certified, 18.2 MTQ used before, 10 MTQ here", text
    assert "BALANCE_EXCEEDED" not in world.found("vn.cites", "LA-ROSEWOOD-1")
    world.event(LAOBAO, ucr, "ARRIVED", [DANSAVAN])
    world.decide("vn.cites", ucr, "seized", "--disclosure", "never", "--reason", "PERMIT",
                 "--provision", "Decree 06/2019")
    for party in ("vn.cites", LAOBAO):
        seen = world.look(party, ucr)
        assert seen["legs"][1]["status"] == "SEIZED" and seen["heldBy"] == "vn.cites", seen
    # The importer hears it in his own country (TFA 5.2): its customs may see the decision.
    for party in (DANSAVAN, "la.cites"):
        seen = world.look(party, ucr)
        assert seen["legs"][1]["status"] == "UNDER_CONTROL", seen
        assert "SEIZED" not in str(seen), seen
    assert world.status(DANSAVAN, "LA-ROSEWOOD-1") == ["PENDING", "PENDING"]
    assert world.look(TH, ucr) is None


def case_log_holds_for_who_computes_everything_again():
    done = world.cli("audit", "verify", world.dir / "router", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def case_death_at_any_record_changes_nothing():
    world.crash(cuts=8)


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
