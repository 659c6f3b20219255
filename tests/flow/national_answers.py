"""What a national system answers to a draft comes back to the sender, with its own code.

A Lao declaration becomes a draft in the tray of the Chinese Single Window; the test plays
that system and answers as it does, in and out of order, and with answers to nothing.
"""

import json
import os
import pathlib
import re
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import cases
import federation

BOTEN, MOHAN = "la.customs.boten", "cn.gacc.mohan"
DRAFTS = HERE.parents[1] / "adapters/la/testdata"
folder = tempfile.TemporaryDirectory(prefix="rivergate-answers-")
posts = tuple(post for post in federation.POSTS if post.address in (BOTEN, MOHAN))
world = federation.Federation(pathlib.Path(folder.name) / "world", posts).create()
world.start_router()
world.start_adapter(BOTEN)
world.start_adapter(MOHAN)
answers = world.dir / "parties" / BOTEN / "state/answers"
drafts = {}


def wait(condition, what, seconds=40):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s\n{world.adapters[MOHAN].text()[-2000:]}")


def lodge(name):
    """Hands a Lao declaration in; returns our id of the draft and what China shall call it."""
    world.drop(BOTEN, name, (DRAFTS / name).read_bytes())
    tray = world.tray(MOHAN, "in")
    path = wait(lambda: next((path for path in tray.glob("*.xml") if path.name not in drafts), None), "a draft")
    drafts[path.name] = re.search("<ClientSeqNo>([^<]*)</ClientSeqNo>", path.read_text()).group(1)
    return path.stem.removeprefix(f"{BOTEN}-"), drafts[path.name]


def response(code, text, name, number=""):
    given = f"<SeqNo>{number}</SeqNo>" if number else ""
    return ('<?xml version="1.0" encoding="UTF-8"?><DecImportResponse xmlns="http://www.chinaport.gov.cn/dec">'
            f"<ResponseCode>{code}</ResponseCode><ErrorMessage>{text}</ErrorMessage>"
            f"<ClientSeqNo>{name}</ClientSeqNo>{given}</DecImportResponse>")


def result(channel, number, entry="", note="放行"):
    return (f"<DEC_RESULT><CUS_CIQ_NO>{number}</CUS_CIQ_NO><ENTRY_ID>{entry}</ENTRY_ID>"
            f"<NOTICE_DATE>2026-03-14T09:30:15</NOTICE_DATE><CHANNEL>{channel}</CHANNEL><NOTE>{note}</NOTE>"
            "<CUSTOM_MASTER>8612</CUSTOM_MASTER><I_E_DATE/><D_DATE/></DEC_RESULT>")


def told(identity, kind, code):
    """The answer about our message of this kind and code, once it is here."""
    def find():
        for path in answers.glob(f"{identity}.*.json"):
            answer = json.loads(path.read_text())
            if answer["kind"] == kind and answer.get("nativeCode") == code:
                return answer
        return None
    return wait(find, f"{kind} {code} about {identity}")


def case_draft_carries_a_name_for_the_answers():
    identity, name = lodge("export-bananas.xml")
    assert re.fullmatch("R[0-9A-Z]{19}", name), name
    drafts["first"] = (identity, name)
    other, second = lodge("export-mixed-oneline.xml")
    assert second != name
    drafts["second"] = (other, second)


def case_stored_by_the_import_client_is_an_acknowledgement_with_its_code():
    identity, name = drafts["first"]
    world.drop(MOHAN, "stored.xml", response("0", "暂存成功", name, "I20260000000000001").encode())
    answer = told(identity, "KIND_ACKNOWLEDGEMENT", "0")
    assert answer["outcome"] == "OUTCOME_TAKEN_OVER" and answer["from"] == MOHAN
    assert answer["findings"][0]["text"] == "暂存成功"
    assert answer["answers"] == [{"from": BOTEN, "id": identity, "relation": "RELATION_ACKNOWLEDGES"}]
    wait((world.tray(MOHAN, "done") / "stored.xml").exists, "the answer in done/")


def case_release_is_a_decision_found_by_the_number_learned_before():
    identity, _ = drafts["first"]
    world.drop(MOHAN, "released.xml", result("P", "I20260000000000001", "861220261000000017").encode())
    answer = told(identity, "KIND_DECISION", "P")
    assert answer["decision"] == "DECISION_STATUS_RELEASED" and answer["text"] == "放行"
    assert answer["number"] == "861220261000000017" and answer["ucr"] == "LA-LABTN-2026-C4711"
    assert answer["answers"][0]["relation"] == "RELATION_DECIDES"


def case_answer_in_the_old_wrapper_and_gb2312_is_read():
    identity, _ = drafts["first"]
    text = '<?xml version="1.0" encoding="GB2312"?><DEC_DATA>' + result(
        "C", "x", note="查验").replace("<CUS_CIQ_NO>x</CUS_CIQ_NO>", "<SEQ_NO>I20260000000000001</SEQ_NO>") + "</DEC_DATA>"
    world.drop(MOHAN, "old.xml", text.encode("gb2312"))
    answer = told(identity, "KIND_DECISION", "C")
    assert answer["decision"] == "DECISION_STATUS_INSPECT" and answer["text"] == "查验"


def case_refusal_by_the_import_client_is_a_refusal_with_its_words():
    identity, name = drafts["second"]
    world.drop(MOHAN, "refused.xml", response("1", "暂存失败：商品序号1", name).encode())
    answer = told(identity, "KIND_ACKNOWLEDGEMENT", "1")
    assert answer["outcome"] == "OUTCOME_REFUSED" and answer["findings"][0]["text"] == "暂存失败：商品序号1"


def case_answer_that_comes_too_early_waits_for_the_one_that_names_it():
    identity, name = drafts["second"]
    world.drop(MOHAN, "early.xml", result("J", "I20260000000000002").encode())
    time.sleep(2)
    assert (world.tray(MOHAN, "out") / "early.xml").exists()
    assert not (world.tray(MOHAN, "failed") / "early.xml").exists()
    world.drop(MOHAN, "late.xml", response("0", "暂存成功", name, "I20260000000000002").encode())
    assert told(identity, "KIND_DECISION", "J")["decision"] == "DECISION_STATUS_ACCEPTED"
    wait((world.tray(MOHAN, "done") / "early.xml").exists, "the early answer in done/")


def failed(name, text, age_s=0):
    out = world.tray(MOHAN, "out")
    hidden = out / f".{name}"
    hidden.write_bytes(text.encode())
    os.utime(hidden, (time.time() - age_s, time.time() - age_s))
    hidden.rename(out / name)
    path = world.tray(MOHAN, "failed") / name
    wait(path.exists, f"{name} in failed/")
    return json.loads(path.with_name(f"{name}.findings.json").read_text())["findings"][0]["text"]


def case_answer_to_nothing_is_refused_when_its_time_is_over():
    assert "names no declaration" in failed("stranger.xml", result("P", "I20269999999999999"), 3600)
    assert "names no declaration" in failed("unnamed.xml", result("P", ""), 3600)


def case_code_that_nobody_knows_is_refused_and_not_guessed():
    assert "not known" in failed("unknown.xml", result("Q", "I20260000000000001"))


def case_file_that_is_no_answer_is_refused():
    assert failed("nonsense.xml", "<DEC_RESULT><CHANNEL>P</CHANNEL>")
    assert failed("foreign.xml", "<SOMETHING/>")


def case_answers_survive_a_restart_of_the_adapter():
    identity, _ = drafts["second"]
    world.adapters[MOHAN].kill()
    world.start_adapter(MOHAN)
    world.drop(MOHAN, "guarantee.xml", result("K", "I20260000000000002").encode())
    assert told(identity, "KIND_DECISION", "K")["decision"] == "DECISION_STATUS_RELEASED_CONDITIONAL"


def case_every_program_ends_cleanly():
    bad = world.stop()
    assert not bad, bad


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
