"""Story 15: the audit, 18 months later.

Two witnesses; one part erased by its retention; an authority that never answered; a release that is
said to be older than the arrival; trucks still open. Real programs: those of the first days run with
a clock set back (old_clock.c), so the signing certificates have long expired when the auditor comes.
"""

import base64
import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import cases
import client
import federation
import journal
import logs
import reckoning
import story_world
from client import message_pb, record_pb
from cryptography import x509
from google.protobuf import json_format
from story_world import found_in

AGE, LATER, RETENTION = 548, 545, 365    # days ago, twice; days
HOUR_US = 3600 * 1_000_000
WITNESSES = ("cn", "la")
TH, LA, CN, PLANTS = "th.customs.chiangkhong", "la.customs.boten", "cn.gacc.mohan", "cn.gacc.plants"
BYSTANDER = "vn.customs.mocbai"
ROUTE = ("TH EXPORT THCKN", "LA TRANSIT LABTN", "CN IMPORT 8648")
DURIAN = ("081060", "TH", "FRESH", 18000)
DONE, BACKDATED, UNANSWERED, ERASED, KEPT, LAST = (f"COURT-{number}" for number in range(1, 7))
SECRET = b"what only the file said"


class World(story_world.StoryWorld):
    """Three countries with their authorities; two witnesses; what Laos tells China is kept for a year."""

    members = ("cn", "la", "th")

    def cli(self, *words, **options):
        words = list(map(str, words))
        member = words[words.index("--member") + 1] if "--member" in words else None
        if words[:2] == ["registry", "add-member"] and member in WITNESSES:
            words += ["--witness", str(self.dir / "members" / member / "witness.pub")]
        if words[:2] == ["keygen", "signing"]:
            words += ["--days", "60"]
        if words[:2] == ["registry", "add-rule"] and "la-cn" in words:
            words += ["--retention-days", str(RETENTION)]
        return super().cli(*words, **options)

    def profile_file(self, cc):
        return self.dir / "profiles" / f"{cc}.json"

    def publish_profiles(self):
        """Through a party, as a message that has evidence of its own."""
        for party in (TH, LA, CN):
            self.cli("submit", "--home", self.dir, "--as", party, "--kind", "profile", self.profile_file(party[:2]))

    def create_keys(self):
        (self.dir / "profiles").mkdir()
        super().create_keys()
        for cc in WITNESSES:
            self.cli("keygen", "witness", "--out", self.dir / "members" / cc / "witness")

    def create_profile(self, cc, file, change=None):
        if cc in self.members:
            super().create_profile(cc, file, change)

    def create_party(self, post):
        super().create_party(post)
        cc, party = post.address[:2], self.dir / "parties" / post.address
        if post.address in (LA, CN):
            federation.write_conf(party / "adapter.conf", {
                "party": post.address, "router": federation.ROUTER, "registry": self.dir / "registry.json",
                "directories": self.dir / "directories", "pin": self.pin(), "curve_key": party / "curve.key",
                "state": party / "state", "witness": {"key": self.dir / "members" / cc / "witness.key",
                                                      "state_dir": party / "witness-state"}})

    def run(self):
        """The router, and beside it the two witnesses."""
        self.start_router(ready=False)
        for party in (LA, CN):
            self.start_adapter(party)
        self.router.wait_for(" start ready ")

    def end(self, copy):
        """When both witnesses have cosigned all there is; what the router then shows is copied."""
        note = self.dir / "router/checkpoint"
        logs.wait_until(lambda: note.exists() and note.read_text().count("\n— ") == 1 + len(WITNESSES)
                        and int(note.read_text().splitlines()[1]) == len(self.records()), "no witness")
        shutil.copytree(self.dir / "router", copy, ignore=shutil.ignore_patterns("keys", "index", "lock"))
        assert self.stop() == []

    def records(self):
        return list(journal.records(self.dir / "router/journal"))

    def lodge(self, party, ucr, legs, goods, to, more=0):
        """With a part: what the file said, and so many bytes."""
        header = json_format.ParseDict({"ucr": ucr, "to": to, **story_world.declaration(legs, goods)},
                                       message_pb.Header())
        part, frame = client.make_part("customs", "rivergate.v1.Declaration", SECRET + bytes(more))
        header.id, header.sent_at_us = client.uuid7(), story_world.now_us()
        header.parts.append(part)
        setattr(header, "from", party)
        packed = client.pack(header)
        peer = self.session(party)
        peer.submit(packed, client.Signer(self.dir / "parties" / party / "signing.key").signature(packed), [frame])
        answer, _ = peer.wait("receipts", "refusal")
        peer.close()
        assert answer.WhichOneof("body") == "receipts", peer.check_refusal(answer.refusal)


folder = tempfile.TemporaryDirectory(prefix="rivergate-story-audit-")
world = World(folder.name)
LOG = world.dir / "what-the-auditor-got"


# --- What happened, 18 months ago


def declare(ucr):
    world.declare(TH, ucr, ROUTE, [DURIAN], [LA, CN], movement={"plate": "70-15", "mode": "3"})
    world.decide(TH, ucr, "released")
    world.decide("th.doa", ucr, "released")
    world.decide(LA, ucr, "authorised", "--guarantee", "GRT-15")
    world.event(LA, ucr, "ARRIVED", [TH])
    world.event(CN, ucr, "ARRIVED", [TH])


def tell_first_day():
    declare(DONE)
    world.decide(PLANTS, DONE, "sampled-awaiting-lab")
    for party in (PLANTS, CN):
        world.decide(party, DONE, "released")
    world.decide(LA, DONE, "discharged")
    world.event(CN, DONE, "GATE_OUT", [TH])
    declare(BACKDATED)
    before = time.gmtime(time.time() - 3600)
    world.decide(PLANTS, BACKDATED, "released", "--effective", time.strftime("%Y-%m-%dT%H:%M:%SZ", before),
                 "--paper", "MH-15")
    declare(UNANSWERED)
    world.decide(CN, UNANSWERED, "released")
    world.lodge(LA, ERASED, ("LA EXPORT LABTN", "CN IMPORT 8648"), [("080390", "LA", "FRESH", 9000)], [CN])
    world.decide(CN, ERASED, "released")
    # Large enough to begin another segment of the journal: only those behind it are ever rewritten.
    world.lodge(TH, KEPT, ROUTE, [DURIAN], [LA, CN], more=1 << 20)


def tell():
    with logs.days_ago(AGE):
        world.create({"segment_mib": 1, "prune_s": 0})
        world.run()
        world.publish_profiles()
        tell_first_day()
        world.end(world.dir / "first-day")
    with logs.days_ago(LATER):
        world.run()
        declare(LAST)
        SEEN.update({party: {ucr: world.look(party, ucr) for ucr in (BACKDATED, UNANSWERED)}
                     for party in (TH, LA, CN, PLANTS, BYSTANDER)})
        SEEN["reminder"] = world.receive(PLANTS, lambda header: header.kind == message_pb.KIND_REMINDER
                                         and header.ucr == UNANSWERED)[-1].reminder
        world.end(world.dir / "later")
    before = world.records()
    SEEN["pruned"] = json.loads(subprocess.run(
        [world.programs["rivergated"], "prune", "--json", "-c", world.dir / "router/rivergated.conf"],
        capture_output=True, text=True, timeout=60, check=True).stdout)
    SEEN["before"], SEEN["after"] = before, world.records()
    world.run()
    world.end(LOG)


SEEN = {}
try:
    tell()
except BaseException:
    world.kill()
    raise
RECORDS = [json.loads(line) for line in world.cli("audit", "export", LOG).stdout.splitlines()]
BEGIN_US = int(RECORDS[0]["timeUs"])
DEADLINE_US = BEGIN_US + 24 * HOUR_US


def stated(time_us):
    moment = datetime.datetime.fromtimestamp(time_us / 1e6, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# --- What stands in the way of the auditor, and does not stop him


def parts_of(records):
    """Content of the parts of messages that are no governance, by UCR."""
    found = {}
    for record in records:
        header = journal.header(record) if record.kind == journal.MESSAGE else {}
        if header.get("kind") == message_pb.KIND_DECLARATION and header.get("ucr") in (ERASED, KEPT):
            found[header["ucr"]] = SECRET in record.parts
    return found


def case_one_part_is_erased_and_no_leaf_changes():
    assert SEEN["pruned"]["parts"] == 1, SEEN["pruned"]
    assert parts_of(SEEN["before"]) == {ERASED: True, KEPT: True}
    assert parts_of(SEEN["after"]) == {ERASED: False, KEPT: True}
    assert [record.leaf for record in SEEN["before"]] == [record.leaf for record in SEEN["after"]]


def case_log_goes_on_18_months_later_and_holds_the_act():
    records = list(journal.records(LOG / "journal"))
    assert len(records) == len(RECORDS) > len(SEEN["after"])
    admin = [record_pb.Admin.FromString(record.body) for record in records if record.kind == journal.ADMIN]
    assert record_pb.Admin.ACT_PRUNE in [one.act for one in admin]
    assert int(RECORDS[-1]["timeUs"]) - BEGIN_US > 540 * 24 * HOUR_US


def case_every_signing_certificate_has_long_expired():
    now = datetime.datetime.now(datetime.timezone.utc)
    for file in world.dir.glob("parties/*/signing.crt"):
        ends = x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after
        assert ends.replace(tzinfo=datetime.timezone.utc) < now - datetime.timedelta(days=400), file


def case_log_verifies_as_of_then_with_both_witnesses_and_all_receipts():
    receipts = [word for file in sorted(world.dir.glob("parties/*/client-state/sent")) for word in ("--from", file)]
    done = world.cli("audit", "verify", "--json", "--pin", world.pin(), "--from",
                     world.dir / "first-day/checkpoint", *receipts, LOG)
    told = json.loads(done.stdout)
    assert told["verified"] and told["findings"] == [], told
    assert (told["witnesses"], told["cosigned"], told["quorum"]) == (2, 2, 2), told
    assert told["size"] == len(RECORDS) and told["compared"] > 30, told


# --- No answer by the deadline


def case_authority_that_did_not_answer_was_reminded():
    leg = SEEN[TH][UNANSWERED]["legs"][2]
    assert (leg["status"], leg["turn"]) == ("PENDING", "AUTHORITY"), leg
    reminder = SEEN["reminder"]
    assert (reminder.authority, reminder.leg) == (PLANTS, 3), reminder
    assert BEGIN_US < reminder.due_us < DEADLINE_US, reminder


def case_no_answer_by_the_deadline_is_proved():
    told = json.loads(world.cli("report", "answers", "--json", "--ucr", UNANSWERED, "--until", stated(DEADLINE_US),
                                LOG).stdout)
    assert told["lastTimeUs"] <= DEADLINE_US < told["nextTimeUs"], "the log goes on after it"
    theirs = {(row["ucr"], row["country"], row["authority"], row["rule"]): (row["status"], row["answerRecord"])
              for row in told["answers"]}
    ours = {key: value for key, value in reckoning.answers(RECORDS, DEADLINE_US).items() if key[0] == UNANSWERED}
    assert theirs == ours, (theirs, ours)
    silent = [row for row in told["answers"] if row["authority"] == PLANTS]
    assert len(silent) > 1 and {(row["status"], row["answerRecord"]) for row in silent} == {("PENDING", None)}
    assert all(row["arrivedUs"] < row["dueUs"] < DEADLINE_US for row in silent), silent
    assert all(RECORDS[row["profileRecord"]]["header"]["kind"] == "KIND_WINDOW_PROFILE" for row in silent)
    (spoken,) = [row for row in told["answers"] if row["authority"] == CN]
    assert RECORDS[spoken["answerRecord"]]["header"]["decision"]["status"] == "DECISION_STATUS_RELEASED"
    shown = world.cli("report", "answers", "--ucr", UNANSWERED, "--until", stated(DEADLINE_US), LOG).stdout
    assert f"of the {told['size']} records until then; the next is of " in shown, shown


def case_what_came_by_a_time_that_the_log_has_not_reached_is_not_known():
    done = world.cli("report", "answers", "--until", "2099-01-01", LOG, check=False)
    assert done.returncode == 1 and "not known yet" in done.stderr, done.stderr


def case_evidence_of_the_consignment_holds_in_court():
    """All messages on it, under the certificates of then; the erased part is marked as withheld."""
    for ucr, n_withheld in ((UNANSWERED, 0), (ERASED, 1)):
        bundle = world.dir / f"evidence-{ucr}"
        world.cli("audit", "prove", ucr, "--log", LOG, "--out", bundle)
        done = world.cli("audit", "check", "--pin", world.pin(), bundle)
        assert "HOLDS" in done.stdout, done.stdout
        withheld = list(bundle.glob("records/*/withheld-*"))
        assert len(withheld) == n_withheld, withheld
    # The bundle says what was said; that nothing else was, the whole log says (report answers).
    answers = [file for file in (world.dir / f"evidence-{UNANSWERED}").glob("records/*/header")
               if message_pb.Header.FromString(file.read_bytes()).kind == message_pb.KIND_DECISION
               and getattr(message_pb.Header.FromString(file.read_bytes()), "from") == PLANTS]
    assert answers == []


def case_profile_by_which_the_authority_owed_an_answer_is_evidence_too():
    """`report answers` names its record, and that has a message id."""
    told = json.loads(world.cli("report", "answers", "--json", "--ucr", UNANSWERED, LOG).stdout)["answers"]
    row = next(row for row in told if row["authority"] == PLANTS)
    identity = base64.b64decode(RECORDS[row["profileRecord"]]["header"]["id"]).hex()
    world.cli("audit", "prove", identity, "--log", LOG, "--out", world.dir / "profile")
    done = world.cli("audit", "check", "--pin", world.pin(), world.dir / "profile")
    assert "HOLDS" in done.stdout, done.stdout
    part = (world.dir / "profile" / f"records/{row['profileRecord']:020}/part-00").read_bytes()
    assert row["rule"].encode() in part, "the rule stands in it"


# --- A release that is said to be older than the arrival


def case_backdated_release_is_a_finding_for_those_whom_it_concerns():
    for party in (TH, LA, CN, PLANTS):
        assert "EFFECTIVE_BEFORE_ARRIVAL" in found_in(SEEN[party][BACKDATED]), SEEN[party]
        assert "EFFECTIVE_BEFORE_ARRIVAL" not in found_in(SEEN[party][UNANSWERED]), SEEN[party]
    assert SEEN[BYSTANDER][BACKDATED] is None


def case_release_times_are_those_of_an_independent_program_and_name_the_backdated_one():
    ours = reckoning.release_times(RECORDS)
    told = json.loads(world.cli("report", "release-times", "--json", LOG).stdout)
    for table in ("releaseTimes", "parts", "open", "backdated"):
        assert ours[table] == told[table], (table, [pair for pair in zip(ours[table], told[table])
                                                    if pair[0] != pair[1]])
    (row,) = told["backdated"]
    assert (row["ucr"], row["authority"]) == (BACKDATED, PLANTS), row
    assert row["effectiveUs"] < row["arrivedUs"] < row["recordedUs"], row
    still = {(row["ucr"], row["authority"]): row for row in told["open"]}
    assert still[UNANSWERED, PLANTS]["ageUs"] > 540 * 24 * HOUR_US, "open trucks go on ageing"
    assert still[UNANSWERED, PLANTS]["turn"] == "AUTHORITY", still
    assert still[UNANSWERED, LA]["turn"] == "AUTHORITY", "transit is overdue"
    assert (LAST, PLANTS) in still and (DONE, PLANTS) not in still


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
