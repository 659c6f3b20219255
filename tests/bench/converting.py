"""What `rivergate convert` of a declaration of 999 items takes, format by format.

Beside it stands the least that reading the same bytes takes: libxml2's SAX parser without handlers for
XML, a walk over the line ends for formats of lines. And the same for 250 items: what grows faster than
its input would show.
"""

import json
import os
import pathlib
import subprocess

from federation import Failure

FORMATS = ("cn/cn-dec", "kh/asycuda-sad", "la/asycuda-sad", "mm/mm-maccs", "th/th-ecustoms", "vn/vn-vnaccs")  # one word a format
ITEMS, FEWER = 999, 250
GROWTH = 1.5                                 # time per item at 999 against 250, at most
PARSES = 80                                  # times the SAX parser, at most
PER_ITEM_US = 500                            # of processor time for a line, where there is no parser


def measure(name, items):
    build = pathlib.Path(os.environ["RIVERGATE_BUILD"])
    environment = dict(os.environ, RIVERGATE_PLUGINS=str(build / "adapters/plugins"))
    done = subprocess.run([str(build / "tests/bench/rivergate-bench-convert"), name, str(items)],
                          stdin=subprocess.DEVNULL, text=True, capture_output=True, timeout=300, env=environment)
    if done.returncode != 0:
        raise Failure(f"rivergate-bench-convert {name}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def convert_one(name, mark):
    long, short = measure(name, ITEMS), measure(name, FEWER)
    took, before = long["read_ms"] + long["json_ms"], short["read_ms"] + short["json_ms"]
    is_xml = "maccs" not in name and "vnaccs" not in name
    parses = took / long["parse_ms"]
    ratio = mark(parses, at_most=PARSES) if is_xml else mark(took * 1000 / ITEMS, at_most=PER_ITEM_US)
    growth = mark(took / ITEMS / (before / FEWER), at_most=GROWTH)
    print(f"convert         {name}: {ITEMS} items, {long['bytes'] / 2**20:.1f} MiB: read {long['read_ms']:.0f} ms, "
          f"as JSON {long['json_ms']:.0f} ms, in its own format again {long['write_ms']:.0f} ms; "
          f"{'SAX parse' if is_xml else 'lines'} alone {long['parse_ms']:.1f} ms")
    print(f"                {parses:.0f} × {'the parse' if is_xml else 'the lines'}, {took * 1000 / ITEMS:.0f} µs an "
          f"item (mark {ratio['mark']}{'' if is_xml else ' µs'}: {'met' if ratio['met'] else 'NOT met'}); per item "
          f"{growth['value']:.2f} × that of {FEWER} items (mark {growth['mark']}: "
          f"{'met' if growth['met'] else 'NOT met'})", flush=True)
    return {"figures": long, "ratio": ratio, "growth": growth}


def convert(mark):
    return {name: convert_one(name, mark) for name in FORMATS}
