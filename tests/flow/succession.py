"""A registry follows another in the running system: through a party's session, at SIGHUP, and not.

Also here: parties that sign with P-384 and RSA-PSS, from their keys to the auditor's check.
"""

import dataclasses
import json
import pathlib
import re
import signal
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import cases
import federation
import journal
from client import record_pb

BAVET, MOCBAI, MAESOT = "kh.customs.bavet", "vn.customs.mocbai", "th.customs.maesot"
ALGORITHMS = {BAVET: "p384", MOCBAI: "rsa-pss", MAESOT: "p256"}
folder = tempfile.TemporaryDirectory(prefix="rivergate-succession-")
posts = tuple(dataclasses.replace(post, algorithm=ALGORITHMS[post.address])
              for post in federation.POSTS if post.address in ALGORITHMS)
world = federation.Federation(pathlib.Path(folder.name) / "world", posts).create()
world.start_router()
first = world.dir / "registry.json"
MEMBERS = tuple(federation.MEMBERS)


def start_next(name, previous=first):
    file = world.dir / name
    world.cli("registry", "next", previous, "--out", file)
    return file


def sign(file, members=MEMBERS):
    for cc in members:
        world.cli("registry", "sign", file, "--member", cc,
                  "--key", world.dir / "members" / cc / "governance.key")
    return file


def add_rule(file, sender, receiver, name=None):
    world.cli("registry", "add-rule", file, "--name", name or f"{sender}-{receiver}-new",
              "--from", sender, "--to", receiver, "--kind", "DECLARATION", "--part", "customs",
              "--part", "translation", "--instrument", "An agreement", "--article", "1",
              "--valid-from", "2020-01-01")
    return file


def submit(file, party=BAVET, *words):
    return world.cli("submit", "--home", world.dir, "--as", party, "--json", *words, file, check=False)


def bring(file):
    """The one answer to a registry that a party submits: (exit code, answer)."""
    done = submit(file, BAVET, "--kind", "registry")
    return done.returncode, json.loads(done.stdout)[0]


def declare(ucr, sender, receiver):
    file = world.dir / f"{ucr}.txt"
    file.write_text(f"# rivergate loopback 1\ncountry\t{sender[:2].upper()}\nucr\t{ucr}\n"
                    "reference.number\t1\n")
    done = submit(file, sender, "--format", "loopback", "--purpose", "ADVANCE", "--to", receiver)
    answers = json.loads(done.stdout)
    assert answers, done.stderr
    return answers[0]


def wait(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s\n{world.router.text()[-2000:]}")


def acts():
    """ADMIN records of the journal: (act without prefix, detail)."""
    found = []
    for record in journal.records(world.dir / "router/journal"):
        if record.kind == journal.ADMIN:
            admin = record_pb.Admin.FromString(record.body)
            found.append((record_pb.Admin.Act.Name(admin.act).removeprefix("ACT_"), admin.detail))
    return found


def case_parties_with_p384_and_rsa_pss_send_and_receive():
    for address in (BAVET, MOCBAI):
        world.start_adapter(address)
    key = (world.dir / "log.vkey").read_text().strip()
    for number, (sender, receiver) in enumerate(((BAVET, MOCBAI), (MOCBAI, BAVET))):
        answer = declare(f"KH-ALGORITHM-{number}", sender, receiver)
        assert answer["verdict"] == "ADMITTED", answer
        sent = world.dir / "parties" / sender / "client-state" / "sent" / answer["id"]
        shown = world.cli("audit", "check", "--key", key, sent.with_suffix(".rge"),
                          sent.with_suffix(".tlog-proof"), check=False)
        assert shown.returncode == 0, shown.stdout + shown.stderr
        name = f"{sender}-{answer['id']}.json"
        wait(lambda: (world.tray(receiver, "in") / name).exists(), f"{name} in in/")


def case_key_of_another_algorithm_is_refused():
    party = world.dir / "parties" / BAVET
    good = (party / "signing.key").read_bytes()
    for algorithm in ("p256", "rsa-pss"):
        other = world.dir / f"other-{algorithm}"
        world.cli("keygen", "signing", "--out", other, "--address", BAVET, "--algorithm", algorithm,
                  "--ca", world.dir / "members/kh/root")
        (party / "signing.key").write_bytes(other.with_suffix(".key").read_bytes())
        try:
            answer = declare(f"KH-OTHER-{algorithm}", BAVET, MOCBAI)
        finally:
            (party / "signing.key").write_bytes(good)
        assert answer["verdict"] in ("SIGNATURE", "CERTIFICATE"), answer


def case_registry_without_quorum_is_refused():
    file = add_rule(start_next("few.json"), "kh", "th")
    sign(file, MEMBERS[:4])
    assert world.cli("registry", "verify", file, "--after", first, check=False).returncode == 1
    code, answer = bring(file)
    assert code == 1 and answer["verdict"] == "GOVERNANCE", answer
    assert "4 of 6 members" in answer["text"], answer
    assert declare("KH-TH-EARLY", BAVET, MAESOT)["verdict"] == "CHANNEL"


def case_rule_about_a_member_that_has_not_signed_is_refused():
    file = add_rule(start_next("without-th.json"), "kh", "th")
    sign(file, [cc for cc in MEMBERS if cc != "th"])
    code, answer = bring(file)
    assert code == 1 and answer["verdict"] == "GOVERNANCE" and "'th'" in answer["text"], answer


def case_registry_that_skips_a_version_is_refused():
    between = sign(start_next("between.json"))
    code, answer = bring(sign(start_next("skips.json", between)))
    assert code == 1 and "does not follow" in answer["text"], answer


def case_registry_by_quorum_is_in_force_at_its_record():
    file = sign(add_rule(start_next("second.json"), "kh", "th"))
    assert world.cli("registry", "verify", file, "--after", first, "--pin", world.pin()).returncode == 0
    code, answer = bring(file)
    assert code == 0 and answer["verdict"] == "ADMITTED", answer
    assert declare("KH-TH-NOW", BAVET, MAESOT)["verdict"] == "ADMITTED"
    # The receiver's files are behind now: its adapter sees it in the log and says so.
    assert declare("KH-VN-BEHIND", BAVET, MOCBAI)["verdict"] == "ADMITTED"
    wait(lambda: " registry-behind " in world.adapters[MOCBAI].text(), "registry-behind")
    # The same again, from the operator's folder now: it says nothing new and is no fault.
    (world.dir / "registry.2.json").write_bytes(file.read_bytes())
    world.router.process.send_signal(signal.SIGHUP)
    wait(lambda: any(act == "REREAD" for act, _ in acts()), "reload")
    assert " error " not in world.router.text()


def case_second_successor_is_refused_naming_the_first():
    code, answer = bring(sign(add_rule(start_next("rival.json"), "kh", "mm")))
    assert code == 1 and answer["verdict"] == "GOVERNANCE", answer
    assert "the first in the journal is final" in answer["text"], answer


def case_older_registry_does_not_come_back():
    code, answer = bring(first)
    assert code == 1 and "is older than 2" in answer["text"], answer


def case_next_version_comes_at_sighup_and_outlives_a_restart():
    file = world.dir / "registry.3.json"
    world.cli("registry", "next", world.dir / "registry.2.json", "--out", file)
    world.cli("registry", "remove", file, "--rule", "kh-th-new")
    sign(file)
    world.router.process.send_signal(signal.SIGHUP)
    wait(lambda: declare("KH-TH-GONE", BAVET, MAESOT)["verdict"] == "CHANNEL", "version 3")
    assert declare("KH-VN-AGAIN", BAVET, MOCBAI)["verdict"] == "ADMITTED"
    wait(lambda: list(world.tray(MOCBAI, "in").glob("*.json"))[2:], "third delivery")
    assert world.adapters[MOCBAI].text().count(" registry-behind ") == 1
    brought = [detail for act, detail in acts() if act == "REGISTRY"]
    assert len(brought) == 2, brought  # version 1 at the start, version 3 now
    for address in (BAVET, MOCBAI):
        assert world.adapters[address].stop() == 0
    assert world.router.stop() == 0
    world.start_router()
    world.start_adapter(MOCBAI)
    assert " error " not in world.router.text()
    assert declare("KH-TH-STILL", BAVET, MAESOT)["verdict"] == "CHANNEL"
    answer = declare("KH-VN-STILL", BAVET, MOCBAI)
    assert answer["verdict"] == "ADMITTED", answer
    wait(lambda: (world.tray(MOCBAI, "in") / f"{BAVET}-{answer['id']}.json").exists(), "delivery")


def case_acts_of_the_operator_stand_in_the_journal():
    words = [act for act, _ in acts()]
    assert words.count("START") == 2 and words.count("STOP") == 1, words
    assert words.count("KEY_USE") == 2 and words.count("DIRECTORY") == 6, words
    (uses,) = {detail for act, detail in acts() if act == "KEY_USE"}
    assert [word.split("=")[0] for word in uses.split(" ")] == ["log", "router", "curve"], uses


def make_profile(file, version="1", authority=BAVET, key="kh"):
    """A signed window profile of Cambodia with one rule."""
    source = world.dir / "profile-source.json"
    rule = {"id": "all", "authority": authority, "role": "AUTHORITY_ROLE_INFORMED",
            "legalBasis": {"instrument": "Customs Law", "article": "1"}, "assumption": True}
    source.write_text(json.dumps({"member": "kh", "version": version, "rules": [rule]}))
    file.unlink(missing_ok=True)
    world.cli("profile", "init", file, "--from-json", source)
    world.cli("profile", "sign", file, "--key", world.dir / "members" / key / "governance.key")
    return file


def bring_profile(file):
    done = submit(file, BAVET, "--kind", "profile")
    return done.returncode, json.loads(done.stdout)[0]


def case_profile_of_a_member_comes_through_a_session_and_later_versions_replace_it():
    file = world.dir / "kh-next.json"
    code, answer = bring_profile(make_profile(file))
    assert code == 0 and answer["verdict"] == "ADMITTED", answer
    code, answer = bring_profile(make_profile(file, version="3"))
    assert code == 0 and answer["verdict"] == "ADMITTED", answer
    code, answer = bring_profile(make_profile(file, version="2"))
    assert code == 1 and answer["verdict"] == "GOVERNANCE", answer
    assert "2 is not above 3, which is in force" in str(answer), answer


def case_profile_that_its_member_did_not_sign_is_refused():
    file = world.dir / "kh-next.json"
    code, answer = bring_profile(make_profile(file, version="9", key="th"))
    assert code == 1 and answer["verdict"] == "GOVERNANCE", answer
    assert "signatures[0]" in str(answer), answer
    code, answer = bring_profile(make_profile(file, version="9", authority="kh.nobody"))
    assert code == 1 and "rules[0].authority" in str(answer), answer


def case_profile_among_the_directories_comes_at_sighup_and_a_log_with_it_verifies():
    make_profile(world.dir / "directories/kh.profile.json", version="4")
    world.router.process.send_signal(signal.SIGHUP)
    wait(lambda: "PROFILE" in [act for act, _ in acts()], "the act PROFILE")
    code, answer = bring_profile(make_profile(world.dir / "kh-next.json", version="4"))
    assert code == 1 and "4 is not above 4" in str(answer), answer
    done = world.cli("audit", "verify", world.dir / "router", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def judge_next(name, previous, signers, *words):
    """What `registry verify` says of the successor that words edit: the exit code and its text."""
    file = start_next(name, previous)
    world.cli("registry", *words[:1], file, *words[1:])
    sign(file, signers)
    done = world.cli("registry", "verify", file, "--after", file.parent / "registry.json", check=False)
    return done.returncode, done.stdout + done.stderr


def case_joint_auditor_comes_by_all_and_goes_by_the_quorum():
    add, remove = ("add-auditor", "--address", "th.audit"), ("remove", "--auditor", "th.audit")
    room = world.dir / "audited"
    room.mkdir()
    (room / "registry.json").write_bytes(first.read_bytes())
    code, said = judge_next("audited/few.json", first, MEMBERS[:5], *add)
    assert code == 1 and "'th.audit' is new" in said, said
    code, said = judge_next("audited/all.json", first, MEMBERS, *add)
    assert code == 0, said
    second = (room / "all.json").rename(room / "registry.2.json")
    code, said = judge_next("audited/fewer.json", second, MEMBERS[:4], *remove)
    assert code == 1 and "4 of 6 members" in said, said
    code, said = judge_next("audited/quorum.json", second, MEMBERS[:5], *remove)
    assert code == 0, said


def case_registry_that_re_keys_the_running_router_is_told_at_once_and_at_the_next_start():
    assert " registry-of-another-router " not in world.router.text()
    file = start_next("rekeyed.json", world.dir / "registry.3.json")
    keys = world.dir / "rekeyed"
    keys.mkdir(mode=0o700)
    for path in (world.dir / "router/keys").iterdir():
        (keys / path.name).write_bytes(path.read_bytes())
    for path in keys.glob("curve*"):
        path.unlink()
    world.cli("keygen", "curve", "--out", keys / "curve")
    world.cli("registry", "remove", file, "--router", federation.ROUTER)
    world.add_router(file, federation.ROUTER, federation.ORIGIN, keys, "tcp://127.0.0.1:1")
    code, answer = bring(sign(file))
    assert code == 0, answer
    said = re.compile(r" registry-of-another-router .*version=4 .*differs=curve_key")
    wait(lambda: said.search(world.router.text()), "the warning")
    assert world.router.stop() == 0
    world.start_router()
    assert said.search(world.router.text())


def case_wrong_words_are_refused():
    assert world.cli("registry", "next", first, "--out", first, check=False).returncode == 3
    assert world.cli("registry", "remove", first, check=False).returncode == 2
    gone = world.cli("registry", "remove", first, "--rule", "none", check=False)
    assert gone.returncode == 1 and "has no 'none'" in gone.stderr
    stranger = world.cli("registry", "sign", first, "--member", "la", "--previous", first, "--key",
                         world.dir / "members/th/governance.key", check=False)
    assert stranger.returncode == 1 and "is not the governance key of 'la'" in stranger.stderr


def finish():
    bad = world.stop()
    folder.cleanup()
    assert not bad, bad


cases.run(globals())
