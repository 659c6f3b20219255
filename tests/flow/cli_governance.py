"""`rivergate keygen`, `registry` and `directory`, as a governance officer uses them.

Runs the real program. Half of the cases are mistakes: each must be refused with the exit
code of its kind, say what to do, and leave the files as they were.
"""

import base64
import json
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile

import cases

RIVERGATE = pathlib.Path(os.environ["RIVERGATE_BUILD"]) / "adapters/cli/rivergate"
DONE, NO, USAGE, COULD_NOT = 0, 1, 2, 3
ROOM = pathlib.Path(tempfile.mkdtemp(prefix="rivergate-governance-"))
MEMBERS = {"cn": "sm2", "la": "p256", "th": "ed25519"}
LAW = ("--instrument", "Agreement on goods", "--article", "4", "--valid-from", "2020-01-01")


def cli(*words, exit_code=DONE, says=""):
    """Runs the program; its exit code and a phrase on either output are part of the contract."""
    done = subprocess.run([str(RIVERGATE), *map(str, words)], text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=60, check=False)
    said = done.stdout + done.stderr
    line = "rivergate " + " ".join(map(str, words))
    assert done.returncode == exit_code, f"{line}: exit {done.returncode}, not {exit_code}\n{said}"
    assert says in said, f"{line}: does not say '{says}'\n{said}"
    return done


def fresh(name):
    folder = ROOM / name
    folder.mkdir()
    return folder


def unchanged(path, *words, **expected):
    """Runs words, which must fail, and proves that the file is as it was."""
    before = path.read_bytes()
    cli(*words, **expected)
    assert path.read_bytes() == before, f"{path} has changed"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def make_keys():
    """Keys of three members and a router, made once and shared by the cases."""
    keys = fresh("keys")
    cli("keygen", "log", "--out", keys / "log", "--name", "rivergate.example/test")
    cli("keygen", "router", "--out", keys / "router")
    cli("keygen", "curve", "--out", keys / "curve")
    for cc, algorithm in MEMBERS.items():
        cli("keygen", "ca", "--out", keys / f"{cc}-root", "--member", cc, "--algorithm", algorithm)
        cli("keygen", "governance", "--out", keys / f"{cc}-governance", "--algorithm", algorithm)
        cli("keygen", "signing", "--out", keys / f"{cc}-signing", "--address", f"{cc}.customs",
            "--ca", keys / f"{cc}-root", "--algorithm", algorithm)
        cli("keygen", "curve", "--out", keys / f"{cc}-curve")
    return keys


KEYS = make_keys()


def add_member(registry, cc, **expected):
    return cli("registry", "add-member", registry, "--member", cc, "--name", f"Country {cc}",
               "--root", KEYS / f"{cc}-root.crt", "--governance", KEYS / f"{cc}-governance.pub",
               **expected)


def add_rule(registry, name, *words, **expected):
    return cli("registry", "add-rule", registry, "--name", name, "--from", "la", "--to", "cn",
               "--kind", "DECLARATION", "--part", "customs", *LAW, *words, **expected)


def sign(registry, *members):
    for cc in members:
        cli("registry", "sign", registry, "--member", cc, "--key", KEYS / f"{cc}-governance.key")


def make_registry(folder, signers=MEMBERS):
    registry = folder / "registry.json"
    cli("registry", "init", registry)
    for cc in MEMBERS:
        add_member(registry, cc)
    cli("registry", "add-router", registry, "--address", "router.test", "--origin",
        "rivergate.example/test", "--log", KEYS / "log.pub", "--router", KEYS / "router.pub",
        "--curve", KEYS / "curve.pub", "--endpoint", "tcp://127.0.0.1:5670")
    add_rule(registry, "la-cn")
    sign(registry, *signers)
    return registry


def add_party(directory, cc, *words, **expected):
    return cli("directory", "add-party", directory, "--address", f"{cc}.customs", "--name",
               f"Customs of {cc}", "--role", "CUSTOMS", "--signing", KEYS / f"{cc}-signing.crt",
               "--curve", KEYS / f"{cc}-curve.pub", *words, **expected)


def make_directory(folder, cc="la"):
    directory = folder / f"{cc}.json"
    cli("directory", "init", directory, "--member", cc)
    add_party(directory, cc)
    cli("directory", "sign", directory, "--key", KEYS / f"{cc}-governance.key")
    return directory


# --- keygen -------------------------------------------------------------------------------

def case_private_keys_are_for_their_owner_alone():
    for name in ("log", "router", "curve", "la-root", "cn-governance", "th-signing"):
        assert mode(KEYS / f"{name}.key") == 0o600, name
        assert mode(KEYS / f"{name}.pub") == 0o644, name


def case_secrets_are_never_printed():
    folder = fresh("printed")
    done = cli("keygen", "curve", "--out", folder / "curve", "--json")
    assert (folder / "curve.key").read_text().strip() not in done.stdout + done.stderr
    assert json.loads(done.stdout)["public"] == str(folder / "curve.pub")


def case_a_log_key_has_a_verifier_key_of_its_origin():
    name, key_id, key = (KEYS / "log.vkey").read_text().strip().split("+", 2)
    assert name == "rivergate.example/test"
    assert len(key_id) == 8
    assert base64.b64decode(key)[0] == 1 and len(base64.b64decode(key)) == 33


def case_certificates_verify_with_stock_openssl():
    done = subprocess.run(["openssl", "verify", "-CAfile", KEYS / "la-root.crt",
                           KEYS / "la-signing.crt"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def case_an_existing_key_is_never_overwritten():
    unchanged(KEYS / "log.key", "keygen", "log", "--out", KEYS / "log", "--name", "other",
              exit_code=COULD_NOT, says="never overwritten")
    folder = fresh("half")
    (folder / "k.crt").write_text("mine")
    cli("keygen", "ca", "--out", folder / "k", "--member", "la", exit_code=COULD_NOT)
    assert [path.name for path in folder.iterdir()] == ["k.crt"]


def case_wrong_words_for_keygen_are_refused():
    out = ROOM / "never"
    for words, says in (
            (("keygen",), "--out"),
            (("keygen", "--out", out), "KIND"),
            (("keygen", "master", "--out", out), "there is no kind"),
            (("keygen", "ca", "--out", out), "--member"),
            (("keygen", "ca", "--out", out, "--member", "lao"), "--member"),
            (("keygen", "log", "--out", out), "--name"),
            (("keygen", "log", "--out", out, "--name", "two words"), "--name"),
            (("keygen", "log", "--out", out, "--name", "x", "--algorithm", "p256"), "cannot be"),
            (("keygen", "curve", "--out", out, "--algorithm", "p256"), "cannot be"),
            (("keygen", "encryption", "--out", out, "--algorithm", "sm2", "--address", "la.a",
              "--ca", KEYS / "la-root"), "cannot be"),
            (("keygen", "router", "--out", out, "--algorithm", "rot13"), "choose"),
            (("keygen", "signing", "--out", out, "--ca", KEYS / "la-root"), "--address"),
            (("keygen", "signing", "--out", out, "--address", "LA.x", "--ca", KEYS / "la-root"),
             "--address"),
            (("keygen", "ca", "--out", out, "--member", "la", "--days", "0"), "--days"),
            (("keygen", "ca", "--out", out, "--member", "la", "--days", "1e3"), "--days"),
            (("keygen", "ca", "--out", out, "--colour", "red"), "no option"),
            (("keygen", "ca", "extra", "--out", out, "--member", "la"), "operands"),
            (("keygen", "ca", "--out"), "needs a value")):
        cli(*words, exit_code=USAGE, says=says)
    assert not list(ROOM.glob("never*"))


def case_a_root_whose_key_others_can_read_issues_nothing():
    folder = fresh("open")
    for suffix in ("key", "crt"):
        shutil.copy(KEYS / f"la-root.{suffix}", folder / f"root.{suffix}")
    (folder / "root.key").chmod(0o644)
    cli("keygen", "signing", "--out", folder / "s", "--address", "la.customs", "--ca",
        folder / "root", exit_code=COULD_NOT)
    assert not (folder / "s.key").exists()


def case_a_root_with_another_roots_key_issues_nothing():
    folder = fresh("mixed")
    shutil.copy(KEYS / "la-root.key", folder / "root.key")
    shutil.copy(KEYS / "th-root.crt", folder / "root.crt")
    cli("keygen", "signing", "--out", folder / "s", "--address", "la.customs", "--ca",
        folder / "root", exit_code=COULD_NOT, says="not the CA certificate")


# --- registry -----------------------------------------------------------------------------

def case_a_signed_registry_is_accepted_with_its_pin():
    registry = make_registry(fresh("accepted"))
    report = json.loads(cli("registry", "verify", registry, "--json").stdout)
    assert report["valid"] and report["quorum"] == 3 and report["validSignatures"] == 3
    assert [row["member"] for row in report["signatures"]] == ["cn", "la", "th"]
    cli("registry", "verify", registry, "--pin", report["hash"], says="quorum      reached")
    content = json.loads(cli("registry", "show", registry).stdout)
    assert content["members"][0]["governanceAlgorithm"] == "ALGORITHM_SM2_SM3"
    assert content["rules"][0]["legalBasis"]["article"] == "4"


def case_a_registry_under_another_pin_is_refused():
    registry = make_registry(fresh("pin"))
    cli("registry", "verify", registry, "--pin", "0" * 64, exit_code=NO, says="pin")
    cli("registry", "verify", registry, "--pin", "0" * 63, exit_code=USAGE, says="64 hex")


def case_a_registry_below_the_quorum_is_refused():
    registry = make_registry(fresh("quorum"), signers=("la", "cn"))
    cli("registry", "verify", registry, exit_code=NO, says="NOT REACHED: 2 valid of 3")


def case_a_changed_content_has_no_valid_signature():
    registry = make_registry(fresh("changed"))
    governed = json.loads(registry.read_text())
    content = bytearray(base64.b64decode(governed["content"]))
    at = content.index(b"Agreement")
    content[at] ^= 1
    governed["content"] = base64.b64encode(content).decode()
    registry.write_text(json.dumps(governed))
    report = json.loads(cli("registry", "verify", registry, "--json", exit_code=NO).stdout)
    assert not any(row["valid"] for row in report["signatures"])
    assert report["contradiction"]["path"] == "signatures"


def case_an_edit_drops_the_signatures_and_says_so():
    registry = make_registry(fresh("edit"))
    done = add_rule(registry, "second")
    assert "3 signatures were dropped" in done.stderr
    assert "signatures" not in json.loads(registry.read_text())


def case_a_contradiction_is_refused_and_leaves_the_file():
    registry = make_registry(fresh("contradiction"))
    rule = ("registry", "add-rule", registry, "--from", "la", "--to", "cn", "--kind", "DECISION",
            "--part", "customs")
    for words, says in (
            ((*rule, "--name", "la-cn", *LAW), "rules[1].name"),
            ((*rule, "--name", "x", *LAW, "--from", "sg.customs"), "rules[1].from[1]"),
            ((*rule, "--name", "x", *LAW, "--to", "CN"), "rules[1].to[1]"),
            ((*rule, "--name", "x", *LAW, "--valid-until", "2019-12-31"), "rules[1].valid_until"),
            ((*rule, "--name", "x", *LAW, "--valid-until", "tomorrow"), "rules[1].valid_until"),
            ((*rule, "--name", "x", *LAW, "--kind", "PLAN"), "rules[1].kinds"),
            (("registry", "add-member", registry, "--member", "kh", "--name", "Cambodia",
              "--root", KEYS / "la-root.crt", "--governance", KEYS / "la-governance.pub"),
             "members[1].root_certificate"),
            (("registry", "add-member", registry, "--member", "la", "--name", "Lao PDR",
              "--root", KEYS / "la-root.crt", "--governance", KEYS / "la-governance.pub"),
             "stands twice"),
            (("registry", "add-router", registry, "--address", "la.router", "--origin", "x",
              "--log", KEYS / "log.pub", "--router", KEYS / "router.pub", "--curve",
              KEYS / "curve.pub", "--endpoint", "tcp://127.0.0.1:1"), "routers[1].address"),
            (("registry", "add-router", registry, "--address", "router.two", "--origin", "x",
              "--log", KEYS / "log.pub", "--router", KEYS / "router.pub", "--curve",
              KEYS / "curve.pub", "--endpoint", "tcp://127.0.0.1:1"), "one use")):
        unchanged(registry, *words, exit_code=NO, says=says)


def case_a_rule_without_law_or_of_no_kind_is_refused():
    registry = make_registry(fresh("law"))
    start = ("registry", "add-rule", registry, "--name", "x", "--from", "la", "--to", "cn", "--part",
             "customs", "--valid-from", "2020-01-01")
    unchanged(registry, *start, "--kind", "DECLARATION", exit_code=USAGE, says="--instrument")
    unchanged(registry, *start, "--kind", "POSTCARD", "--instrument", "A", "--article", "1",
              exit_code=USAGE, says="DECLARATION")
    unchanged(registry, *start, "--instrument", "A", "--article", "1", exit_code=NO, says="kinds")


def case_only_the_members_own_key_signs():
    registry = make_registry(fresh("own"), signers=())
    unchanged(registry, "registry", "sign", registry, "--member", "la", "--key",
              KEYS / "th-governance.key", exit_code=NO, says="not the governance key")
    unchanged(registry, "registry", "sign", registry, "--member", "vn", "--key",
              KEYS / "th-governance.key", exit_code=NO, says="no member")
    unchanged(registry, "registry", "sign", registry, "--member", "la", "--key",
              KEYS / "nothing.key", exit_code=COULD_NOT)


def case_wrong_files_are_named():
    folder = fresh("files")
    cli("registry", "verify", folder / "none.json", exit_code=COULD_NOT, says="no such file")
    (folder / "text.json").write_text("registry")
    cli("registry", "show", folder / "text.json", exit_code=COULD_NOT, says="text.json")
    (folder / "content.json").write_text('{"content": "////"}')
    cli("registry", "show", folder / "content.json", exit_code=NO, says="no Registry")
    registry = make_registry(folder)
    unchanged(registry, "registry", "init", registry, exit_code=COULD_NOT, says="exists already")
    cli("directory", "show", registry, exit_code=NO, says="no Directory")
    cli("registry", "sign", exit_code=USAGE, says="needs")
    cli("registry", "amend", exit_code=USAGE, says="there is no 'amend'")


def case_entries_may_come_from_json():
    folder = fresh("json")
    registry = make_registry(folder)
    shown = json.loads(cli("registry", "show", registry).stdout)
    rule = {**shown["rules"][0], "name": "from-json", "to": ["th"]}
    (folder / "rule.json").write_text(json.dumps(rule))
    cli("registry", "add-rule", registry, "--from-json", folder / "rule.json")
    (folder / "whole.json").write_text(cli("registry", "show", registry).stdout)
    cli("registry", "init", folder / "again.json", "--from-json", folder / "whole.json")
    assert json.loads(cli("registry", "show", folder / "again.json").stdout)["rules"][1] == rule
    (folder / "rule.json").write_text(json.dumps({**rule, "name": "z", "toll": 1}))
    unchanged(registry, "registry", "add-rule", registry, "--from-json", folder / "rule.json",
              exit_code=NO, says="toll")


def with_auditors(folder, *addresses):
    """A registry with these joint auditors, signed by all."""
    registry = make_registry(folder, signers=())
    for address in addresses:
        cli("registry", "add-auditor", registry, "--address", address)
    sign(registry, *MEMBERS)
    return registry


def case_a_joint_auditor_goes_by_the_quorum():
    folder = fresh("auditor")
    registry, after = with_auditors(folder, "cn.audit", "th.audit"), folder / "registry.2.json"
    cli("registry", "verify", registry)
    cli("registry", "next", registry, "--out", after)
    cli("registry", "remove", after, "--auditor", "cn.audit")
    assert json.loads(cli("registry", "show", after).stdout)["auditors"] == ["th.audit"]
    cli("registry", "remove", after, "--auditor", "th.audit")
    assert "auditors" not in json.loads(cli("registry", "show", after).stdout)


def case_an_auditor_who_is_none_is_not_removed():
    folder = fresh("no-auditor")
    registry = with_auditors(folder, "th.audit")
    remove = ("registry", "remove", registry)
    unchanged(registry, *remove, "--auditor", "cn.audit", exit_code=NO, says="has no 'cn.audit'")
    unchanged(registry, *remove, "--auditor", "th", exit_code=NO, says="has no 'th'")
    unchanged(registry, *remove, "--auditor", "th.audit", "--rule", "la-cn",
              exit_code=USAGE, says="--auditor")
    unchanged(registry, *remove, exit_code=USAGE, says="--auditor")


# --- directory ----------------------------------------------------------------------------

def case_a_signed_directory_is_accepted():
    folder = fresh("directory")
    registry = make_registry(folder)
    for cc in MEMBERS:
        directory = make_directory(folder, cc)
        report = json.loads(cli("directory", "verify", directory, "--registry", registry,
                                "--json").stdout)
        assert report["valid"] and report["version"] == 1 and report["member"] == cc


def case_a_directory_by_another_key_or_unsigned_is_refused():
    folder = fresh("foreign")
    registry = make_registry(folder)
    directory = make_directory(folder)
    cli("directory", "sign", directory, "--key", KEYS / "th-governance.key")
    cli("directory", "verify", directory, "--registry", registry, exit_code=NO,
        says="signatures[0]")
    add_party(directory, "la", "--replace")
    cli("directory", "verify", directory, "--registry", registry, exit_code=NO, says="signatures")


def case_an_edit_of_a_signed_directory_is_a_new_version():
    folder = fresh("version")
    registry = make_registry(folder)
    directory = make_directory(folder)
    cli("directory", "add-office", directory, "--code", "LA01", "--name-latin", "Boten",
        "--party", "la.customs", "--utc-offset", "420", "--unlocode", "LABOT",
        says="this is version 2")
    cli("directory", "sign", directory, "--key", KEYS / "la-governance.key")
    report = json.loads(cli("directory", "verify", directory, "--registry", registry,
                            "--json").stdout)
    assert report["version"] == 2
    assert json.loads(cli("directory", "show", directory).stdout)["offices"][0]["code"] == "LA01"


def case_a_party_that_contradicts_is_refused_and_leaves_the_file():
    directory = make_directory(fresh("party"))
    party = ("directory", "add-party", directory, "--name", "x")
    for words, exit_code, says in (
            ((*party, "--address", "la.customs"), NO, "stands twice"),
            ((*party, "--address", "th.customs"), NO, "not under 'la'"),
            ((*party, "--address", "la"), NO, "no address"),
            ((*party, "--address", "la.post", "--role", "KING"), USAGE, "CUSTOMS"),
            ((*party, "--address", "la.post", "--role", "FOOD", "--role", "FOOD"), NO, "twice"),
            ((*party, "--address", "la.post", "--signing", KEYS / "la-signing.crt"), NO,
             "not for 'la.post'"),
            ((*party, "--address", "la.post", "--signing", KEYS / "curve.pub"), COULD_NOT, ""),
            ((*party, "--address", "la.post", "--curve", KEYS / "log.pub"), COULD_NOT, "hex"),
            (("directory", "add-office", directory, "--code", "X", "--party", "la.none"), NO,
             "no party"),
            (("directory", "add-office", directory, "--code", "X", "--party", "la.customs",
              "--unlocode", "BOTEN!"), NO, "UN/LOCODE"),
            (("directory", "add-office", directory, "--code", "X"), USAGE, "--party")):
        unchanged(directory, *words, exit_code=exit_code, says=says)


def case_certificates_of_another_root_are_refused_by_verify():
    folder = fresh("root")
    registry = make_registry(folder)
    cli("keygen", "ca", "--out", folder / "rogue", "--member", "la")
    cli("keygen", "signing", "--out", folder / "rogue-signing", "--address", "la.customs", "--ca",
        folder / "rogue")
    directory = folder / "la.json"
    cli("directory", "init", directory, "--member", "la")
    cli("directory", "add-party", directory, "--address", "la.customs", "--name", "x", "--signing",
        folder / "rogue-signing.crt")
    cli("directory", "sign", directory, "--key", KEYS / "la-governance.key")
    cli("directory", "verify", directory, "--registry", registry, exit_code=NO,
        says="parties[0].keys[0].certificate")


def case_a_key_of_the_router_is_refused_in_a_directory():
    folder = fresh("shared")
    registry = make_registry(folder)
    directory = folder / "la.json"
    cli("directory", "init", directory, "--member", "la")
    cli("directory", "add-party", directory, "--address", "la.customs", "--name", "x", "--curve",
        KEYS / "curve.pub")
    cli("directory", "sign", directory, "--key", KEYS / "la-governance.key")
    cli("directory", "verify", directory, "--registry", registry, exit_code=NO,
        says="registry routers[0].curve_key")


def case_revocation_lists_count_up_and_keep_what_was_revoked():
    folder = fresh("revoke")
    crl = folder / "la.crl"
    for number, certificates in ((1, [KEYS / "la-signing.crt"]), (2, [])):
        done = cli("directory", "revoke", "--ca", KEYS / "la-root", "--crl", crl, *certificates,
                   "--json")
        assert json.loads(done.stdout)["number"] == number
    text = subprocess.run(["openssl", "crl", "-inform", "DER", "-in", crl, "-noout", "-text"],
                          capture_output=True, text=True, check=True).stdout
    assert text.count("Serial Number") == 1


def case_a_root_revokes_only_its_own_certificates():
    folder = fresh("revoke-foreign")
    crl = folder / "la.crl"
    cli("directory", "revoke", "--ca", KEYS / "la-root", "--crl", crl, KEYS / "th-signing.crt",
        exit_code=NO, says="not issued by this root")
    assert not crl.exists()
    cli("directory", "revoke", "--ca", KEYS / "th-root", "--crl", crl)
    unchanged(crl, "directory", "revoke", "--ca", KEYS / "la-root", "--crl", crl,
              exit_code=COULD_NOT)
    unchanged(crl, "directory", "revoke", "--ca", KEYS / "la-root", "--crl", crl, KEYS / "log.pub",
              exit_code=COULD_NOT)


# --- profile ------------------------------------------------------------------------------

def profile_json(folder, **changes):
    """The JSON of a Lao profile with one rule; changes are members of that rule."""
    rule = {"id": "fruit", "authority": "la.customs", "role": "AUTHORITY_ROLE_DECIDES",
            "regimes": ["REGIME_IMPORT"], "goods": {"hs": ["0810"]}, "targetUs": "3600000000",
            "legalBasis": {"instrument": "Customs Law", "article": "5"}, "assumption": True}
    file = folder / "profile.json"
    file.write_text(json.dumps({"member": "la", "version": "1", "rules": [{**rule, **changes}]}))
    return file


def verify_profile(folder, profile, **expected):
    return cli("profile", "verify", profile, "--registry", folder / "registry.json",
               "--directory", folder / "la.json", "--json", **expected)


def case_a_signed_profile_is_accepted_and_edited_as_the_next_version():
    folder = fresh("profile")
    make_registry(folder)
    make_directory(folder)
    profile = folder / "la.profile.json"
    cli("profile", "init", profile, "--from-json", profile_json(folder))
    cli("profile", "sign", profile, "--key", KEYS / "la-governance.key")
    report = json.loads(verify_profile(folder, profile).stdout)
    assert report["valid"] and report["version"] == 1 and report["member"] == "la"
    cli("profile", "edit", profile, "--from-json", profile_json(folder, targetUs="7"),
        says="this is version 2")
    shown = json.loads(cli("profile", "show", profile).stdout)
    assert shown["version"] == "2" and shown["rules"][0]["targetUs"] == "7"
    verify_profile(folder, profile, exit_code=NO)
    cli("profile", "sign", profile, "--key", KEYS / "la-governance.key")
    verify_profile(folder, profile)


def case_a_profile_that_contradicts_is_refused_with_the_path_of_the_rule():
    folder = fresh("profile-contradiction")
    wrong = (({"demandsOf": "TH"}, "rules[0].demands_of"),
             ({"regimes": [], "technicalStandard": True}, "rules[0].technical_standard"),
             ({"targetUs": "0"}, "rules[0].target_us"),
             ({"authority": "th.doa"}, "rules[0].authority"),
             ({"goods": {"hs": ["8"]}}, "rules[0].goods.hs"),
             ({"legalBasis": {}}, "rules[0].legal_basis"),
             ({"assumption": False}, "rules[0].source"),
             ({"targetUs": "soon"}, "profile.json:1:"),
             ({"targetHours": 4}, "profile.json:1:"))
    for changes, path in wrong:
        cli("profile", "init", folder / "la.profile.json", "--from-json",
            profile_json(folder, **changes), exit_code=NO, says=path)
        assert not (folder / "la.profile.json").exists()


def case_a_profile_by_another_key_or_of_an_unknown_authority_is_refused():
    folder = fresh("profile-foreign")
    make_registry(folder)
    make_directory(folder)
    profile = folder / "la.profile.json"
    cli("profile", "init", profile, "--from-json", profile_json(folder))
    verify_profile(folder, profile, exit_code=NO)
    cli("profile", "sign", profile, "--key", KEYS / "th-governance.key")
    report = json.loads(verify_profile(folder, profile, exit_code=NO).stdout)
    assert report["contradiction"]["path"] == "signatures[0]", report
    cli("profile", "edit", profile, "--from-json", profile_json(folder, authority="la.nobody"))
    cli("profile", "sign", profile, "--key", KEYS / "la-governance.key")
    report = json.loads(verify_profile(folder, profile, exit_code=NO).stdout)
    assert report["contradiction"]["path"] == "rules[0].authority", report
    cli("profile", "verify", profile, "--registry", folder / "none.json", "--directory",
        folder / "la.json", exit_code=COULD_NOT)


# --- help ---------------------------------------------------------------------------------

def case_every_word_has_help_with_an_example():
    words = {"registry": ("init", "add-member", "add-router", "add-rule", "sign", "verify", "show"),
             "directory": ("init", "add-party", "add-office", "revoke", "sign", "verify", "show"),
             "profile": ("init", "edit", "sign", "verify", "show")}
    for verb, below in words.items():
        text = cli(verb, "--help").stdout
        cli(verb, exit_code=USAGE)
        for word in below:
            assert f"  {word}" in text, word
            shown = cli(verb, word, "--help").stdout
            assert "Example:\n" in shown and f"rivergate {verb} {word}" in shown, word
    assert "Example:\n" in cli("keygen", "--help").stdout


def finish():
    shutil.rmtree(ROOM)


if __name__ == "__main__":
    cases.run(globals())
