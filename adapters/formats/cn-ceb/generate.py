#!/usr/bin/env python3
"""Writes the tables of the e-commerce messages as C: generate.py elements.csv messages.csv OUT.c

messages.csv is the format: a row for each group of elements of a message, in order. An
element is written as its name and what the official schema says of it:

    name?   may be left out          name=4   exactly 4 characters
    name#   a decimal                name:60  60 characters at most
    name%   a whole number           kind     import or export; -answer; -signable, -signed

elements.csv is the mapping: an element means the same in all messages but where a row with a
narrower scope (message, list, answer, import, export; all of its words hold) says other.
A required element without a value gets a mark that somebody must complete it: X as often
as the schema asks for, 0 where it asks for a number.

What is not in order stops the build.
"""
import csv
import re
import sys

FLAGS = {"OWN": "XML_OWN", "NAT": "XML_NATIONAL"}
DSIG = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
# The 2018 edition signs by these; the order is that of the schema.
SIGNATURE = [
    ("@xmlns", "", DSIG),
    ("SignedInfo/CanonicalizationMethod/@Algorithm", "signature.canonicalization", C14N),
    ("SignedInfo/SignatureMethod/@Algorithm", "signature.algorithm", DSIG + "rsa-sha1"),
    ("SignedInfo/Reference/@URI", "", ""),
    ("SignedInfo/Reference/Transforms/Transform/@Algorithm", "signature.transform", DSIG + "enveloped-signature"),
    ("SignedInfo/Reference/DigestMethod/@Algorithm", "signature.digestAlgorithm", DSIG + "sha1"),
    ("SignedInfo/Reference/DigestValue", "signature.digest", ""),
    ("SignatureValue", "signature.value", ""),
    ("KeyInfo/KeyName", "signature.keyName", None),
    ("KeyInfo/X509Data/X509Certificate", "signature.certificate", None),
]
TRANSFER = [
    ("copCode", "keyedBy.code", "X"),
    ("copName", "keyedBy.name", "X"),
    ("dxpMode", "exchange.network", "DXP"),
    ("dxpId", "exchange.address", "X"),
    ("note", "exchange.subject", None),
]


def fail(text):
    sys.exit(f"generate.py: {text}")


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    if not rows or any(None in row or None in row.values() for row in rows):
        fail(f"{path}: not as many fields as the first line names")
    return rows


def quote(text):
    return "NULL" if text is None else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def find(elements, words, name):
    best = None
    for row in elements:
        scope = set(row["scope"].split())
        if row["element"] == name and scope <= words and (best is None or len(scope) >= best[0]):
            best = (len(scope), row)
    if not best:
        fail(f"elements.csv: no row for {name} in {' '.join(sorted(words))}")
    return best[1]


def entry(out, native, row, flags, fresh, limit):
    canonical, codec = row["canonical"], row["codec"]
    flags = flags + [FLAGS[f] for f in row["flags"].split()]
    codes = "&" + row["codes"] if row["codes"] else "NULL"
    elsewhere = quote(row["elsewhere"] or None)
    out.append((f"\t{{{quote(native)}, {quote(canonical)}, &xml_codec_{codec}, {' | '.join(flags) or '0'}, "
                f"{codes}, {quote(fresh)}, {elsewhere}}},", limit))


def element(out, above, token, words, elements):
    name = re.split("[?=:#%]", token)[0]
    rest = token[len(name):]
    optional = rest.startswith("?")
    form = rest[1:] if optional else rest
    row = find(elements, words, name)
    size = int(form[1:]) if form[1:] else 0
    fresh = row["fresh"] or ("0" if form[:1] in ("#", "%") else "X" * size if form[:1] == "=" else "X")
    limit = {":": size, "=": -size}.get(form[:1], 0)
    entry(out, above + name, row, ["XML_OPTIONAL"] if optional else [], None if optional else fresh, limit)


def plain(out, native, canonical, fresh, optional):
    flags = "XML_OWN | XML_OPTIONAL" if optional else "XML_OWN"
    codec = "&xml_codec_ceb_code" if canonical else "NULL"
    out.append((f"\t{{{quote(native)}, {quote(canonical or None)}, {codec}, {flags}, NULL, {quote(fresh)}, NULL}},", 0))


def trailer(out, kind):
    for name, canonical, fresh in TRANSFER:
        plain(out, f"BaseTransfer/{name}", canonical, fresh, fresh is None)
    for name in ("status", "dxpMode", "dxpAddress", "note"):
        plain(out, f"BaseSubscribe/{name}", "", None, True)
    must = "-signed" in kind
    signature = [(f"Signature/{n}", c, f, not must or f is None) for n, c, f in SIGNATURE]
    if not must:
        signature = [(n, c, None if c else f, True) for n, c, f, _ in signature]
    extend = [(f"ExtendMessage/{n}", "", None, True) for n in ("name", "version")]
    # The two schemas differ in which of them comes last.
    for row in extend + signature if kind.startswith("import") else signature + extend:
        plain(out, *row)


def message(number, groups, elements):
    out = []
    kind = groups[0]["kind"]
    plain(out, "@guid", "", "00000000-0000-0000-0000-000000000000", False)
    plain(out, "@version", "", "1.0", False)
    out.append(('\t{"@xmlns", NULL, NULL, 0, NULL, "http://www.chinaport.gov.cn/ceb", NULL},', 0))
    for group in groups:
        words = {number, kind.split("-")[0]}
        words |= {"answer"} if "-answer" in kind else set()
        words |= {"list"} if group["group"].endswith("[]") else set()
        above = group["entry"] + "/" + (group["group"] + "/" if group["group"] else "")
        for token in group["elements"].split():
            element(out, above, token, words, elements)
    if "-answer" not in kind:
        trailer(out, kind)
    return out


def main(elements_path, messages_path, target):
    elements = read(elements_path)
    groups = {}
    for row in read(messages_path):
        groups.setdefault(row["message"], []).append(row)
    with open(target, "w", encoding="ascii", newline="\n") as out:
        out.write("/* Made from the CSV files of this folder by generate.py; edit those. */\n")
        out.write('#include "formats/cn-ceb/message.h"\n\n#include "formats/cn-ceb/codec.h"\n')
        out.write('#include "formats/xml/codec.h"\n\n')
        for number, rows in groups.items():
            table = message(number, rows, elements)
            name = number.lower()
            out.write(f"static const struct xml_row {name}_rows[] = {{\n")
            out.write("\n".join(text for text, _ in table) + "\n};\n")
            out.write(f"static const int16_t {name}_limits[] = {{" + ", ".join(str(n) for _, n in table) + "};\n\n")
        out.write("const struct ceb_message ceb_messages[] = {\n")
        for number, rows in groups.items():
            answer = "-answer" in rows[0]["kind"]
            name = number.lower()
            out.write("\t{.profile = {.format = " + quote("cn-ceb-receipt" if answer else "cn-ceb"))
            out.write(f", .root = \"{number}Message\", .head = CEB_HEAD, .rows = {name}_rows, ")
            out.write(f".n_rows = sizeof({name}_rows) / sizeof({name}_rows[0]), ")
            out.write(f".entry = {quote(rows[0]['entry'])}, .kind = \"exchange.message\"}}, ")
            out.write(f".limits = {name}_limits, .is_answer = {str(answer).lower()}}},\n")
        out.write("};\n\nconst size_t ceb_n_messages = sizeof(ceb_messages) / sizeof(ceb_messages[0]);\n")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
