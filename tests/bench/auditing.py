"""`./dev bench audit`: how fast a log of 1,000,000 records verifies, and in how much memory.

The log begins with a real router's records; what follows is made by `rivergate-bench log`:
real headers, really signed, eight in a batch. The floor is hashing and signature checking of
the same log alone, in as many threads, files not counted. Processor time is compared, the
best of three rounds of each in turn: a neighbour on the same core takes from either.
"""

import os
import pathlib
import re
import shutil
import subprocess
import time

from federation import Failure, Federation, POSTS

SENDER, RECIPIENT = "la.customs.boten", "cn.gacc.mohan"
RECORDS, RECORDS_PROFILES, BATCH = 1_000_000, 200_000, 8
ROUNDS = 3
MEMORY_MIB = 128


def make_log(folder, measure, world, records):
    """A real router's beginning, and the rest after it: the log's folder."""
    world.create().start_router()
    time.sleep(1.5)
    world.stop()
    log = folder / "log"
    log.mkdir()
    shutil.copytree(world.dir / "router/journal", log / "journal")
    shutil.copy(world.dir / "log.vkey", log)
    measure("log", log, world.dir / "router/keys/log.key",
            world.dir / "parties" / SENDER / "signing.key", SENDER, RECIPIENT, records, BATCH)
    return log


def rss_anon_kib(pid):
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"RssAnon:\s+(\d+)", status)
    return int(found[1]) if found else 0


def run(world, *words):
    """Seconds, processor seconds, peak of RssAnon; anything found is a failure."""
    start, peak = time.monotonic(), 0
    child = subprocess.Popen([str(world.programs["rivergate"]), *map(str, words)], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, rss_anon_kib(child.pid))
        time.sleep(0.01)
    said = child.stdout.read().decode()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise Failure(f"rivergate {words[0]} {words[1]}: exit {child.returncode}\n{said[-2000:]}")
    return {"seconds": time.monotonic() - start, "cpu_s": usage.ru_utime + usage.ru_stime,
            "rss_anon_mib": peak / 1024}


def verify(world, log, *words):
    return run(world, "audit", "verify", "--jobs", os.cpu_count(), *words, log)


def compare(measure, world, log):
    """(floor, figures), the best of the rounds; the peak of memory is that of all."""
    floors, runs = [], []
    for _ in range(ROUNDS):
        floors.append(measure("floor", log, world.dir / "parties" / SENDER / "signing.key",
                              os.cpu_count()))
        runs.append(verify(world, log))
    floor, figures = (min(them, key=lambda one: one["cpu_s"]) for them in (floors, runs))
    figures["rss_anon_mib"] = max(one["rss_anon_mib"] for one in runs)
    return floor, figures


def audit(folder, measure, mark):
    """(figures, ratio) as bench.py keeps them."""
    folder.mkdir()
    world = Federation(folder / "world", [post for post in POSTS if post.address in (SENDER, RECIPIENT)])
    log = make_log(folder, measure, world, RECORDS)
    floor, figures = compare(measure, world, log)
    again = verify(world, log, "--state", folder / "state")
    resumed = verify(world, log, "--state", folder / "state")
    report = run(world, "report", "volumes", log)
    figures |= {"records": RECORDS, "batch": BATCH, "floor": floor, "remembering_s": again["seconds"],
                "resumed_s": resumed["seconds"], "report": report}
    ratio = mark(floor["cpu_s"] / figures["cpu_s"], at_least=0.5)
    memory = max(one["rss_anon_mib"] for one in (figures, again, report))
    print(f"audit           {RECORDS} records in {figures['seconds']:.1f} s, {figures['cpu_s']:.1f} s of CPU; "
          f"hashing and signatures alone {floor['cpu_s']:.1f} s = {ratio['value']:.2f} of it")
    print(f"                mark {ratio['mark']}: {'met' if ratio['met'] else 'NOT met'}; RssAnon "
          f"{memory:.0f} MiB, limit {MEMORY_MIB}: {'kept' if memory < MEMORY_MIB else 'NOT kept'}; "
          f"resumed with nothing new in {resumed['seconds']:.2f} s", flush=True)
    figures["with_profiles"] = audit_with_profiles(folder / "profiles", measure)
    return figures, ratio


def audit_with_profiles(folder, measure):
    """The same with six countries' rules in force: each declaration is planned by them once more."""
    import story_world
    folder.mkdir()
    world = story_world.StoryWorld(folder / "world")
    log = make_log(folder, measure, world, RECORDS_PROFILES)
    floor, figures = compare(measure, world, log)
    print(f"                {RECORDS_PROFILES} records, with the profiles of six countries in force: "
          f"{figures['cpu_s']:.1f} s of CPU, {floor['cpu_s']:.1f} s = "
          f"{floor['cpu_s'] / figures['cpu_s']:.2f} of it (no mark)", flush=True)
    return figures | {"records": RECORDS_PROFILES, "floor": floor}
