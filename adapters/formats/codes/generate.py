#!/usr/bin/env python3
"""Writes the code tables as C: generate.py tables.csv OUT.c FILE.csv...

A row of tables.csv names a table and the two columns of a CSV file it is made of. A table
is written twice, sorted by either side. Of several rows for one code the first is taken,
so the order of a file says what is preferred. A row with an empty side has no counterpart
and is left out. A file that does not hold what it should stops the build.
"""
import csv
import os
import sys


def fail(text):
    sys.exit(f"generate.py: {text}")


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        try:
            rows = list(csv.DictReader(file, strict=True))
        except csv.Error as error:
            fail(f"{path}: {error}")
    if not rows:
        fail(f"{path}: holds no rows")
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            fail(f"{path}:{number}: not as many fields as the first line names")
        if any(value != value.strip() for value in row.values()):
            fail(f"{path}:{number}: white space around a field")
    return rows


def literal(text):
    out = "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in text.encode())
    return f'"{out}"'


def side(out, name, pairs):
    first = {}
    for key, value in pairs:
        first.setdefault(key, value)
    # strcmp() compares bytes, and so must the order.
    rows = sorted(first.items(), key=lambda pair: pair[0].encode())
    out.write(f"static const struct code_pair {name}[] = {{\n")
    for key, value in rows:
        out.write(f"\t{{{literal(key)}, {literal(value)}}},\n")
    out.write("};\n")
    return len(rows)


def table(out, row, files):
    path = files.get(row["file"])
    if not path:
        fail(f"{row['table']}: the build does not list {row['file']}")
    rows = read(path)
    for column in (row["national"], row["international"]):
        if column not in rows[0]:
            fail(f"{path}: has no column {column}")
    pairs = [(r[row["national"]], r[row["international"]]) for r in rows]
    pairs = [(a, b) for a, b in pairs if a and b]
    name = row["table"]
    n_in = side(out, f"{name}_in", pairs)
    n_out = side(out, f"{name}_out", [(b, a) for a, b in pairs])
    out.write(f"const struct code_table {name} = {{{name}_in, {n_in}, {name}_out, {n_out}}};\n\n")


def main(tables, target, *paths):
    files = {os.path.basename(path): path for path in paths}
    with open(target, "w", encoding="ascii", newline="\n") as out:
        out.write("/* Made from the CSV files of this folder by generate.py; edit those. */\n")
        out.write('#include "formats/codes/codes.h"\n\n')
        for row in read(tables):
            table(out, row, files)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
