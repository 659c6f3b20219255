"""The window's stories: what happens to a consignment, and what each member sees of it.

Real programs: one router with the six countries' profiles in force, and the command line, by
which authorities without a system decide.
"""

import base64
import json
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import cases
import story_tales
import story_world
from story_tales import BAVET, CN, HUUNGHI, LA, MOCBAI, PLANTS, TH, YOUYIGUAN
from story_world import deciders, found_in, message_pb, now_us, ref, statuses, wait_for

folder = tempfile.TemporaryDirectory(prefix="rivergate-stories-")
world = story_world.StoryWorld(folder.name)
world.create()
world.start_router()

DURIAN = ("081060", "TH", "FRESH", 18000)
SECOND = 1_000_000
ROUTE = ("TH EXPORT THCKN", "LA TRANSIT LABTN", "CN IMPORT 8648")
status, leg_seen = world.status, world.leg


# --- 1 and 2: durian


def case_durian_is_released_by_all_three_countries():
    story_tales.durian(world, "TH-DURIAN-1", lambda ucr: world.declare(TH, ucr, ROUTE, [DURIAN], [LA, CN], movement={
        "plate": "70-1234", "containers": ["TEMU1234567"], "seals": ["TH0001"], "mode": "3"}))


def case_durian_with_another_seal_is_refused_and_the_thai_release_stands():
    ucr = "TH-DURIAN-2"
    world.declare(TH, ucr, ROUTE, [DURIAN], [LA, CN], movement={
        "plate": "70-5678", "seals": ["TH0002"], "mode": "3"})
    plan = world.look(TH, ucr)
    for party in deciders(plan, 0):
        world.decide(party, ucr, "released")
    world.event(LA, ucr, "SEALS_CHECKED", [TH, CN], movement={"seals": ["XX9999"]})
    rules = {finding["rule"] for finding in world.look(CN, ucr)["findings"]}
    assert "SEAL_MISSING" in rules, rules
    world.event(CN, ucr, "ARRIVED", [TH])
    world.decide(CN, ucr, "refused", "--reason", "SEAL")
    world.decide(CN, ucr, "return-ordered", "--reason", "SEAL")
    assert status(TH, ucr)[0] == "RELEASED"
    leg = leg_seen(TH, ucr, 2)
    assert (leg["status"], leg["turn"]) == ("RETURN_ORDERED", "TRADER"), leg
    world.send(CN, {"kind": "KIND_NON_COMPLIANCE", "nonCompliance": {
        "certificateType": "851", "certificateNumber": "TH-851-2", "issuerCountry": "TH",
        "reasonCodes": ["SEAL"], "action": "DECISION_STATUS_RETURN_ORDERED"}}, ucr, ["th.doa"])
    for party in (CN, "th.doa"):
        assert "TH-851-2" in world.found(party, ucr)["NON_COMPLIANCE"]
    assert "NON_COMPLIANCE" not in world.found(LA, ucr), "between the two countries"
    assert status("th.doa", ucr)[0] == "RELEASED"


# --- 4: mango, fresh and dried

THROUGH_VIETNAM = ("KH EXPORT KHBVT", "VN TRANSIT VNMOC", "CN IMPORT 7203")
PINGXIANG = ("VN EXPORT VNHNG", "CN IMPORT 7203")


def certify_mango(number):
    world.certify("kh.plant", "851", number, [PLANTS], [("080450", "KH")], importingCountry="CN",
                  containers=["TCLU4000001"], seals=["KH-4"],
                  establishments=story_world.establishments("KH", orchard="O-1", packhouse="P-7"))


def declare_mango(ucr, state, number):
    world.declare(BAVET, ucr, THROUGH_VIETNAM, [("080450", "KH", state, 15000)], [MOCBAI, YOUYIGUAN],
                  documents=[("851", "KH", number)],
                  movement={"plate": "PP-2A-0001", "containers": ["TCLU4000001"], "seals": ["KH-4"], "mode": "3"})


def case_fresh_mango_overtakes_its_dried_twin_and_has_rules_of_its_own():
    story_tales.mangoes(world, certify_mango, declare_mango)


# --- 5 and 6: what changes on the way

DRAGON_FRUIT = ("081090", "VN", "FRESH", 18000)


def with_plate(plate):
    return {"movement": {"plate": plate, "seals": ["V-5"], "mode": "3"}}


def case_plate_that_changes_while_the_release_is_signed_leaves_it_standing():
    story_tales.pitayas(
        world,
        lambda ucr, plate: world.declare(HUUNGHI, ucr, PINGXIANG, [DRAGON_FRUIT], [YOUYIGUAN], **with_plate(plate)),
        lambda ucr, first, plate: world.amend(HUUNGHI, ucr, first, PINGXIANG, [DRAGON_FRUIT], [YOUYIGUAN],
                                              **with_plate(plate)))


def case_more_weight_after_the_inspection_was_ordered_is_refused():
    ucr = "VN-PITAYA-3"
    first = world.declare(HUUNGHI, ucr, PINGXIANG, [DRAGON_FRUIT], [YOUYIGUAN])
    for party in deciders(world.look(HUUNGHI, ucr), 0):
        world.decide(party, ucr, "released")
    world.event(YOUYIGUAN, ucr, "ARRIVED", [HUUNGHI])
    world.decide(YOUYIGUAN, ucr, "inspect", "--reason", "WEIGHT")
    heavier = (*DRAGON_FRUIT[:3], 24000)
    second = world.amend(HUUNGHI, ucr, first, PINGXIANG, [heavier], [YOUYIGUAN])
    asked = world.look(YOUYIGUAN, ucr)
    assert asked["version"] == 1 and asked["legs"][1]["status"] == "INSPECT", asked
    assert asked["findings"] == [], asked
    world.decide(YOUYIGUAN, ucr, "refused", "--on", second)
    for party in (HUUNGHI, YOUYIGUAN):
        seen = world.look(party, ucr)
        assert seen["version"] == 1, seen
        assert statuses(seen) == ["RELEASED", "INSPECT"], seen
        assert seen["legs"][1]["turn"] == "AUTHORITY" and seen["heldBy"] == YOUYIGUAN, seen
        assert "CHANGE_REFUSED" in found_in(seen), seen


# --- 8: cattle

CATTLE = ("010229", "LA", "LIVE", 12000)


def alert(level):
    world.send("cn.gacc.animals", {"kind": "KIND_PEST_ALERT", "pestAlert": {
        "number": "FMD-2026-7", "level": f"LEVEL_{level}", "organism": "Foot-and-mouth disease",
        "goods": [{"hs": ["0102"], "origins": ["LA"]}], "areas": ["LA-LM"]}},
               "", ["la.animal", "th.dld"])


def case_suspected_disease_flags_cattle_and_holds_nothing():
    before, after, pigs = "LA-CATTLE-1", "LA-CATTLE-2", "LA-PIGS"
    route = ("LA EXPORT LABTN", "CN IMPORT 8648")
    world.declare(LA, before, route, [CATTLE], [CN])
    world.declare(LA, pigs, route, [("010392", "LA", "LIVE", 9000)], [CN])
    was = status(LA, before)
    alert("SUSPECTED")
    world.declare(LA, after, route, [CATTLE], [CN])
    for ucr in (before, after):
        for party in ("la.animal", CN):
            seen = world.look(party, ucr)
            assert "suspected by cn.gacc.animals" in found_in(seen)["PEST_ALERT"], seen
            assert statuses(seen) == was, "an alert holds nothing"
    assert "PEST_ALERT" not in world.found(CN, pigs)
    world.event(CN, before, "ARRIVED", [LA])
    world.decide("cn.gacc.animals", before, "hold", "--reason", "ALERT")
    seen = world.look(LA, before)
    assert (seen["legs"][1]["status"], seen["legs"][1]["turn"]) == ("HOLD", "AUTHORITY"), seen
    assert seen["heldBy"] == "cn.gacc.animals", seen
    alert("LIFTED")
    lifted = world.look(LA, before)
    assert lifted["findings"] == [] and world.found(CN, after) == {}, lifted
    assert statuses(lifted)[1] == "HOLD", "what an authority holds, it releases itself"
    for party in deciders(seen, 1):
        world.decide(party, before, "released")
    seen = world.look(LA, before)
    assert (seen["legs"][1]["status"], seen["legs"][1]["turn"]) == ("RELEASED", "NOBODY"), seen
    assert seen["heldBy"] == "", seen


# --- 10: herbs, and what the parts hold beside them


def case_pangolin_scales_among_herbs_bring_an_authority_that_the_sender_does_not_see():
    ucr, herbs = "VN-HERBS", ("121190", "VN", "DRIED", 900)
    first = world.declare(HUUNGHI, ucr, PINGXIANG, [herbs], [YOUYIGUAN])
    before = world.look(HUUNGHI, ucr)
    assert "cn.cites" not in deciders(world.look(YOUYIGUAN, ucr), 1)
    acknowledged = ref(HUUNGHI, first, world.header_hash_of(YOUYIGUAN, ucr, first), "ACKNOWLEDGES")
    world.send(YOUYIGUAN, {"kind": "KIND_ACKNOWLEDGEMENT", "refs": [acknowledged], "acknowledgement": {
        "outcome": "OUTCOME_TAKEN_OVER", "handedOverAs": "cn-dec", "goods": [
            story_world.goods_of(*herbs), story_world.goods_of("050790", "VN", "DRIED", 40)]}},
               ucr, ["cn.cites"])
    own = world.look(YOUYIGUAN, ucr)
    assert "cn.cites" in deciders(own, 1) and "FACTS" in found_in(own), own
    assert world.look(HUUNGHI, ucr) == before, "the sender sees nothing of it"
    got = world.receive("cn.cites", lambda header: header.kind == message_pb.KIND_DECLARATION)
    assert got[-1].ucr == ucr and got[-1].to == [YOUYIGUAN], "it joined later, and gets it now"
    world.decide("cn.cites", ucr, "inspect", "--disclosure", "on-arrival")
    assert "cn.cites" not in str(world.messages(HUUNGHI, ucr)), "nor that anybody has it"
    own, other = world.look(YOUYIGUAN, ucr), world.look(HUUNGHI, ucr)
    assert own["legs"][1]["status"] == "INSPECT" and own["heldBy"] == "cn.cites", own
    assert other["legs"][1]["status"] == "UNDER_CONTROL", other
    assert "cn.cites" not in str(other) and "FACTS" not in found_in(other), other
    world.event(YOUYIGUAN, ucr, "ARRIVED", [HUUNGHI])
    other = world.look(HUUNGHI, ucr)
    assert other["legs"][1]["status"] == "INSPECT" and "cn.cites" in deciders(other, 1), other
    assert "FACTS" in found_in(other), other


# --- 12: a day without line


def case_paper_release_without_line_is_one_record_with_its_own_time():
    ucr, dansavan, laobao = "LA-BANANA", "la.customs.dansavan", "vn.customs.laobao"
    world.declare(dansavan, ucr, ("LA EXPORT LADSV", "VN IMPORT VNLBO"),
                  [("080390", "LA", "FRESH", 20000)], [laobao])
    assert {laobao, "vn.plant"} <= set(deciders(world.look(laobao, ucr), 1))
    world.event(laobao, ucr, "ARRIVED", [dansavan], happenedAtUs=str(now_us(-82 * 3600)))
    world.send("vn.plant", {"kind": "KIND_INSPECTION_RESULT", "inspectionResult": {
        "result": "RESULT_PASS", "leg": 2, "place": "VNLBO", "happenedAtUs": str(now_us(-81 * 3600)),
        "signers": [{"authority": "vn.plant", "officer": "VN-4"},
                    {"authority": "la.plant", "officer": "LA-17"}]}}, ucr, [dansavan, laobao])
    assert status(dansavan, ucr)[1] == "PENDING", "an inspection decides nothing"
    effective_us = now_us(-80 * 3600)
    release = {"kind": "KIND_DECISION", "decision": {
        "status": "DECISION_STATUS_RELEASED", "paperReference": "LB-2210",
        "effectiveAtUs": str(effective_us)}}
    world.router.kill()
    spool = ("submit", "--home", world.dir, "--as", "vn.plant", "--spool")
    done = world.cli(*spool, "--kind", "header", world.file_of(release, ucr, [dansavan]))
    assert "stored durably" in done.stderr, done.stderr
    world.start_router()
    world.cli(*spool)
    world.cli(*spool)
    marks = world.send_late(laobao, ucr, [dansavan], 30 * 3600,
                            status=message_pb.DECISION_STATUS_HOLD, paper_reference="LB-2209")
    assert list(marks) == [], "what was spooled for less than spool_max is not late"
    assert status(dansavan, ucr)[1] == "HOLD"
    marks = world.send_late(laobao, ucr, [dansavan], 80 * 3600,
                            status=message_pb.DECISION_STATUS_RELEASED, effective_at_us=effective_us,
                            paper_reference="LB-2211")
    assert list(marks) == [story_world.record_pb.MARK_LATE], marks
    records = [one for one in world.messages(dansavan, ucr) if one["kind"] == "DECISION"]
    assert sorted(one["from"] for one in records) == [laobao, laobao, "vn.plant"], records
    assert all(len(one["deliveries"]) == 1 for one in records), records
    for party in (laobao, "la.plant"):
        seen = world.look(party, ucr)
        leg = seen["legs"][1]
        assert (leg["status"], leg["turn"], leg["sinceUs"]) == ("RELEASED", "NOBODY", effective_us), leg
        assert seen["findings"] == [], seen


def case_release_that_is_said_to_be_older_than_the_arrival_is_found():
    ucr, dansavan, laobao = "LA-BANANA-2", "la.customs.dansavan", "vn.customs.laobao"
    world.declare(dansavan, ucr, ("LA EXPORT LADSV", "VN IMPORT VNLBO"),
                  [("080390", "LA", "FRESH", 20000)], [laobao])
    world.event(laobao, ucr, "ARRIVED", [dansavan])
    world.decide(laobao, ucr, "released", "--effective", "2026-01-01T15:10:00Z", "--paper", "LB-1")
    for party in (dansavan, laobao):
        assert "EFFECTIVE_BEFORE_ARRIVAL" in world.found(party, ucr)


# --- 13: an enquiry


def case_enquiry_is_seen_by_its_two_contact_points_alone():
    ucr, gacc = "CN-GARLIC", "cn.gacc"
    world.declare(CN, ucr, ("CN EXPORT 8648", "LA TRANSIT LABTN", "TH IMPORT THCKN"),
                  [("070320", "CN", "FRESH", 24000)], [LA, TH])
    parties = (CN, LA, TH, "th.doa")
    before = [(world.look(party, ucr), world.messages(party, ucr)) for party in parties]
    asked = world.send("th.customs", {"kind": "KIND_ENQUIRY", "enquiry": {
        "purpose": "customs value", "grounds": "price far below the market",
        "checksDone": "invoices of a year", "protection": "customs only"}}, ucr, [gacc])
    question = ref("th.customs", asked, world.header_hash_of(gacc, ucr, asked), "IN_REPLY_TO")
    world.send(gacc, {"kind": "KIND_ENQUIRY_REPLY", "refs": [question], "enquiryReply": {
        "extent": "EXTENT_IN_PART", "withheld": ["prices"], "grounds": "trade secret"}},
               ucr, ["th.customs"])
    for party in ("th.customs", gacc):
        assert {"ENQUIRY", "ENQUIRY_REPLY"} <= world.kinds(party, ucr), party
    after = [(world.look(party, ucr), world.messages(party, ucr)) for party in parties]
    assert after == before, "nobody else sees that anything was asked"


# --- 14: transit that does not end


def case_transit_that_does_not_leave_in_time_is_not_discharged():
    ucr, dansavan, laobao = "TH-RICE", "la.customs.dansavan", "vn.customs.laobao"
    world.declare(TH, ucr, ("TH EXPORT THCKN", "LA TRANSIT LADSV", "VN IMPORT VNLBO"),
                  [("100630", "TH", "DRIED", 25000)], [dansavan, laobao])
    world.event(dansavan, ucr, "ARRIVED", [TH])
    world.decide(dansavan, ucr, "authorised")
    seen = leg_seen(TH, ucr, 1)
    assert (seen["status"], seen["turn"]) == ("AUTHORISED", "CARRIER"), seen
    due_us = now_us(2) // SECOND * SECOND
    limit = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(due_us // SECOND))
    assert world.decide(dansavan, ucr, "released", "--time-limit", limit, check=False).returncode == 2
    assert world.decide(dansavan, ucr, "authorised", "--time-limit", "soon", check=False).returncode == 2
    world.decide(dansavan, ucr, "authorised", "--guarantee", "GRT-2026-14", "--time-limit", limit)
    assert wait_for(lambda: status(TH, ucr)[1] == "NOT_DISCHARGED"), status(TH, ucr)
    for party in (TH, laobao):
        seen = world.look(party, ucr)
        leg = seen["legs"][1]
        assert (leg["status"], leg["turn"], leg["sinceUs"]) == ("NOT_DISCHARGED", "AUTHORITY", due_us)
        assert seen["legs"][2]["turn"] == "NOT_ARRIVED", seen
        assert seen["heldBy"] == dansavan, seen
    reminder = world.receive(dansavan, lambda header: header.ucr == ucr
                             and header.kind == message_pb.KIND_REMINDER)[-1].reminder
    assert (reminder.leg, reminder.subject, reminder.due_us) == (2, "GRT-2026-14", due_us), reminder
    world.send(dansavan, {"kind": "KIND_ENQUIRY", "enquiry": {
        "purpose": "transit not discharged", "grounds": "GRT-2026-14"}}, ucr, [TH])
    assert "ENQUIRY" in world.kinds(TH, ucr) and "ENQUIRY" not in world.kinds(laobao, ucr)
    world.decide(dansavan, ucr, "discharged")
    assert status(TH, ucr)[1] == "DISCHARGED"


# --- Who may, and who may not


def case_decision_of_who_does_not_decide_changes_nothing():
    ucr = "TH-DURIAN-3"
    world.declare(TH, ucr, ROUTE, [DURIAN], [LA, CN])
    before = status(TH, ucr)
    world.send("mm.customs.myawaddy", {"kind": "KIND_DECISION", "decision": {
        "status": "DECISION_STATUS_RELEASED", "leg": 3}}, ucr, [TH])
    assert status(TH, ucr) == before
    assert "NOT_IN_PLAN" in {one["rule"] for one in world.look(TH, ucr)["findings"]}


def case_hold_stays_when_another_declarant_binds_the_reference():
    ucr, plants = "LA-OR-TH-DURIAN", "cn.gacc.plants"
    world.declare(LA, ucr, ("LA EXPORT LABTN", "CN IMPORT 8648"), [("081060", "LA", "FRESH", 1000)], [CN],
                  purpose="PURPOSE_ADVANCE")
    ahead = world.look(LA, ucr)
    world.decide(plants, ucr, "hold")
    world.declare(TH, ucr, ("TH EXPORT THCKN", "LA TRANSIT LABTN"), [DURIAN], [LA])
    for party in (TH, LA, plants):
        seen = world.look(party, ucr)
        assert seen["heldBy"] == plants and "HOLD" in statuses(seen), seen
    assert len(ahead["legs"]) == 2 and len(seen["legs"]) == 4, seen
    world.decide(plants, ucr, "released", "--on", world.messages(plants, ucr)[-1]["id"])
    assert status(TH, ucr) == ["PENDING", "PENDING"], "the rest was a stranger's"
    assert world.look(plants, ucr) is None and "UCR_TAKEN" in world.found(LA, ucr)


def case_goods_that_are_sent_back_get_legs_for_the_way_home():
    ucr, plants = "TH-DURIAN-BACK", "cn.gacc.plants"
    first = world.declare(TH, ucr, ROUTE, [DURIAN], [LA, CN])
    world.event(CN, ucr, "ARRIVED", [TH])
    world.decide(CN, ucr, "return-ordered", "--reason", "SEAL")
    home = (*ROUTE, "LA RETURN LABTN", "TH RETURN THCKN")
    second = world.amend(TH, ucr, first, home, [DURIAN], [LA, CN])
    assert len(status(TH, ucr)) == 3, "the goods are there: those who decide there give leave"
    for party in (CN, plants):
        world.decide(party, ucr, "accepted", "--on", second)
    seen = world.look(TH, ucr)
    assert (seen["version"], len(seen["legs"]), seen["heldBy"]) == (2, 5, CN), seen
    assert statuses(seen)[2] == "RETURN_ORDERED", "the order stands until its authority says more"
    world.decide(LA, ucr, "released", "--leg", "4", "--on", second)
    assert status(CN, ucr)[3] == "RELEASED" and status(CN, ucr)[1] == "PENDING"


def case_consignment_is_found_by_plate_and_seal():
    ucr = "TH-DURIAN-4"
    world.declare(TH, ucr, ROUTE, [DURIAN], [LA], movement={"plate": "กข-4321", "seals": ["S-77"]})
    assert world.look(LA, "S77")["ucr"] == ucr
    assert world.look(CN, "s-77")["ucr"] == ucr
    assert world.look("kh.customs.bavet", "S-77") is None


def case_restart_changes_nothing_that_anybody_sees():
    ucr = "TH-DURIAN-1"
    parties = (TH, LA, CN, "th.doa", "cn.gacc.plants")
    before = [world.look(party, ucr) for party in parties]
    world.router.kill()
    world.start_router()
    assert [world.look(party, ucr) for party in parties] == before


def case_lost_and_damaged_rows_come_back_and_nothing_is_told_again():
    rows = world.dir / "router/window"

    def harm_pages():
        with open(rows / "data.mdb", "r+b") as file:
            for at in range(0, 16 * 4096, 512):
                file.seek(at)
                file.write(b"garbage ")

    harms = (lambda: shutil.rmtree(rows), harm_pages)
    parties = (TH, CN, "th.doa")

    def seen():
        return ([world.look(party, ucr) for party in parties for ucr in ("TH-DURIAN-2", "TH-RICE")],
                [world.waiting(party) for party in parties])

    before = seen()
    assert all(len(waiting) > 3 for waiting in before[1]), before[1]
    for harm in harms:
        world.router.kill()
        harm()
        world.start_router()
        assert seen() == before


def case_log_holds_for_who_computes_everything_again():
    """Audit: plans, statuses and recipients follow from the records."""
    law = ("--registry", world.dir / "registry.json", "--directories", world.dir / "directories", "--pin", world.pin())
    for words in ((), law):     # by what the log holds, and by files: then nothing is said of plans
        done = world.cli("audit", "verify", *words, world.dir / "router", check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def case_view_of_a_party_holds_what_plans_brought_it_at_once_or_later():
    """The same messages as the router shows the party; of others not one."""
    lines = world.cli("audit", "export", world.dir / "router").stdout.splitlines()
    logged = {int(record["record"]): record["header"] for record in map(json.loads, lines) if "header" in record}
    ucrs = {header["ucr"] for header in logged.values() if header.get("ucr")}
    brought = {}
    for party in (PLANTS, "cn.cites", "th.doa", HUUNGHI, "mm.plant"):
        view = world.dir / "views" / party
        world.cli("audit", "export", "--as", party, "--to", view, world.dir / "router")
        own = {int("".join(path.relative_to(view / "leaf").parts).replace("x", ""))
               for path in (view / "leaf").rglob("*") if path.is_file()}
        shown = {(ucr, message["id"]) for ucr in ucrs for message in world.messages(party, ucr)}
        assert {(logged[index]["ucr"], base64.b64decode(logged[index]["id"]).hex()) for index in own
                if logged[index].get("ucr")} == shown, party
        brought[party] = {logged[index]["ucr"] for index in own if logged[index]["from"] != party
                          and party not in logged[index]["to"]}
        assert world.cli("audit", "verify", view, check=False).returncode == 0
    assert "VN-HERBS" in brought["cn.cites"], "that came later"
    assert "TH-DURIAN-1" in brought[PLANTS] & brought["th.doa"], brought
    assert not brought["mm.plant"], brought


def case_death_at_any_record_changes_nothing():
    world.crash(cuts=8)


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
