"""Evidence bundles, forged: each forgery must be found, by both verifiers unless the case says by which."""

import shutil
import time
import zipfile

import cases
from bundles import (HOME, MEMBERS, NO, QUORUM, check, copy, evidence_log, found_by, message_pb, prove,
                     record, sum_again, verify, world)

small = prove("LA-SMALL", "small")


# --- Forgeries --------------------------------------------------------------------------


def forged(change, found=(True, True)):
    """Applies a change to a copy with new checksums; who finds it."""
    bundle = copy(small)
    change(bundle)
    sum_again(bundle)
    found_by(bundle, *found, change.__name__)


def checkpoint_lines(bundle):
    return (bundle / "checkpoint").read_text().splitlines(keepends=True)


def put_checkpoint(bundle, lines):
    """Replaces the checkpoint everywhere: in the receipts too."""
    old = (bundle / "checkpoint").read_bytes()
    new = "".join(lines).encode()
    for path in (bundle / "checkpoint", *bundle.glob("records/*/receipt.tlog-proof")):
        path.write_bytes(path.read_bytes().replace(old, new))


def case_one_cosignature_too_many_is_found():
    def one_more(bundle):
        key = world.witness(MEMBERS[-1])
        text = "".join(checkpoint_lines(bundle)[:3])
        put_checkpoint(bundle, [*checkpoint_lines(bundle), key.line(text, int(time.time()))])
        with open(bundle / "witnesses.vkeys", "a", encoding="ascii") as file:
            file.write(key.vkey() + "\n")
    forged(one_more)


def case_one_cosignature_too_few_is_found():
    def one_less(bundle):
        put_checkpoint(bundle, checkpoint_lines(bundle)[:-1])
        vkeys = (bundle / "witnesses.vkeys").read_text().splitlines(keepends=True)
        (bundle / "witnesses.vkeys").write_text("".join(vkeys[:-1]))
    forged(one_less)


def case_cosignature_by_a_stranger_is_found():
    def stranger(bundle):
        world.cli("keygen", "witness", "--out", HOME / "stranger")
        key = evidence_log.NoteKey(world.witness(MEMBERS[QUORUM - 1]).name, HOME / "stranger.key", 4)
        text = "".join(checkpoint_lines(bundle)[:3])
        put_checkpoint(bundle, [*checkpoint_lines(bundle)[:-1], key.line(text, int(time.time()))])
        vkeys = (bundle / "witnesses.vkeys").read_text().splitlines(keepends=True)
        (bundle / "witnesses.vkeys").write_text("".join(vkeys[:-1]) + key.vkey() + "\n")
    forged(stranger)


def case_one_cosignature_twice_is_found():
    def twice(bundle):
        lines = checkpoint_lines(bundle)
        put_checkpoint(bundle, [*lines[:-1], lines[-2]])
        vkeys = (bundle / "witnesses.vkeys").read_text().splitlines(keepends=True)
        (bundle / "witnesses.vkeys").write_text("".join([*vkeys[:-1], vkeys[-2]]))
    forged(twice)


def case_cosignatures_in_another_order_are_found():
    def swapped(bundle):
        lines = checkpoint_lines(bundle)
        put_checkpoint(bundle, [*lines[:-2], lines[-1], lines[-2]])
    forged(swapped)


def case_extension_line_is_found():
    def extended(bundle):
        lines = checkpoint_lines(bundle)
        put_checkpoint(bundle, [*lines[:3], "extension\n", *lines[3:]])
    forged(extended)


def change_text(bundle, name, change):
    path = bundle / name
    path.write_text(change(path.read_text()))


def case_text_that_is_not_canonical_is_found():
    """Line ends, spaces, leading zeroes, missing padding, a line too many."""
    proof = next(iter(sorted(small.glob("records/*/receipt.tlog-proof")))).relative_to(small)
    changes = [
        ("checkpoint", lambda text: text.replace("\n", "\r\n", 1)),
        ("checkpoint", lambda text: text + "\n"),
        ("checkpoint", lambda text: text.rstrip("\n")),
        ("log.vkey", lambda text: text + text),
        ("log.vkey", lambda text: text.rstrip("\n")),
        ("log.vkey", lambda text: " " + text),
        ("witnesses.vkeys", lambda text: text + "\n"),
        ("witnesses.vkeys", lambda text: text.replace("\n", " \n", 1)),
        ("MANIFEST", lambda text: text.replace("message ", "message 0", 1)),
        ("MANIFEST", lambda text: text + "\n"),
        ("MANIFEST", lambda text: text.replace("witnessed 5 of 6", "witnessed 6 of 6")),
        ("MANIFEST", lambda text: text.replace("governs", "related", 1)),
        (proof, lambda text: text.replace("index ", "index 0", 1)),
        (proof, lambda text: text.replace("index ", "index  ", 1)),
        (proof, lambda text: text.replace("\n", "\n\n", 1)),
        (proof, lambda text: text + "x"),
        (proof, lambda text: text.replace("=\n", "\n", 1)),
    ]
    for number, (name, change) in enumerate(changes):
        bundle = copy(small)
        change_text(bundle, name, change)
        sum_again(bundle)
        found_by(bundle, True, True, f"change {number} of {name}")


def case_base64_with_stray_bits_is_found():
    """The last digit before the padding has bits that decode to nothing."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    def stray(text):
        at = text.index("=\n")
        at = at - 1 if text[at - 1] == "=" else at
        return text[:at - 1] + digits[digits.index(text[at - 1]) ^ 1] + text[at:]
    for name in ("checkpoint", next(iter(small.glob("records/*/receipt.tlog-proof"))).relative_to(small)):
        before = small.joinpath(name).read_text()
        assert stray(before) != before
        forged(lambda bundle, name=name: change_text(bundle, name, stray))


def case_extra_missing_and_linked_files_are_found():
    def extra(bundle):
        (bundle / "records/note").write_text("?")

    def hidden(bundle):
        (bundle / ".hidden").write_text("?")

    def extra_certificate(bundle):
        (bundle / "certificates" / ("0" * 64 + ".der")).write_bytes(b"?")

    def missing(bundle):
        next(iter(bundle.glob("certificates/*"))).unlink()

    def missing_record(bundle):
        shutil.rmtree(sorted(bundle.glob("records/*"))[2])

    def link(bundle):
        path = next(iter(bundle.glob("certificates/*")))
        path.rename(HOME / "elsewhere")
        path.symlink_to(HOME / "elsewhere")
    for change in (extra, hidden, extra_certificate, missing, missing_record, link):
        forged(change)


def case_part_said_to_be_withheld_beside_the_part_is_found():
    def both(bundle):
        path = next(iter(bundle.glob("records/*/part-00")))
        path.with_name("withheld-00").write_text("withheld\n")
    forged(both)


def case_governance_without_its_part_is_found():
    def withhold(bundle):
        folder = record(bundle, 1)
        (folder / "part-00").unlink()
        (folder / "salt-00").unlink()
        (folder / "withheld-00").write_text("withheld\n")
    forged(withhold)


def case_acknowledgement_for_another_message_is_found():
    """An acknowledgement of LA-OTHER put into the bundle as if it related to LA-SMALL."""
    other = prove("LA-OTHER", "other")

    def mixed(bundle):
        ours = {path.name for path in (bundle / "records").iterdir()}
        for path in (other / "records").iterdir():
            header = path / "header"
            if path.name in ours or not header.exists():
                continue
            if message_pb.Header.FromString(header.read_bytes()).kind != message_pb.KIND_ACKNOWLEDGEMENT:
                continue
            shutil.copytree(path, bundle / "records" / path.name)
            ours.add(path.name)
            roles = {int(line.split()[1]): line for line in (bundle / "MANIFEST").read_text().splitlines()[4:]}
            roles[int(path.name)] = f"related {int(path.name)}"
            head = (bundle / "MANIFEST").read_text().splitlines()[:4]
            (bundle / "MANIFEST").write_text("\n".join([*head, *(roles[i] for i in sorted(roles))]) + "\n")
    forged(mixed)


def case_superfluous_governance_is_found_by_audit_check():
    """A directory that nothing was admitted under: harmless, but not this evidence's one form."""
    other = prove("MM-P384", "superfluous")

    def more(bundle):
        extra = sorted({path.name for path in (other / "records").iterdir()} -
                       {path.name for path in (bundle / "records").iterdir()})[0]
        shutil.copytree(other / "records" / extra, bundle / "records" / extra)
        lines = (bundle / "MANIFEST").read_text().splitlines()
        roles = sorted([*lines[4:], f"governs {int(extra)}"], key=lambda line: int(line.split()[1]))
        (bundle / "MANIFEST").write_text("\n".join([*lines[:4], *roles]) + "\n")
    forged(more, (False, True))


def case_changed_derived_message_is_found():
    expiry = prove("KH-EXPIRY", "expiry-again")
    [path] = (expiry / "derived").iterdir()
    whole = path.read_bytes()
    told = message_pb.Header.FromString(whole)

    def changed(**fields):
        other = message_pb.Header.FromString(whole)
        for name, value in fields.items():
            setattr(other, name, value)
        return other.SerializeToString()
    other_time = message_pb.Header.FromString(whole)
    other_time.expiry.expired_at_us += 1
    for content, found in ((changed(id=bytes(16)), (True, True)),
                           (changed(ucr="LA-1"), (False, True)),
                           (other_time.SerializeToString(), (False, True))):
        path.write_bytes(content)
        sum_again(expiry)
        found_by(expiry, *found, f"{told.expiry}")


def case_changed_verifier_and_page_are_found_by_audit_check():
    for name, old, new in (("verify.sh", "exit 1", "exit 0"), ("VERIFY.md", "HOLDS", "FAILS")):
        bundle = copy(small)
        change_text(bundle, name, lambda text, old=old, new=new: text.replace(old, new, 1))
        sum_again(bundle)
        assert check(bundle).returncode == NO


# --- Archives -----------------------------------------------------------------------------


def archive_of(name, files):
    path = HOME / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, content in files:
            archive.writestr(inside, content)
    return path


def case_archive_that_leaves_its_folder_is_refused():
    files = [(str(path.relative_to(small)), path.read_bytes()) for path in small.rglob("*") if path.is_file()]
    for number, name in enumerate(("../evil", "/etc/evil", "records/../../evil", "a\\..\\evil", ".hidden",
                                   "records//x", "x" * 200)):
        done = check(archive_of(f"traversal-{number}.zip", [*files, (name, b"evil")]))
        assert done.returncode == NO, f"{name}: {done.stdout}{done.stderr}"
        assert not (HOME / "evil").exists()


def case_archive_that_unpacks_without_end_is_refused():
    done = check(archive_of("bomb.zip", [("checkpoint", bytes(64 << 20))]))
    assert done.returncode == NO and "more than a bundle may" in done.stdout, done.stdout
    done = check(archive_of("many.zip", [(f"records/{i}", b"") for i in range(16385)]))
    assert done.returncode == NO and "more than a bundle may" in done.stdout, done.stdout


def case_archive_cut_short_is_refused():
    whole = prove("LA-SMALL", "whole.zip").read_bytes()
    for part in (0, 10, len(whole) // 2):
        path = HOME / "cut.zip"
        path.write_bytes(whole[:part])
        assert check(path).returncode == NO, part


def case_archive_with_a_file_twice_is_refused():
    files = [(str(path.relative_to(small)), path.read_bytes()) for path in small.rglob("*") if path.is_file()]
    assert check(archive_of("twice.zip", [*files, files[0]])).returncode == NO


cases.run(globals())
