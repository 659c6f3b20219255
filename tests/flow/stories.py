"""The window's stories: what happens to a consignment, and what each member sees of it.

Real programs: one router with the six countries' profiles in force, and the command line, by
which authorities without a system decide.
"""

import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import cases
import story_world

folder = tempfile.TemporaryDirectory(prefix="rivergate-stories-")
world = story_world.StoryWorld(folder.name)
world.create()
world.start_router()

TH = "th.customs.chiangkhong"
LA = "la.customs.boten"
CN = "cn.gacc.mohan"
DURIAN = ("081060", "TH", "FRESH", 18000)
ROUTE = ("TH EXPORT THCKN", "LA TRANSIT LABTN", "CN IMPORT 8648")


def deciders(seen, leg):
    return list(dict.fromkeys(entry["authority"] for entry in seen["legs"][leg]["plan"]
                              if entry["role"] == "DECIDES"))


def leg_seen(party, ucr, number):
    seen = world.look(party, ucr)
    assert seen, f"{party} sees nothing of {ucr}"
    return seen["legs"][number]


def status(party, ucr):
    seen = world.look(party, ucr)
    return [leg["status"] for leg in seen["legs"]] if seen else None


# --- 1 and 2: durian


def case_durian_is_released_by_all_three_countries():
    ucr = "TH-DURIAN-1"
    world.declare(TH, ucr, ROUTE, [DURIAN], [LA, CN], movement={
        "plate": "70-1234", "containers": ["TEMU1234567"], "seals": ["TH0001"], "mode": "3"})
    plan = world.look(TH, ucr)
    who = [{entry["authority"] for entry in leg["plan"]} for leg in plan["legs"]]
    assert TH in who[0] and "th.doa" in who[0], who
    assert LA in who[1], who
    assert CN in who[2] and "cn.gacc.plants" in who[2], who
    assert [leg["turn"] for leg in plan["legs"]] == ["NOT_ARRIVED"] * 3, plan
    for party in deciders(plan, 0):
        world.decide(party, ucr, "released")
    assert status(CN, ucr)[0] == "RELEASED"
    world.decide(LA, ucr, "authorised")
    world.event(LA, ucr, "ARRIVED", [TH])
    assert leg_seen(TH, ucr, 1)["turn"] == "CARRIER"
    world.event(CN, ucr, "ARRIVED", [TH])
    world.decide("cn.gacc.plants", ucr, "sampled-awaiting-lab")
    leg = leg_seen(TH, ucr, 2)
    assert (leg["status"], leg["turn"]) == ("SAMPLED_AWAITING_LAB", "LABORATORY"), leg
    assert world.look(TH, ucr)["heldBy"] == "cn.gacc.plants"
    for party in deciders(plan, 2):
        world.decide(party, ucr, "released")
    world.decide(LA, ucr, "discharged")
    assert status(TH, ucr) == ["RELEASED", "DISCHARGED", "RELEASED"]
    assert status("vn.customs.mocbai", ucr) is None
    assert status("mm.plant", ucr) is None


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


# --- 10: what is not disclosed


def case_inspection_on_arrival_is_under_control_until_then():
    ucr = "VN-HERBS"
    world.declare("vn.customs.huunghi", ucr, ("VN EXPORT VNHNG", "CN IMPORT 7203"),
                  [("121190", "VN", "DRIED", 900)], ["cn.gacc.youyiguan"])
    world.decide("cn.gacc.youyiguan", ucr, "inspect", "--disclosure", "on-arrival")
    assert status("cn.gacc.youyiguan", ucr)[1] == "INSPECT"
    assert status("vn.customs.huunghi", ucr)[1] == "UNDER_CONTROL"
    world.event("cn.gacc.youyiguan", ucr, "ARRIVED", ["vn.customs.huunghi"])
    assert status("vn.customs.huunghi", ucr)[1] == "INSPECT"


# --- Who may, and who may not


def case_decision_of_who_does_not_decide_changes_nothing():
    ucr = "TH-DURIAN-3"
    world.declare(TH, ucr, ROUTE, [DURIAN], [LA, CN])
    before = status(TH, ucr)
    world.send("mm.customs.myawaddy", {"kind": "KIND_DECISION", "decision": {
        "status": "DECISION_STATUS_RELEASED", "leg": 3}}, ucr, [TH])
    assert status(TH, ucr) == before
    assert "NOT_IN_PLAN" in {one["rule"] for one in world.look(TH, ucr)["findings"]}


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


def case_log_holds_for_who_computes_everything_again():
    """Audit: plans, statuses and recipients follow from the records."""
    done = world.cli("audit", "verify", world.dir / "router", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
