#!/usr/bin/env python3
"""Writes the layout and mapping tables as C: generate.py OUT.c messages.csv groups.csv MESSAGE.csv...

A row of messages.csv is a message. A row of MESSAGE.csv is a field of the official table, in its order: what it may hold, and the
canonical field behind it. A row of groups.csv says where a record group stands. The element's name
is made from the printed name of the field: see name_of(). What does not make sense stops the build.
"""
import csv
import os
import re
import sys

FORMAT = re.compile(r"^(a|n|an)(\.\.)?(\d+)(?:,(\d+))?$")
KINDS = {"a": "TH_LETTERS", "n": "TH_DIGITS", "an": "TH_TEXT"}


def fail(text):
    sys.exit(f"generate.py: {text}")


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            fail(f"{path}:{number}: not as many fields as the first line names")
    return rows


def name_of(printed):
    """Each word with a capital, all else as printed, nothing between; a number goes behind its word."""
    words = re.findall(r"[A-Za-z0-9]+", printed)
    if words[0].isdigit() and len(words) > 1:
        words[0:2] = [words[1] + words[0]] if words[1].isalpha() else words[0:2]
    name = "".join(word[0].upper() + word[1:] for word in words)
    if not name[0].isalpha():
        fail(f"{printed}: makes no name of an element")
    return name


def literal(text):
    return f'"{text}"' if text else "NULL"


def codec(name):
    return f"&{name}_codec" if name.startswith("th_") else f"&xml_codec_{name}"


def field(place, row):
    found = FORMAT.match(row["format"])
    if not found:
        fail(f"{place}: {row['format']} is no format")
    kind, upto, length, decimals = found.groups()
    is_table = row["list"].startswith("code_")
    when, _, values = row["when"].partition("=")
    return (
        f'\t{{"{name_of(row["name"])}", {KINDS[kind]}, {"false" if upto else "true"}, {length}, '
        f"{decimals or 0}, '{row['use']}', {literal(when)}, {literal(values)}, "
        f"{literal('' if is_table else row['list'])}, "
        f"{'&' + row['list'] if is_table else 'NULL'}}},\n"
    )


def mapping(path, row):
    flags = " | ".join(["XML_OPTIONAL"] + ["XML_" + flag for flag in row["flags"].split()])
    canonical = row["canonical"]
    return (
        f'\t{{"{path}/{name_of(row["name"])}", {literal(canonical)}, '
        f"{codec(row['codec']) if canonical else 'NULL'}, {flags}, "
        f"{'&' + row['codes'] if row['codes'] else 'NULL'}, NULL, {literal(row['elsewhere'])}}},\n"
    )


def message(out, about, after, path, groups, is_first):
    name = about["message"]
    rows = read(path)
    mine = [group for group in groups if group["message"] == name]
    if [group["group"] for group in mine] != list(dict.fromkeys(row["group"] for row in rows)):
        fail(f"{path}: its groups are not those of groups.csv, in their order")
    fields, maps, places, at = "", "", "", 0
    for group in mine:
        first = at
        seen = set()
        for row in rows:
            if row["group"] != group["group"]:
                continue
            element = name_of(row["name"])
            if element in seen:
                fail(f"{path}: {group['group']} has {element} twice")
            seen.add(element)
            fields += field(path, row)
            maps += mapping(group["path"], row)
            at += 1
        for row in rows:
            when = row["when"].partition("=")[0]
            if row["group"] == group["group"] and when and when not in seen:
                fail(f"{path}: {row['name']} depends on {when}, which {group['group']} lacks")
        places += (
            f'\t{{"{group["path"]}", {first}, {at - first}, {group["least"]}, {group["most"]}}},\n'
        )
    out.write(f"static const struct th_field {name}_fields[] = {{\n{fields}}};\n")
    out.write(f"static const struct xml_row {name}_rows[] = {{\n{maps}}};\n")
    out.write(f"static const struct th_group {name}_groups[] = {{\n{places}}};\n")
    direction = literal("DIRECTION_" + about["direction"] if about["direction"] else "")
    out.write(
        f"{'static ' if not is_first else ''}const struct th_message "
        f"{'th_ecustoms' if is_first else name}_message = "
        f'{{TH_PROFILE("{about["root"]}", {after}, {direction}, {name}_rows, {at}), '
        f"{name}_fields, {name}_groups, {len(mine)}}};\n\n"
    )


def main(target, messages, groups, *paths):
    rows = read(groups)
    files = {os.path.splitext(os.path.basename(path))[0]: path for path in paths}
    with open(target, "w", encoding="ascii", newline="\n") as out:
        out.write("/* Made from the CSV files of th-ecustoms by generate.py; edit those. */\n")
        out.write('#include "formats/th-ecustoms/table.h"\n\n')
        chain = read(messages)
        for about in reversed(chain):
            name = about["message"]
            if name not in files:
                fail(f"{messages}: there is no {name}.csv")
            if about is chain[0]:
                rest = "".join(f"\t&{other['message']}_message.profile,\n" for other in chain[1:])
                out.write(f"static const struct xml_profile *const others[] = {{\n{rest}\tNULL,\n}};\n")
            message(out, about, "others" if about is chain[0] else "NULL", files[name], rows, about is chain[0])


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
