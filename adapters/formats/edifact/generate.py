#!/usr/bin/env python3
"""Writes the directory tables as C: generate.py messages.csv segments.csv OUT.c

messages.csv lists the segments and groups of each message in order; a group is known by
its first segment and called SG(CST), whatever number a release gives it; a second one of
that name beside the first is SG(CST,2), a second segment UNS(2). segments.csv lists the
elements of each segment; component 0 is the composite itself. A file that does not hold
what it should stops the build.
"""
import csv
import sys


def fail(text):
    sys.exit(f"generate.py: {text}")


def read(path):
    with open(path, encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    if not rows:
        fail(f"{path}: holds no rows")
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            fail(f"{path}:{number}: not as many fields as the first line names")
    return rows


def group_by(rows, *columns):
    out = {}
    for row in rows:
        out.setdefault(tuple(row[c] for c in columns), []).append(row)
    return out


def is_group_number(tag):
    return tag.startswith("SG") and tag[2:].isdigit()


def spec_rows(rows):
    """One C row for each segment or group of a message."""
    seen = [{}]
    for i, row in enumerate(rows):
        depth = int(row["depth"])
        is_group = is_group_number(row["tag"])
        trigger = rows[i + 1]["tag"] if is_group and i + 1 < len(rows) else row["tag"]
        if not 1 <= depth <= len(seen) or is_group_number(trigger) or row["must"] not in "CM":
            fail(f"{row['release']} {row['message']} {row['tag']}: wrong row")
        del seen[depth:]
        count = seen[depth - 1]
        key = (is_group, trigger)
        count[key] = count.get(key, 0) + 1
        again = count[key] > 1
        name = trigger if not is_group else f"SG({trigger})"
        if again:
            name = f"{name[:-1]},{count[key]})" if is_group else f"{name}({count[key]})"
        if is_group:
            seen.append({})
        must = "true" if row["must"] == "M" else "false"
        group = f'"{row["tag"]}"' if is_group else "NULL"
        yield f'\t{{"{trigger}", "{name}", {group}, {depth}, {int(row["max"])}, {must}}},'


def main(messages, segments, target):
    with open(target, "w", encoding="ascii", newline="\n") as out:
        out.write("/* Made from the CSV files of this folder by generate.py; edit those. */\n")
        out.write('#include "formats/edifact/directory.h"\n\n')
        names = []
        for (message, release), rows in group_by(read(messages), "message", "release").items():
            name = f"specs_{message.lower()}_{release.lower()}"
            names.append((message, release, name, len(rows)))
            out.write(f"static const struct edi_spec {name}[] = {{\n")
            out.write("\n".join(spec_rows(rows)) + "\n};\n\n")
        out.write("const struct edi_structure edi_structures[] = {\n")
        for message, release, name, n in names:
            out.write(f'\t{{"{message}", "{release}", {name}, {n}}},\n')
        out.write(f"}};\nconst size_t edi_n_structures = {len(names)};\n\n")
        names = []
        for (directory, tag), rows in group_by(read(segments), "directory", "segment").items():
            name = f"parts_{directory.lower()}_{tag.lower()}"
            names.append((directory, tag, name, len(rows)))
            out.write(f"static const struct edi_part {name}[] = {{\n")
            for row in rows:
                kind = {"a": "A", "n": "N", "an": "X", "": " "}.get(row["type"])
                if kind is None or row["must"] not in "CM":
                    fail(f"{directory} {tag} {row['id']}: wrong row")
                must = "true" if row["must"] == "M" else "false"
                out.write(f'\t{{"{row["id"]}", {int(row["element"])}, {int(row["component"])}, ' +
                          f"{int(row['max'] or 0)}, '{kind}', {must}}},\n")
            out.write("};\n")
        out.write("\nconst struct edi_segment_table edi_segment_tables[] = {\n")
        for directory, tag, name, n in names:
            out.write(f'\t{{"{directory}", "{tag}", {name}, {n}}},\n')
        out.write(f"}};\nconst size_t edi_n_segment_tables = {len(names)};\n")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
