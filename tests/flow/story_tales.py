"""What must come of some stories, however their declarations were made.

Each tale takes the world and the ways in which its declarations (and certificates) come into it:
headers in JSON in stories.py, national files in stories_native.py.
"""

from story_world import deciders, found_in, message_pb, statuses

TH, LA, CN = "th.customs.chiangkhong", "la.customs.boten", "cn.gacc.mohan"
BAVET, MOCBAI, HUUNGHI = "kh.customs.bavet", "vn.customs.mocbai", "vn.customs.huunghi"
YOUYIGUAN, PLANTS = "cn.gacc.youyiguan", "cn.gacc.plants"


def durian(world, ucr, declare):
    """Story 1. declare(ucr): TH EXPORT, LA TRANSIT, CN IMPORT."""
    declare(ucr)
    plan = world.look(TH, ucr)
    who = [{entry["authority"] for entry in leg["plan"]} for leg in plan["legs"]]
    assert TH in who[0] and "th.doa" in who[0], who
    assert LA in who[1], who
    assert CN in who[2] and PLANTS in who[2], who
    assert [leg["turn"] for leg in plan["legs"]] == ["NOT_ARRIVED"] * 3, plan
    for party in deciders(plan, 0):
        world.decide(party, ucr, "released")
    assert world.status(CN, ucr)[0] == "RELEASED"
    world.decide(LA, ucr, "authorised")
    world.event(LA, ucr, "ARRIVED", [TH])
    assert world.leg(TH, ucr, 1)["turn"] == "CARRIER"
    world.event(CN, ucr, "ARRIVED", [TH])
    world.decide(PLANTS, ucr, "sampled-awaiting-lab")
    leg = world.leg(TH, ucr, 2)
    assert (leg["status"], leg["turn"]) == ("SAMPLED_AWAITING_LAB", "LABORATORY"), leg
    assert world.look(TH, ucr)["heldBy"] == PLANTS
    for party in deciders(plan, 2):
        world.decide(party, ucr, "released")
    world.decide(LA, ucr, "discharged")
    assert world.status(TH, ucr) == ["RELEASED", "DISCHARGED", "RELEASED"]
    assert world.status("vn.customs.mocbai", ucr) is None
    assert world.status("mm.plant", ucr) is None


def mangoes(world, certify, declare):
    """Story 4. certify(number), declare(ucr, state, number): KH EXPORT, VN TRANSIT, CN IMPORT."""
    for ucr, state in (("KH-MANGO-DRIED", "DRIED"), ("KH-MANGO-FRESH", "FRESH")):
        number = f"KH-{state}-851"
        certify(number)
        declare(ucr, state, number)
    fresh, dried = world.look(BAVET, "KH-MANGO-FRESH"), world.look(BAVET, "KH-MANGO-DRIED")
    rules = [{entry["rule"]: entry for leg in seen["legs"] for entry in leg["plan"]}
             for seen in (fresh, dried)]
    assert "cn-plants-mango-kh" in rules[0] and "cn-plants-fruit-dried" not in rules[0], rules[0]
    assert "cn-plants-mango-kh" not in rules[1] and "cn-plants-fruit-dried" in rules[1], rules[1]
    assert rules[0]["vn-plant-transit"]["targetUs"] < rules[1]["vn-plant-transit"]["targetUs"]
    # Registered packhouse and orchard: the certificate satisfies the rule that asks for them.
    assert rules[0]["cn-plants-mango-kh"]["outstanding"] == [], rules[0]
    assert [leg["turn"] for leg in fresh["legs"]] == ["NOT_ARRIVED"] * 3, fresh
    assert fresh["findings"] == dried["findings"] == [], (fresh, dried)
    got = world.receive(YOUYIGUAN, lambda header: (header.kind, header.ucr) == (
        message_pb.KIND_DECLARATION, "KH-MANGO-DRIED"))
    assert "KH-MANGO-FRESH" in [header.ucr for header in got[:-1]
                                if header.kind == message_pb.KIND_DECLARATION], got
    assert world.status("la.customs.boten", "KH-MANGO-FRESH") is None


def pitayas(world, declare, amend):
    """Story 5. declare(ucr, plate) and amend(ucr, id, plate): VN EXPORT, CN IMPORT; the former tells an id."""
    for ucr, amended_first in (("VN-PITAYA-1", False), ("VN-PITAYA-2", True)):
        first = declare(ucr, "12C-11111")
        plan = world.look(YOUYIGUAN, ucr)
        assert {YOUYIGUAN, PLANTS} <= set(deciders(plan, 1)), plan
        world.event(YOUYIGUAN, ucr, "ARRIVED", [HUUNGHI])
        if amended_first:
            amend(ucr, first, "12C-22222")
        for party in deciders(plan, 1):
            world.decide(party, ucr, "released", "--on", first)
        if not amended_first:
            amend(ucr, first, "12C-22222")
        for party in (HUUNGHI, YOUYIGUAN):
            seen = world.look(party, ucr)
            assert seen["version"] == 2, seen
            assert (seen["legs"][1]["status"], seen["legs"][1]["turn"]) == ("RELEASED", "NOBODY"), seen
            assert seen["findings"] == [], seen
    assert world.look(YOUYIGUAN, "12C22222")["ucr"].startswith("VN-PITAYA")
