"""Runs test cases written in Python: functions whose names are sentences.

    cases.run(globals())          # every function named case_… of a module, in its order

Each gets a line; the last line is `N passed, N failed, N skipped`.
"""

import sys
import time
import traceback


class Skip(Exception):
    """Raised by a case that cannot run here; the text is the reason."""


def run(names):
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for name, case in list(names.items()):
        if not name.startswith("case_") or not callable(case):
            continue
        title, start = name.removeprefix("case_"), time.monotonic()
        try:
            case()
            count["passed"] += 1
            print(f"ok: {title} ({time.monotonic() - start:.1f} s)", flush=True)
        except Skip as reason:
            count["skipped"] += 1
            print(f"skip: {title}: {reason}", flush=True)
        except Exception:  # a case may fail in any way; all of them are failures
            count["failed"] += 1
            print(f"FAILED: {title}\n{traceback.format_exc()}", flush=True)
    finish = names.get("finish")
    if finish:
        finish()
    print(", ".join(f"{number} {word}" for word, number in count.items()), flush=True)
    sys.exit(1 if count["failed"] else 0)
