#!/usr/bin/python3
"""Measures the real programs on loopback. Run it as ./dev bench.

    bench.py [NAME...] [--json FILE] [--consignments N]

NAME: accept-batched, accept-single, latency, lanes, audit, convert, window; without: all of them. Most start their own
router in a folder of its own and sends through one client process. *Accepted* means:
signature verified, de-duplicated, durable, and the receipt with its inclusion proof
verified at the sender. Beside each figure stand the limits of the same run, measured on
the same machine in the same minute: quote the ratios, not the figures.

A benchmark, never a test: the exit code is 0 whether a mark is met or not, and 3 when
something could not be measured. Except for lanes: it runs under a virtual clock, so what it
finds does not hang on the machine, and a broken promise is exit code 1.
"""

import argparse
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "flow"))
from federation import Failure, Federation, POSTS  # noqa: E402
from auditing import audit  # noqa: E402
from converting import convert  # noqa: E402
from windowing import CONSIGNMENTS, window  # noqa: E402

SENDER = "la.customs.boten"
RECIPIENT = "cn.gacc.mohan"
TICKS = os.sysconf("SC_CLK_TCK")
BATCHED, SINGLE, TIMED, RATE = 60_000, 12_000, 5_000, 500


def program():
    return pathlib.Path(os.environ["RIVERGATE_BUILD"]) / "tests/bench/rivergate-bench"


def measure(*words, seconds=300):
    """Runs the measuring program; its one line of JSON."""
    done = subprocess.run([str(program()), *map(str, words)], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=seconds)
    if done.returncode != 0 or not done.stdout.strip():
        raise Failure(f"rivergate-bench {words[0]}: exit {done.returncode}\n"
                      f"{done.stdout}{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def cpu_seconds(pid):
    """User and system time of a process with all its threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def commits(journal):
    """How many batches a journal holds: each frame names the durable size before its batch, and
    each batch ended with one fdatasync (proto/evidence/segment.h)."""
    sizes = set()
    for segment in sorted(journal.glob("*.seg")):
        content, offset = segment.read_bytes(), 0
        while content[offset:offset + 4] == b"RGJ1":
            leaf, parts, _, durable = struct.unpack_from(">IIQQ", content, offset + 4)
            sizes.add(durable)
            offset += 36 + leaf + parts
    return len(sizes)


class Bench:
    """A router in a folder of its own, and the client that loads it."""

    def __init__(self, folder):
        posts = [post for post in POSTS if post.address in (SENDER, RECIPIENT)]
        self.federation = Federation(folder, posts).create()

    def __enter__(self):
        self.federation.start_router()
        return self

    def __exit__(self, *_):
        self.federation.kill()

    def load(self, count, rate=0, batch=0):
        """Submits; the client's figures with those of the router beside them."""
        home, pid = self.federation.dir, self.federation.router.process.pid
        party = home / "parties" / SENDER
        cpu, before = cpu_seconds(pid), commits(home / "router/journal")
        figures = measure("load", SENDER, self.router(), home / "registry.json", home / "directories",
                          self.federation.pin(), party / "curve.key", party / "signing.key",
                          RECIPIENT, count, rate, batch)
        figures["router_cpu_s"] = cpu_seconds(pid) - cpu
        figures["commits"] = commits(home / "router/journal") - before
        figures["per_s"] = figures["accepted"] / figures["seconds"]
        return figures

    @staticmethod
    def router():
        from federation import ROUTER
        return ROUTER


def bound_by(figures):
    """Who uses the processors, and what is left: one sentence."""
    n = figures["accepted"]
    router, client = figures["router_cpu_s"] / n * 1e6, figures["cpu_s"] / n * 1e6
    busy = (figures["router_cpu_s"] + figures["cpu_s"]) / figures["seconds"] / os.cpu_count()
    return (f"router {router:.1f} µs and client {client:.1f} µs of CPU a message, "
            f"{busy * 100:.0f} % of {os.cpu_count()} processors; {figures['commits'] / figures['seconds']:.0f} "
            f"fdatasync a second, {n / max(figures['commits'], 1):.1f} messages each")


def mark(value, at_least=None, at_most=None):
    good = value >= at_least if at_least is not None else value <= at_most
    limit = f"≥ {at_least}" if at_least is not None else f"≤ {at_most}"
    return {"value": round(value, 3), "mark": limit, "met": good}


def accept_batched(bench, limits):
    figures = bench.load(BATCHED)
    ratio = mark(figures["per_s"] / limits["echo_per_s"], at_least=0.15)
    print(f"accept-batched  {figures['per_s']:.0f} accepted/s = {ratio['value']:.3f} of a bare CURVE "
          f"echo ({limits['echo_per_s']:.0f}/s)")
    return figures, ratio


def accept_single(bench, limits):
    figures = bench.load(SINGLE, batch=1)
    cpu_us = figures["router_cpu_s"] / figures["accepted"] * 1e6
    ratio = mark(cpu_us / limits["verify_us"], at_most=2)
    print(f"accept-single   {figures['per_s']:.0f} accepted/s, one signature each; router CPU "
          f"{cpu_us:.1f} µs a message = {ratio['value']:.2f} P-256 verifications "
          f"({limits['verify_us']:.1f} µs)")
    return figures, ratio


def latency(bench, limits):
    bench.load(RATE)  # the first second fills caches and grows files
    figures = bench.load(TIMED, rate=RATE)
    # Both at the same rate. As fast as it goes, a write finds its caches warm: told beside.
    ratio = mark(figures["p50_us"] / limits["paced_sync_us"], at_most=6)
    print(f"latency         at {RATE}/s: submit → receipt p50 {figures['p50_us'] / 1000:.2f} ms, p99 "
          f"{figures['p99_us'] / 1000:.2f} ms; p50 = {ratio['value']:.2f} × one write + fdatasync "
          f"at {RATE}/s ({limits['paced_sync_us'] / 1000:.3f} ms), "
          f"{figures['p50_us'] / limits['sync_us']:.1f} × one of many in a row "
          f"({limits['sync_us'] / 1000:.3f} ms)")
    return figures, ratio


def lanes():
    """Perishables among general cargo, and general cargo under a flood of them."""
    done = subprocess.run([str(program()) + "-lanes"], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=120)
    if done.returncode not in (0, 1):
        raise Failure(f"rivergate-bench-lanes: exit {done.returncode}\n{done.stderr[-2000:]}")
    figures = json.loads(done.stdout)
    credit = figures["credit"]
    print(f"lanes           {figures['queued']} general messages wait for a destination with a window of "
          f"{credit}: an urgent one was handed over within {figures['urgent_services']:.2f} service times\n"
          f"                mark ≤ {credit + 1}: {'met' if figures['urgent_services'] <= credit + 1 else 'NOT met'}\n"
          f"                flood of perishables: general has {figures['general_share']:.4f} of the hand-overs "
          f"and never waits for more than {figures['general_gap']}\n"
          f"                mark ≥ 1 of 8: {'met' if figures['general_gap'] <= 7 else 'NOT met'}; "
          f"{figures['cpu_us']:.1f} µs of CPU a hand-over with its settlement\n"
          f"                flood of all lanes: emergency, live, perishable, general have "
          f"{', '.join(f'{share:.3f}' for share in figures['all_shares'])} and wait for at most "
          f"{', '.join(map(str, figures['all_gaps']))} others", flush=True)
    return {"figures": figures, "broken": done.returncode == 1}


BENCHES = {"accept-batched": accept_batched, "accept-single": accept_single, "latency": latency, "lanes": lanes,
           "audit": audit, "convert": convert, "window": window}


def run(name, folder, consignments):
    if name == "audit":
        figures, ratio = audit(folder / name, measure, mark)
        return {"figures": figures, "ratio": ratio}
    if name == "convert":
        return convert(mark)
    if name == "lanes":
        return lanes()
    if name == "window":
        return window(folder / name, program(), mark, consignments)
    limits = measure("limits", folder)
    with Bench(folder / name) as bench:
        figures, ratio = BENCHES[name](bench, limits)
    print(f"                mark {ratio['mark']}: {'met' if ratio['met'] else 'NOT met'}; "
          f"{bound_by(figures)}", flush=True)
    return {"figures": figures, "limits": limits, "ratio": ratio}


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--json", metavar="FILE", help="also write all figures to FILE")
    parser.add_argument("--consignments", type=int, default=CONSIGNMENTS, metavar="N",
                        help="of window (default: %(default)s)")
    parser.add_argument("--peers", action="store_true", help="(brokers to compare with: not yet)")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHES]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    # Beside the build, not in /tmp, which may be memory: fdatasync must reach a disk.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=os.environ["RIVERGATE_BUILD"]))
    try:
        results = {name: run(name, folder, arguments.consignments) for name in arguments.names or BENCHES}
    except (Failure, subprocess.TimeoutExpired) as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 3
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if arguments.peers:
        print("bench: comparison with other brokers is not part of this version", file=sys.stderr)
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(results, indent=2) + "\n")
    return 1 if any(result.get("broken") for result in results.values()) else 0


sys.exit(main())
