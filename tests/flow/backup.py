"""Backup, archive and restore: copies that prove themselves, and a log that goes on in another.

The copies are judged from their files alone, with none of our C code.
"""

import contextlib
import hashlib
import json
import pathlib
import random
import shutil
import subprocess
import tempfile
import threading
import time

import cases
import logs
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from forging import Forged, cosign, name_witnesses, sign_note
from logs import COULD_NOT, DAMAGED, USAGE, client, federation, journal
from client import message_pb, record_pb

folder = tempfile.TemporaryDirectory(prefix="rivergate-backup-")
room = pathlib.Path(folder.name)
log = logs.Log(room / "world", world=logs.Spare)
rng = random.Random(5)
sent = {}
kept = room / "kept"       # a good backup, for the restores


def sums_of(path):
    lines = path.read_text().splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def files_of(directory):
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


def head(leaves):
    return client.tree_head([client.sha256(b"\0" + leaf) for leaf in leaves])


def split_bundle(data):
    entries, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at:at + 2], "big")
        entries.append(data[at + 2:at + 2 + length])
        at += 2 + length
    return entries


def bundles(directory, size):
    """All leaves of a copy, from its entry bundles."""
    leaves = []
    for number in range(0, (size + 255) // 256):
        width = min(256, size - 256 * number)
        name = logs.tile_path(number) + (f".p/{width}" if width < 256 else "")
        leaves += split_bundle((directory / "tile/entries" / name).read_bytes())
    return leaves


def acts(records, act):
    admins = [record_pb.Admin.FromString(record.body) for record in records if record.kind == journal.ADMIN]
    return [dict(word.split("=", 1) for word in admin.detail.split()) for admin in admins if admin.act == act]


def judge(directory, log_key=log.key):
    """Sums, signature, root, tiles of level 0 and journal of a backup; its records."""
    sums = sums_of(directory / "SHA256SUMS")
    assert set(sums) == files_of(directory) - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((directory / name).read_bytes()).hexdigest() == digest, name
    size, root = log_key.open((directory / "checkpoint").read_text())
    records = list(journal.records(directory / "journal"))
    leaves = [record.leaf for record in records]
    assert len(records) == size and head(leaves) == root
    assert bundles(directory, size) == leaves
    if size >= 256:
        first = b"".join(client.sha256(b"\0" + leaf) for leaf in leaves[:256])
        assert (directory / "tile/0/000").read_bytes() == first
    return records


@contextlib.contextmanager
def changed(path, at):
    logs.flip(path, at)
    try:
        yield
    finally:
        logs.flip(path, at)


def spare_conf(name, **settings):
    """A configuration of the other router, with a data_dir of its own."""
    keys = log.world.dir / "spare/keys"
    directory = room / name
    directory.mkdir(exist_ok=True)
    conf = room / f"{name}.conf"
    federation.write_conf(conf, {
        "address": logs.Spare.address, "data_dir": directory, "registry": log.world.dir / "registry.json",
        "directories": log.world.dir / "directories", "pin": log.world.pin(),
        "log_key": keys / "log.key", "router_key": keys / "router.key", "curve_key": keys / "curve.key",
        **settings})
    return conf, directory


def restore(name, source, **expected):
    conf, directory = spare_conf(name)
    log.run("restore", source, conf=conf, **expected)
    return conf, directory


# --- Backup -----------------------------------------------------------------------------------

def case_nothing_published_is_nothing_to_copy():
    log.run("backup", room / "early", code=COULD_NOT, says="start the router once")
    assert not (room / "early").exists()


def published():
    """The size of the newest published checkpoint."""
    note = log.world.dir / "router/checkpoint"
    return int(note.read_text().split("\n")[1]) if note.exists() else 0


def case_a_backup_beside_a_working_router_is_what_the_log_signed():
    log.start()
    sent.update(log.send(300))  # more than one entry bundle, however few commits they take
    logs.wait_until(lambda: published() >= 300, "what was sent is not published")
    over = threading.Event()

    def work():
        while not over.is_set():
            sent.update(log.send(5))
            time.sleep(0.2)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for turn in range(4):
            said = json.loads(log.run("backup", "--json", room / f"live{turn}").stdout)
            records = judge(room / f"live{turn}")
            assert said["size"] == len(records) and said["segments"] > 2, said
    finally:
        over.set()
        worker.join()
    about = json.loads((room / "live0/about.json").read_text())
    assert about["origin"] == federation.ORIGIN and about["pin"] == log.world.pin()
    wanted = [str(len(list(journal.records(room / f"live{turn}/journal")))) for turn in range(4)]
    logs.wait_until(lambda: [act["size"] for act in acts(log.records(), record_pb.Admin.ACT_BACKUP)] == wanted,
                    "no ADMIN record of each backup")


def case_a_backup_holds_no_secret():
    names = files_of(room / "live0")
    assert not [name for name in names if "key" in name and name != "log.vkey" or name.endswith(".conf")]
    secret = (log.dir / "keys/log.key").read_text().splitlines()[1].encode()
    assert not any(secret in path.read_bytes() for path in (room / "live0").rglob("*") if path.is_file())


def case_a_folder_that_is_not_empty_is_never_written_to():
    before = logs.tree_of(room / "live0")
    log.run("backup", room / "live0", code=COULD_NOT, says="folder-not-empty")
    log.run("backup", "--archive", room / "live0", code=COULD_NOT, says="folder-not-empty")
    assert logs.tree_of(room / "live0") == before
    log.run("backup", code=USAGE)
    log.run("backup", "one", "two", code=USAGE)
    log.run("check", "--archive", code=USAGE)


def case_a_stopped_log_is_copied_whole():
    log.stop()
    log.run("backup", kept)
    records = judge(kept)
    assert [record.leaf for record in records] == [record.leaf for record in log.records()]
    assert [record.parts for record in records] == [record.parts for record in log.records()]
    log.audit(kept)


def case_a_damaged_journal_gives_no_backup():
    victim = log.records()[120]
    with changed(victim.segment, victim.offset + 50):
        log.run("backup", room / "damaged", code=DAMAGED, says="record=120")
    assert not (room / "damaged/SHA256SUMS").exists()
    restore("after-damage", room / "damaged", code=COULD_NOT, says="no-list")


def case_a_backup_that_was_killed_is_none():
    for turn in range(5):
        target = room / f"killed{turn}"
        process = subprocess.Popen([str(log.world.programs["rivergated"]), "backup", "-c", str(log.conf),
                                    str(target)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.05, 0.6))
        process.kill()
        process.wait()
        if (target / "SHA256SUMS").exists():
            judge(target)
        else:
            restore(f"from-killed{turn}", target, code=COULD_NOT)


# --- Archive ----------------------------------------------------------------------------------

def case_an_archive_grows_and_rewrites_nothing():
    target = room / "archive"
    log.start()
    log.run("backup", "--archive", target)
    first = logs.tree_of(target)
    closed = {path.name for path in log.segments()[:-1]}
    assert {path.name for path in (target / "journal").glob("*.seg")} == closed
    log.run("backup", "--archive", target)
    sent.update(log.send(150))
    time.sleep(1.5)    # until it is published
    log.run("backup", "--archive", target)
    log.stop()
    second = logs.tree_of(target)
    for name, what in first.items():
        assert name == "checkpoint" or second[name] == what, name
    assert len(list((target / "journal").glob("*.seg"))) > len(closed)
    size, root = log.key.open((target / "checkpoint").read_text())
    leaves = bundles(target, size)
    assert len(leaves) == size and head(leaves) == root, "the archive proves itself without the open segment"
    at_first, _ = log.key.open(first["checkpoint"][0].decode())
    assert size > at_first
    log.audit(target)
    assert (target / f"checkpoints/{at_first:020}").read_bytes() == first["checkpoint"][0]
    listed = {}
    for path in sorted(target.glob("SHA256SUMS.*")):
        listed |= sums_of(path)
    assert set(listed) == {name for name in files_of(target)
                           if name != "checkpoint" and not name.startswith("SHA256SUMS")}
    for name, digest in listed.items():
        assert hashlib.sha256((target / name).read_bytes()).hexdigest() == digest, name


def case_an_archive_of_another_log_is_left_alone():
    target = room / "foreign"
    shutil.copytree(room / "archive", target)
    (target / "log.vkey").write_text("rivergate.example/other+057cb70b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4\n")
    before = logs.tree_of(target)
    log.run("backup", "--archive", target, code=COULD_NOT, says="folder-of-another")
    (target / "log.vkey").unlink()
    log.run("backup", "--archive", target, code=COULD_NOT, says="folder-of-another")
    before.pop("log.vkey")
    assert logs.tree_of(target) == before


def case_an_archive_is_no_backup():
    restore("from-archive", room / "archive", code=COULD_NOT, says="no-list")


# --- Restore ----------------------------------------------------------------------------------

def case_the_same_origin_never_goes_on_from_a_backup():
    conf = log.copy(room / "same")
    for name in ("journal", "index", "tile"):
        shutil.rmtree(conf.parent / name)
    (conf.parent / "checkpoint").unlink()
    log.run("restore", kept, conf=conf, code=COULD_NOT, says="same-origin")
    assert not (conf.parent / "journal").exists()


def case_a_log_key_signs_one_history():
    conf, directory = spare_conf("samekey", log_key=log.dir / "keys/log.key")
    log.run("restore", kept, conf=conf, code=USAGE, says="log_key")
    assert not list(directory.iterdir())


def case_a_folder_with_a_log_is_not_restored_into():
    conf, directory = spare_conf("full")
    (directory / "checkpoint").write_text("mine")
    log.run("restore", kept, conf=conf, code=COULD_NOT, says="data-dir-not-empty")
    assert files_of(directory) == {"checkpoint"}


def case_every_changed_file_of_a_backup_is_found():
    source = room / "changed"
    shutil.copytree(kept, source)
    for name in sorted(files_of(source)):
        path = source / name
        with changed(path, rng.randrange(path.stat().st_size)):
            restore("untouched", source, code=COULD_NOT)
    (source / "tile/0/000").unlink()
    restore("untouched", source, code=COULD_NOT, says="backup-changed")
    assert not list((room / "untouched").iterdir())


def case_a_list_that_was_made_to_fit_does_not_help():
    """The list protects from accidents; what the log signed, from everything else."""
    source = room / "forged"
    shutil.copytree(kept, source)
    record = next(record for record in journal.records(source / "journal") if record.index in sent)
    content = bytearray(record.segment.read_bytes())
    leaf = bytearray(record.leaf)
    leaf[leaf.index(logs.SENDER.encode())] ^= 1
    content[record.offset + 36:record.offset + 36 + len(leaf)] = leaf
    content[record.offset + 28:record.offset + 32] = journal.crc32c(
        bytes(content[record.offset:record.offset + 28]) + bytes(leaf)).to_bytes(4, "big")
    record.segment.write_bytes(content)
    lines = [f"{hashlib.sha256((source / name).read_bytes()).hexdigest()}  {name}\n"
             for name in sums_of(source / "SHA256SUMS")]
    (source / "SHA256SUMS").write_text("".join(lines))
    _, directory = restore("from-forged", source, code=DAMAGED, says="backup-damaged")
    assert not list(directory.iterdir())


def case_a_list_does_not_lead_out_of_its_folder():
    source = room / "outside"
    shutil.copytree(kept, source)
    digest = hashlib.sha256((kept / "checkpoint").read_bytes()).hexdigest()
    for name in ("../kept/checkpoint", f"{kept}/checkpoint", ""):
        with open(source / "SHA256SUMS", "a", encoding="utf-8") as file:
            file.write(f"{digest}  {name}\n")
        restore("from-outside", source, code=COULD_NOT, says="backup-changed")
        shutil.copy(kept / "SHA256SUMS", source / "SHA256SUMS")


def case_a_restore_that_was_killed_can_be_run_again():
    for turn in range(5):
        conf, directory = spare_conf(f"again{turn}")
        process = subprocess.Popen([str(log.world.programs["rivergated"]), "restore", "-c", str(conf), str(kept)],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.05, 1.0))
        process.kill()
        process.wait()
        if not (directory / "journal").exists():
            log.run("restore", kept, conf=conf)
        assert log.check(conf=conf, code=logs.MENDABLE)["records"] == len(judge(kept))


def case_a_restored_log_is_another_log_with_the_same_records():
    old = judge(kept)
    conf, directory = restore("new", kept, says=federation.ORIGIN)
    new = list(journal.records(directory / "journal"))
    assert len(new) == len(old)
    for one, other in zip(old[1:], new[1:]):
        assert (one.leaf, one.parts, one.durable_size) == (other.leaf, other.parts, other.durable_size)
    origin = record_pb.Origin.FromString(new[0].body)
    assert origin.origin == logs.Spare.origin and origin.router == logs.Spare.address
    assert origin.predecessor == (kept / "checkpoint").read_text()
    assert new[0].meta == old[0].meta and origin.genesis_hash.hex() == log.world.pin()
    first = (directory / "predecessor/record-0").read_bytes()
    _, root = log.key.open(origin.predecessor)
    assert head([first] + [record.leaf for record in new[1:]]) == root, "anybody can see whose records these are"


def case_the_new_log_goes_on_with_queue_identities_and_law():
    conf, directory = room / "new.conf", room / "new"
    size = len(judge(kept))
    program = federation.Program("rivergated", [log.world.programs["rivergated"], "-c", conf],
                                 directory / "rivergated.log")
    program.wait_for(" start ready ")
    index, header = min((index, header) for index, header in sent.items() if index < size)
    peer = log.session(router=logs.Spare.address)
    peer.submit(header, log.signer.signature(header), [b""])
    answer, _ = peer.wait("receipts", "refusal")
    assert [entry.index for entry in answer.receipts.records] == [index], "an old identity keeps its index"
    spare_key = client.LogKey((log.world.dir / "spare/keys/log.vkey").read_text())
    client.check_receipts(answer.receipts, {entry.id: header for entry in answer.receipts.records}, spare_key)
    other = message_pb.Header.FromString(header)
    other.sent_at_us += 1
    changed_header = client.pack(other)
    peer.submit(changed_header, log.signer.signature(changed_header), [b""])
    answer, _ = peer.wait("receipts", "refusal")
    assert answer.WhichOneof("body") == "refusal", "another header under an old identity is a conflict"
    peer.close()
    peer = log.session(logs.RECEIVER, router=logs.Spare.address, receive=True)
    frame, raw = peer.wait("deliver")
    assert frame.deliver.index == index and frame.deliver.counter == 1 and len(raw[2]) == 20_032
    peer.close()
    assert program.stop() == 0, program.text()[-2000:]
    records = list(journal.records(directory / "journal"))
    told = acts(records[size:], record_pb.Admin.ACT_RESTORE)
    assert [(act["origin"], act["size"]) for act in told] == [(federation.ORIGIN, str(size))], told
    assert log.check(conf=conf)["state"] == "whole"
    log.audit(directory)


def case_a_restored_log_can_be_backed_up_and_restored_in_its_turn():
    conf = room / "new.conf"
    log.run("backup", room / "second", conf=conf)
    judge(room / "second", client.LogKey((log.world.dir / "spare/keys/log.vkey").read_text()))


def notices(peer, count):
    """So many notices of expiry, as they come: [(cause, id)]; the first of them is settled."""
    told = []
    while len(told) < count:
        frame, raw = peer.wait("deliver")
        header = message_pb.Header.FromString(raw[0])
        assert frame.deliver.derived and header.kind == message_pb.KIND_EXPIRY
        if not told and count > 1:
            peer.settle(frame.deliver.index, header.id)
        told.append((frame.deliver.index, header.id))
    time.sleep(1.2)
    return told


def told_by(conf, directory, router):
    """What a restored log still has to tell the sender."""
    program = federation.Program("rivergated", [log.world.programs["rivergated"], "-c", conf],
                                 directory / "rivergated.log")
    program.wait_for(" start ready ")
    peer = log.session(router=router, receive=True)
    told = notices(peer, 1)
    peer.close()
    assert program.stop() == 0, program.text()[-2000:]
    log.audit(directory)
    return told


def case_a_notice_of_expiry_keeps_its_id_through_restores():
    """One that was settled does not come again; one that was not is the same message wherever it comes from."""
    log.start()
    for ucr in ("KH-LATE-1", "KH-LATE-2"):
        log.send(1, size=10, ucr=ucr, expires_at_us=int(time.time() * 1e6) + 2_000_000)
    time.sleep(3)
    peer = log.session(receive=True)
    settled, open_one = notices(peer, 2)
    peer.close()
    log.stop()
    log.audit(log.dir)
    log.run("backup", room / "late")
    conf, directory = restore("late-1", room / "late")
    assert told_by(conf, directory, logs.Spare.address) == [open_one] != [settled]
    log.run("backup", room / "late-again", conf=conf)
    conf = room / "late-2.conf"
    (room / "late-2").mkdir()
    conf.write_text(log.conf.read_text().replace(f'data_dir = "{log.dir}"', f'data_dir = "{room}/late-2"'))
    log.run("restore", room / "late-again", conf=conf)
    first = record_pb.Origin.FromString(next(journal.records(room / "late-2/journal")).body)
    assert [one.origin for one in first.ancestors] == [federation.ORIGIN, logs.Spare.origin]
    assert told_by(conf, room / "late-2", federation.ROUTER) == [open_one]


# --- What an operator may not slip into a log by restoring it ------------------------------------

class Restored(Forged):
    """A restored log in the hands of who has both log keys."""

    count = 0

    def __init__(self, source=None):
        Restored.count += 1
        super().__init__(source or room / "new", room / f"restored-{Restored.count}",
                         log.world.dir / "spare/keys/log.key")
        self.old_key = client.Signer(log.dir / "keys/log.key").key
        self.size = int(self.record_0().predecessor.split("\n")[1])

    def record_0(self):
        return record_pb.Origin.FromString(self.fields(0)[2])

    def set_record_0(self, **changes):
        kind, meta, body, _ = self.fields(0)
        origin = record_pb.Origin.FromString(body)
        for name, value in changes.items():
            setattr(origin, name, value)
        self.put(0, kind, meta, client.pack(origin))

    def old_leaves(self):
        return [(self.dir / "predecessor/record-0").read_bytes()] + self.leaves[1:self.size]

    def sign_old(self, key=None):
        """A checkpoint of the old log that fits what was made of its records."""
        self.set_record_0(predecessor=sign_note(federation.ORIGIN, key or self.old_key, self.old_leaves()))

    def change_quietly(self):
        """An act says another microsecond: nothing but the old root tells."""
        index = next(i for i in self.kinds(journal.ADMIN) if 0 < i < self.size - 1)
        _, before, _, _ = self.fields(index - 1)
        _, meta, _, _ = self.fields(index)
        _, after, _, _ = self.fields(index + 1)
        time_us = meta.time_us + 1 if meta.time_us < after.time_us else meta.time_us - 1
        assert before.time_us <= time_us <= after.time_us
        self.set_meta(index, time_us=time_us)


def findings(folder, *words):
    done = log.world.cli("audit", "verify", "--json", "--pin", log.world.pin(), *words, folder, check=False)
    return json.loads(done.stdout)["findings"]


def only(folder, rule, text, *words):
    """One finding, by this rule."""
    hits = findings(folder, *words)
    assert [one["rule"] for one in hits] == [rule] and text in hits[0]["text"], json.dumps(hits, indent=1)
    return hits[0]


def case_a_restored_log_that_nobody_touched_verifies():
    assert findings(Restored().write().dir) == []


def case_records_changed_by_a_restore_are_found():
    forged = Restored()
    forged.change_quietly()
    hit = only(forged.write().dir, "HISTORY", federation.ORIGIN)
    assert (hit["record"], hit["lastRecord"]) == (0, forged.size - 1)


def case_a_checkpoint_that_the_old_log_did_not_sign_is_found():
    forged = Restored()
    forged.change_quietly()
    forged.sign_old(Ed25519PrivateKey.generate())
    only(forged.write().dir, "LOG_KEY", "not signed by the log key")


def case_an_old_log_that_no_registry_names_is_found():
    forged = Restored()
    _, _, body, _ = forged.fields(0)
    origin = record_pb.Origin.FromString(body)
    note = sign_note("rivergate.example/none", Ed25519PrivateKey.generate(), forged.old_leaves())
    kind, meta, _, _ = forged.fields(0)
    origin.ancestors[0].origin = "rivergate.example/none"
    origin.predecessor = note
    forged.put(0, kind, meta, client.pack(origin))
    hits = [one["rule"] for one in findings(forged.write().dir)]
    assert "LOG_KEY" in hits and "ORIGIN" in hits, hits


def case_a_restored_log_without_the_old_record_0_cannot_be_checked():
    forged = Restored().write()
    path = forged.dir / "predecessor/record-0"
    content = path.read_bytes()
    path.unlink()
    only(forged.dir, "MISSING", "predecessor/record-0")
    for wrong in (content[:-1], content + b"0", bytes([content[0] ^ 1]) + content[1:], forged.leaves[0]):
        path.write_bytes(wrong)
        only(forged.dir, "HISTORY", federation.ORIGIN)
    path.write_bytes(content * (65536 // len(content) + 1))
    only(forged.dir, "ORIGIN", "too long")


def case_an_old_record_0_of_another_log_is_found():
    forged = Restored()
    path = forged.dir / "predecessor/record-0"
    path.write_bytes(forged.leaves[0])
    forged.sign_old()
    only(forged.write().dir, "ORIGIN", "record 0")


def case_a_log_shorter_than_what_it_continues_is_found():
    forged = Restored()
    del forged.leaves[forged.size - 3:], forged.parts[forged.size - 3:]
    hit = only(forged.write().dir, "TRUNCATED", federation.ORIGIN)
    assert (hit["record"], hit["lastRecord"]) == (forged.size - 3, forged.size - 1)


def case_an_old_log_that_too_few_witnesses_saw_is_found():
    forged = Restored()
    keys = name_witnesses(forged, log.world, room / "witnesses.json", log.dir / "keys/router.key")
    pin = forged.record_0().genesis_hash
    first = forged.dir / "predecessor/record-0"
    kind, meta, body, _ = journal.split_leaf(first.read_bytes())
    origin = record_pb.Origin.FromString(body)
    origin.genesis_hash = pin
    first.write_bytes(bytes((1, kind)) + client.u16(meta) + client.u16(client.pack(origin)) + client.u16(b""))
    forged.sign_old()
    seen = int(time.time())
    note, members = forged.record_0().predecessor, sorted(keys)
    beside = forged.dir / "predecessor/checkpoint.witnessed"
    few = note + "".join(cosign(note, f"{cc}.witness", keys[cc], seen) for cc in members[:4])
    enough = few + cosign(note, f"{members[4]}.witness", keys[members[4]], seen)
    wrong = few + cosign(note, f"{members[4]}.witness", keys[members[3]], seen)
    for text, rules in ((note, ["UNWITNESSED"]), (few, ["UNWITNESSED"]), (wrong, ["UNWITNESSED"]), (enough, [])):
        forged.set_record_0(predecessor=text)
        done = log.world.cli("audit", "verify", "--json", forged.write().dir, check=False)
        hits = json.loads(done.stdout)["findings"]
        assert [one["rule"] for one in hits] == rules, json.dumps(hits, indent=1)
    forged.set_record_0(predecessor=note)
    forged.write()

    def judged(leaves, by=5, key=None):
        """What is found with such a head beside: [(rule, first record, last record)]."""
        text = sign_note(federation.ORIGIN, key or forged.old_key, leaves)
        text += "".join(cosign(text, f"{cc}.witness", keys[cc], seen) for cc in members[:by])
        beside.write_text(text)
        done = log.world.cli("audit", "verify", "--json", forged.dir, check=False)
        return [(one["rule"], one["record"], one["lastRecord"]) for one in json.loads(done.stdout)["findings"]]

    size, leaves = forged.size, forged.old_leaves()
    of_all = "UNWITNESSED", 0, size - 1
    assert judged(leaves[:-9]) == [], "what comes behind the head that a quorum saw waited for it"
    assert judged(leaves[:-9], by=4) == [of_all]
    assert judged(leaves[:-9], key=Ed25519PrivateKey.generate()) == [of_all]
    assert judged(leaves + leaves[-1:]) == [of_all]
    assert judged([*leaves[:-10], leaves[-9]]) == [("HISTORY", 0, size - 10)]


def case_the_newest_witnessed_head_goes_with_the_copies():
    """An older one beside; of the same head the note that bears more lines becomes the predecessor."""
    size, _ = log.key.open((log.dir / "checkpoint").read_text())
    leaves = [record.leaf for record in log.records()][:size]
    key, note = Ed25519PrivateKey.generate(), log.dir / "checkpoint.witnessed"
    old = client.Signer(log.dir / "keys/log.key").key

    def cosigned(some):
        text = sign_note(federation.ORIGIN, old, some)
        return text + cosign(text, "kh.witness", key, int(time.time()))

    for name, some in (("older", leaves[:-2]), ("same", leaves), ("ahead", leaves + leaves[-1:])):
        note.write_text(cosigned(some))
        log.run("backup", room / f"seen-{name}")
        names = files_of(room / f"seen-{name}")
        if name == "ahead":
            assert "checkpoint.witnessed" not in names, "it is of a later log than the copy"
            continue
        assert (room / f"seen-{name}/checkpoint.witnessed").read_text() == note.read_text()
        judge(room / f"seen-{name}")
        _, directory = restore(f"from-{name}", room / f"seen-{name}")
        first = record_pb.Origin.FromString(next(journal.records(directory / "journal")).body)
        wanted = note if name == "same" else log.dir / "checkpoint"
        assert first.predecessor == wanted.read_text()
        assert (directory / "predecessor/checkpoint.witnessed").read_text() == note.read_text()
    note.write_text(cosigned(leaves))
    target = room / "seen-archive"
    log.run("backup", "--archive", target)
    assert (target / f"checkpoints/{size:020}.witnessed").read_text() == note.read_text()
    assert (target / "checkpoint.witnessed").read_text() == note.read_text()
    source = room / "seen-same"
    lists = (source / "SHA256SUMS").read_text()
    for leaf, says in ((leaves[:-1] + leaves[:1], "witnessed-differs"), (leaves + leaves[-1:], "witnessed-wrong")):
        before = hashlib.sha256((source / "checkpoint.witnessed").read_bytes()).hexdigest()
        (source / "checkpoint.witnessed").write_text(cosigned(leaf) + cosigned(leaf).splitlines(True)[-1])
        after = hashlib.sha256((source / "checkpoint.witnessed").read_bytes()).hexdigest()
        lists = lists.replace(before, after)
        (source / "SHA256SUMS").write_text(lists)
        restore(f"from-{says}", source, code=COULD_NOT, says=says)
    note.unlink()


def case_the_log_before_the_last_is_checked_as_well():
    first = room / "late-2/predecessor/predecessor/record-0"
    content = first.read_bytes()
    log.audit(room / "late-2")
    first.unlink()
    only(room / "late-2", "MISSING", "predecessor/predecessor/record-0")
    first.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    only(room / "late-2", "HISTORY", federation.ORIGIN)
    first.write_bytes(content)


def finish():
    log.kill()
    folder.cleanup()


cases.run(globals())
