"""`./dev bench window`: what planning costs, and what consignments hold in memory.

Six countries with 500 rules each: those of adapters/<cc>/window.json, and more of the same form over
all chapters of the Harmonized System. Planning is compared with a P-256 verification in the same run,
in processor time. Then declarations go through the window with its rows on disk: what is held in
memory must not grow with their number.
"""

import json
import subprocess
import tempfile

from federation import Failure

RULES = 500
CONSIGNMENTS = 100_000                       # a million takes as many minutes as this takes tenths
PLANNING, GROWTH = 0.3, 1.2                  # of a verification; memory at the end against half way
DAY_US = 86_400_000_000
UNTIL_US = 1_790_000_000_000_000 + 30 * DAY_US
REGIMES = (["EXPORT"], ["IMPORT"], ["TRANSIT"], ["IMPORT", "TRANSIT"], ["EXPORT", "IMPORT"])
ORIGINS = ("TH", "LA", "VN", "KH", "MM", "CN")


def goods_of(number):
    """Every hundredth rule speaks of all goods, every fifth of a chapter, the others of headings."""
    chapter, heading = 1 + number * 7 % 97, 1 + number * 5 % 12
    if number % 100 == 0:
        return {}
    if number % 5 == 0:
        return {"hs": [f"{chapter:02}"]}
    codes = [f"{chapter:02}{1 + (heading + step) % 12:02}" for step in range(2 + number % 2)]
    if number % 5 == 1:
        codes = [code + f"{number % 10}0" for code in codes]
    goods = {"hs": sorted(codes)}
    if number % 3:
        goods["origins"] = sorted({ORIGINS[number % 6], ORIGINS[number // 6 % 6]})
    if number % 4 == 0:
        goods["conditions"] = ["CONDITION_FRESH", "CONDITION_CHILLED"]
    return goods


def rule_of(cc, number, authority):
    decides = number % 3 == 0 and number % 100 != 0
    return {"id": f"{cc}-more-{number}", "authority": authority,
            "role": "AUTHORITY_ROLE_DECIDES" if decides else "AUTHORITY_ROLE_INFORMED",
            "regimes": [f"REGIME_{regime}" for regime in REGIMES[number % len(REGIMES)]],
            "goods": goods_of(number), "dataSets": ["customs", "sps"],
            "documents": [{"type": "851"}] if number % 7 == 0 else [],
            "targetUs": str(DAY_US) if decides else "0",
            "material": ["goods.quantity", "goods.hs6"] if decides else [],
            "legalBasis": {"instrument": "Customs Act", "article": str(number)},
            "effectiveUntilUs": str(UNTIL_US + number * DAY_US) if number % 25 == 0 else "0",
            "assumption": True}


def more_rules(cc):
    def change(profile):
        authorities = list(dict.fromkeys(rule["authority"] for rule in profile["rules"]))
        for number in range(RULES - len(profile["rules"])):
            profile["rules"].append(rule_of(cc, number, authorities[number % len(authorities)]))
        return profile
    return change


def run(program, *words):
    done = subprocess.run([f"{program}-window", *map(str, words)], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=3600)
    if done.returncode != 0:
        raise Failure(f"rivergate-bench-window {words[0]}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def window(folder, program, mark, consignments):
    """(figures) as bench.py keeps them."""
    import story_world
    world = story_world.StoryWorld(folder, {cc: more_rules(cc) for cc in ("cn", "kh", "la", "mm", "th", "vn")})
    world.create()
    trust = (world.dir / "registry.json", world.dir / "directories", world.pin())
    planning = run(program, "plan", *trust)
    ratio = mark(planning["ratio"], at_most=PLANNING)
    print(f"window          {planning['rules']} rules of six countries: a declaration of three legs and three "
          f"tuples is planned in {planning['plan_us']:.1f} µs\n"
          f"                = {ratio['value']} of a P-256 verification ({planning['verify_us']:.1f} µs; mark "
          f"{ratio['mark']}: {'met' if ratio['met'] else 'NOT met'}); "
          f"{planning['entries_a_leg']:.1f} authorities a leg", flush=True)
    with tempfile.TemporaryDirectory(dir=folder) as rows:
        folding = run(program, "fold", *trust, rows, consignments)
    growth = mark(folding["end_mib"] / folding["half_mib"], at_most=GROWTH)
    print(f"                {folding['consignments']} consignments, {folding['records']} records in "
          f"{folding['seconds']:.0f} s: {folding['records'] / folding['seconds']:.0f} records/s, "
          f"{folding['cpu_us']:.0f} µs of CPU each, {folding['told']} derived messages;\n"
          f"                RssAnon {folding['start_mib']:.1f} MiB at the start, {folding['half_mib']:.1f} half "
          f"way, {folding['end_mib']:.1f} at the end (mark {growth['mark']} × half: "
          f"{'met' if growth['met'] else 'NOT met'}), at most {folding['most_mib']:.1f};\n"
          f"                rows on disk {folding['disk_mib']:.0f} MiB", flush=True)
    return {"planning": planning, "ratio": ratio, "folding": folding, "growth": growth}
