"""The files that the lints read, and how a lint reports."""

import functools
import os
import sys
from pathlib import Path

SKIPPED_FOLDERS = {".git", ".build", "__pycache__"}


def files(root, suffixes):
    """Yields the project's files with these suffixes, as paths below root, in order."""
    root = Path(root)
    for folder, names, found in os.walk(root):
        names[:] = sorted(n for n in names if n not in SKIPPED_FOLDERS and not is_build(folder, n))
        for name in sorted(found):
            path = Path(folder, name)
            if path.suffix in suffixes and not path.is_symlink():
                yield path.relative_to(root)


def is_build(folder, name):
    """Is this the folder of a meson build?"""
    return name.startswith("build") and Path(folder, name, "meson-private").is_dir()


def read(root, path):
    return (Path(root) / path).read_text(encoding="utf-8", errors="replace")


@functools.cache
def without_comments(text):
    """Returns C text with comments and the contents of strings blanked, line numbers kept."""
    out = []
    at = 0
    while at < len(text):
        if text.startswith("/*", at):
            end = text.find("*/", at + 2)
            end = len(text) if end < 0 else end + 2
            out.append("\n" * text.count("\n", at, end) or " ")
            at = end
        elif text[at] in "\"'":
            end = at + 1
            while end < len(text) and text[end] not in (text[at], "\n"):
                end += 2 if text[end] == "\\" else 1
            out.append(text[at] + text[at])
            at = min(end + 1, len(text))
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


def report(rules):
    """rules: {name: [finding...]}. Prints findings and the summary; returns the exit code."""
    failed = 0
    for name, findings in rules.items():
        for finding in findings:
            print(finding)
        if findings:
            print(f"failed: {name}: {len(findings)}")
            failed += 1
    print(f"{len(rules) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def root_argument():
    return Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
