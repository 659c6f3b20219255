#!/usr/bin/python3
"""A STAND-IN for a national system: it takes what is handed over, and does nothing with it.

    national_system.py FOLDER [--seconds S]

Watches FOLDER/in, prints the name of each file in the order in which it takes them, and
moves it to FOLDER/done, as the real system behind an adapter would after reading it. Ends
with exit 0 at SIGTERM, or after S seconds.
"""

import argparse
import os
import pathlib
import signal
import sys
import time

PAUSE_S = 0.05


def take(folder):
    """Moves every file of the in-tray to done/, oldest first; returns the names."""
    found = sorted((entry.stat().st_mtime_ns, entry.name) for entry in os.scandir(folder / "in")
                   if entry.is_file(follow_symlinks=False))
    for _, name in found:
        os.rename(folder / "in" / name, folder / "done" / name)
    return [name for _, name in found]


def main():
    arguments = argparse.ArgumentParser(description=__doc__,
                                        formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--seconds", type=float, default=float("inf"))
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        # The adapter makes the folders when it starts.
        if (options.folder / "in").is_dir() and (options.folder / "done").is_dir():
            for name in take(options.folder):
                print(f"stand-in for a national system: took {name}", flush=True)
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main()
