"""What VNACCS answers to a draft comes back to the sender: result codes, channel, clearance.

A Cambodian declaration becomes a draft IDA in the tray of Moc Bai; the test plays the
system and answers as it does, by the handover field and by the declaration number.
"""

import json
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import cases
import federation

BAVET, MOCBAI = "kh.customs.bavet", "vn.customs.mocbai"
DRAFTS = HERE.parents[1] / "adapters/kh/testdata"
HEADER, HANDOVER, CODE, JOB, DECLARATION = 400, 219, 8, 3, "105512345670"
folder = tempfile.TemporaryDirectory(prefix="rivergate-answers-vn-")
posts = tuple(post for post in federation.POSTS if post.address in (BAVET, MOCBAI))
world = federation.Federation(pathlib.Path(folder.name) / "world", posts).create()
world.start_router()
world.start_adapter(BAVET)
world.start_adapter(MOCBAI)
answers = world.dir / "parties" / BAVET / "state/answers"
lodged = {}


def wait(condition, what, seconds=40):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s\n{world.adapters[MOCBAI].text()[-2000:]}")


def answer_frame(code, body, handover="", job="IDA"):
    """A message of the system: job, output code, what it returns, and its items."""
    header = bytearray(b" " * HEADER)
    for offset, text in ((0, "SSR"), (JOB, job), (CODE, code), (HANDOVER, handover), (245, "000ER"), (363, "Q1"),
                         (392, f"{HEADER + len(body):06}"), (398, "\r\n")):
        header[offset:offset + len(text)] = text.encode()
    return bytes(header) + body


def items(values, length):
    """Lines without padding, those of `values` by their number filled in."""
    return b"".join(values.get(number, "").encode() + b"\r\n" for number in range(1, length + 1))


def told(identity, kind, code):
    def find():
        for path in answers.glob(f"{identity}.*.json"):
            answer = json.loads(path.read_text())
            if answer["kind"] == kind and answer.get("nativeCode") == code:
                return answer
        return None
    return wait(find, f"{kind} {code} about {identity}")


def case_draft_is_a_message_with_a_name_for_the_answers():
    file = sorted(DRAFTS.glob("export-*.xml"))[0]
    world.drop(BAVET, file.name, file.read_bytes())
    tray = world.tray(MOCBAI, "in")
    path = wait(lambda: next((path for path in tray.glob("*.txt")), None), "a draft")
    draft = path.read_bytes()
    assert draft[JOB:CODE] == b"IDA  " and int(draft[392:398]) == len(draft)
    assert draft[29:45] == b" " * 16, "credentials are the terminal's own"
    lodged["id"] = path.stem.removeprefix(f"{BAVET}-")
    lodged["name"] = draft[HANDOVER:HANDOVER + 26].decode().strip()
    assert len(lodged["name"]) == 20, lodged


def case_error_of_an_item_is_a_refusal_with_its_code():
    body = "S0012-CMD -0001".ljust(75).encode() + b"\r\n"
    world.drop(MOCBAI, "error.edi", answer_frame("*VIDA", body, lodged["name"]))
    answer = told(lodged["id"], "KIND_ACKNOWLEDGEMENT", "S0012")
    assert answer["outcome"] == "OUTCOME_REFUSED" and answer["from"] == MOCBAI
    wait((world.tray(MOCBAI, "done") / "error.edi").exists, "the answer in done/")


def case_success_is_taken_over():
    body = "00000-0000-0000".ljust(75).encode() + b"\r\n"
    world.drop(MOCBAI, "ok.edi", answer_frame("*VIDA", body, lodged["name"]))
    assert told(lodged["id"], "KIND_ACKNOWLEDGEMENT", "00000")["outcome"] == "OUTCOME_TAKEN_OVER"


def case_channel_is_a_decision_and_teaches_the_declaration_number():
    body = items({1: DECLARATION, 7: "3C", 15: "04052026", 16: "093012"}, 16)
    world.drop(MOCBAI, "channel.edi", answer_frame("VAD1AC", body, lodged["name"], "IDC"))
    answer = told(lodged["id"], "KIND_DECISION", "3C")
    assert answer["decision"] == "DECISION_STATUS_INSPECT" and answer["number"] == DECLARATION


def case_clearance_is_found_by_the_declaration_number():
    body = items({1: DECLARATION, 7: "1"}, 7)
    world.drop(MOCBAI, "cleared.edi", answer_frame("VAD1AG", body, "", "IDC"))
    assert told(lodged["id"], "KIND_DECISION", "1")["decision"] == "DECISION_STATUS_RELEASED"


def failed(name, content):
    world.drop(MOCBAI, name, content)
    path = world.tray(MOCBAI, "failed") / name
    wait(path.exists, f"{name} in failed/")
    return json.loads(path.with_name(f"{name}.findings.json").read_text())["findings"][0]["text"]


def case_code_that_nobody_knows_is_refused_and_not_guessed():
    body = "W0031-GW  -0000".ljust(75).encode() + b"\r\n"
    assert "not known" in failed("unknown.edi", answer_frame("*VIDA", body, lodged["name"]))


def case_truncated_answer_is_refused():
    body = "00000-0000-0000".ljust(75).encode() + b"\r\n"
    assert failed("short.edi", answer_frame("*VIDA", body, lodged["name"])[:-1])


def case_every_program_ends_cleanly():
    bad = world.stop()
    assert not bad, bad


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
