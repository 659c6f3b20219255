"""What a site calls its elements, e-commerce lists, certificates: handed over and answered.

One Lao declaration becomes a Thai draft under the site's own names and a Chinese goods list;
a Thai certificate and what becomes of it reach Chinese quarantine. The test plays the systems.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import cases
import federation
from client import message_pb
from federation import Post

SOURCE = HERE.parents[1]
BOTEN, BONDED, MAESOT = "la.customs.boten", "cn.gacc.bonded", "th.customs.maesot"
DOA, QUARANTINE = "th.doa", "cn.gacc.quarantine"
POSTS = (
    Post(BOTEN, "Boten border post", ("BORDER_POST", "CUSTOMS"), "la", "p256",
         routes=({"format": "asycuda-sad", "kind": "DECLARATION", "purpose": "PREFILL",
                  "to": [BONDED, MAESOT]},)),
    Post(BONDED, "Bonded zone of Mohan", ("CUSTOMS",), "cn", "sm2",
         routes=({"format": "cn-ceb", "kind": "DECLARATION", "purpose": "ADVANCE", "to": [BOTEN]},),
         handover=({"kind": "DECLARATION", "purpose": "PREFILL", "format": "cn-ceb"},),
         answers=("cn-ceb-receipt",)),
    Post(MAESOT, "Mae Sot border post", ("BORDER_POST", "CUSTOMS"), "th", "ed25519",
         routes=({"format": "th-ecustoms", "kind": "DECLARATION", "purpose": "ADVANCE", "to": [BOTEN]},),
         handover=({"kind": "DECLARATION", "purpose": "PREFILL", "format": "th-ecustoms"},),
         answers=("th-ecustoms",)),
    Post(DOA, "Department of Agriculture", ("PLANT_QUARANTINE", "CERTIFIER"), "th", "ed25519",
         routes=({"format": "sps-ephyto", "kind": "CERTIFICATE", "to": [QUARANTINE]},)),
    Post(QUARANTINE, "Plant quarantine at Mohan", ("PLANT_QUARANTINE",), "cn", "sm2",
         handover=({"kind": "CERTIFICATE", "format": "sps-ephyto"},),
         answers=("sps-ephyto-answer",)),
)
NAMES = """ours,site
ImportDeclaration,CustomsImport
ExportDeclaration,CustomsExport
CompanyTaxNumber,TraderTaxNumber
*,cd:*
@xmlns:cd,urn:example:customs
"""


class World(federation.Federation):
    corridors = (("la", "cn"), ("la", "th"), ("th", "cn"))
    rule_words = ("--kind", "CERTIFICATE", "--kind", "CERTIFICATE_STATUS")


folder = tempfile.TemporaryDirectory(prefix="rivergate-documents-")
world = World(pathlib.Path(folder.name) / "world", POSTS).create()
names = world.dir / "parties" / MAESOT / "names.csv"
conf = world.dir / "parties" / MAESOT / "adapter.conf"
names.write_text(NAMES)
conf.write_text(conf.read_text() + 'names = ( { format = "th-ecustoms"; file = "names.csv"; } );\n')
world.start()
seen = {}


def wait(condition, what, address, seconds=40):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s\n{world.adapters[address].text()[-2000:]}")


def handed(address, sender, pattern="*.xml", but=()):
    """The next file in this tray from this sender, and the id of its message."""
    tray = world.tray(address, "in")
    path = wait(lambda: next((path for path in tray.glob(f"{sender}-{pattern}")
                              if path not in but and not path.name.endswith(".ack.json")), None),
                "a hand-over", address)
    return path, re.fullmatch("([0-9a-f]{32}).*", path.name.removeprefix(f"{sender}-")).group(1)


def told(sender, identity, kind, code):
    """The answer about this message of this kind and code, once it is here."""
    answers = world.dir / "parties" / sender / "state/answers"

    def find():
        for path in answers.glob(f"{identity}.*.json"):
            answer = json.loads(path.read_text())
            if answer["kind"] == kind and answer.get("nativeCode") == code:
                return answer
        return None
    return wait(find, f"{kind} {code} about {identity}", sender)


def done(address, name):
    wait((world.tray(address, "done") / name).exists, f"{name} in done/", address)


def case_draft_is_handed_over_under_the_names_of_the_site():
    world.drop(BOTEN, "bananas.xml", (SOURCE / "adapters/la/testdata/export-bananas.xml").read_bytes())
    path, seen["id"] = handed(MAESOT, BOTEN)
    text = path.read_text()
    assert "<cd:CustomsImport" in text and 'xmlns:cd="urn:example:customs"' in text
    assert "<cd:TraderTaxNumber>" in text and "CompanyTaxNumber" not in text and "ImportDeclaration>" not in text


def case_file_under_the_names_of_the_site_is_sent():
    text = (SOURCE / "adapters/th/testdata/export-durian.xml").read_text()
    text = text.replace("ExportDeclaration>", "CustomsExport>").replace("CompanyTaxNumber", "TraderTaxNumber")
    world.drop(MAESOT, "durian.xml", text.encode())
    done(MAESOT, "durian.xml")
    path, _ = handed(BOTEN, MAESOT, "*.json")
    assert json.loads(path.read_text())["country"] == "TH"


def case_setting_is_printed_with_the_others():
    printed = subprocess.run([world.programs["rivergate-adapter"], "--help-config"], capture_output=True, text=True,
                             timeout=60, check=True).stdout
    assert re.search(r"^names\b", printed, re.M) and "ours,site" in printed, printed


def case_wrong_names_are_refused_at_the_start_with_file_and_line():
    wrong = conf.with_name("wrong.csv")
    other = conf.with_name("wrong.conf")
    for text, words in ((NAMES + "NoSuchField,X\n", ("wrong.csv:7", "NoSuchField")), (None, ("no such file",))):
        wrong.unlink(missing_ok=True)
        if text:
            wrong.write_text(text)
        other.write_text(conf.read_text().replace("names.csv", "wrong.csv"))
        program = federation.Program("refused", [world.programs["rivergate-adapter"], "-c", other],
                                     world.dir / "refused.log")
        assert program.process.wait(30) == 2, program.text()
        assert all(word in program.text() for word in words), program.text()
    other.write_text(conf.read_text().replace('format = "th-ecustoms"; file', 'format = "json"; file'))
    program = federation.Program("refused", [world.programs["rivergate-adapter"], "-c", other],
                                 world.dir / "refused.log")
    assert program.process.wait(30) == 2 and "names a site replaces" in program.text(), program.text()


def receipt(status, text, number=""):
    """What customs say of the goods list that was handed over."""
    whole = (SOURCE / "adapters/cn/testdata/ceb/receipt-ceb622.xml").read_text()
    whole = whole[:whole.index("  <!-- second -->")] + "</CEB622Message>\n"
    for name, value in (("copNo", seen["list"]), ("returnStatus", status), ("returnInfo", text),
                        ("preNo", number), ("invtNo", "")):
        whole = re.sub(f"<{name}>[^<]*</{name}>", f"<{name}>{value}</{name}>" if value else "", whole)
    return whole.encode()


def case_goods_list_carries_a_name_for_its_receipts():
    path, identity = handed(BONDED, BOTEN)
    assert identity == seen["id"]
    text = path.read_text()
    assert "<CEB621Message" in text
    seen["list"] = re.search("<copNo>([^<]*)</copNo>", text).group(1)
    assert re.fullmatch("R[0-9A-Z]{19}", seen["list"]), seen


# returnStatus, what it becomes at the sender, and as what.
RECEIPTS = (("2", "KIND_ACKNOWLEDGEMENT", "OUTCOME_TAKEN_OVER", "申报成功"),
            ("120", "KIND_DECISION", "DECISION_STATUS_REGISTERED", "逻辑校验通过"),
            ("500", "KIND_DECISION", "DECISION_STATUS_INSPECT", "查验"),
            ("800", "KIND_DECISION", "DECISION_STATUS_RELEASED", "放行"),
            ("100", "KIND_ACKNOWLEDGEMENT", "OUTCOME_REFUSED", "海关退单"))


def case_receipts_of_the_list_become_answers_with_their_codes():
    for status, kind, meaning, text in RECEIPTS:
        world.drop(BONDED, f"receipt-{status}.xml", receipt(status, text, "B20260000000000017"))
        answer = told(BOTEN, seen["id"], kind, status)
        assert answer.get("outcome", answer.get("decision")) == meaning and answer["from"] == BONDED, answer
        said = answer["text"] if kind == "KIND_DECISION" else answer["findings"][0]["text"]
        assert said == text, answer
        done(BONDED, f"receipt-{status}.xml")


def case_receipt_whose_code_nobody_knows_is_refused_and_not_guessed():
    world.drop(BONDED, "unknown.xml", receipt("18", "?"))
    path = world.tray(BONDED, "failed") / "unknown.xml"
    wait(path.exists, "the receipt in failed/", BONDED)
    assert "not known" in path.with_name("unknown.xml.findings.json").read_text()


def case_file_of_a_hundred_orders_becomes_a_hundred_messages():
    whole = (SOURCE / "adapters/cn/testdata/ceb/request-ceb311.xml").read_text()
    start, end = whole.index("<ceb:Order>"), whole.index("</ceb:Order>") + len("</ceb:Order>")
    rest = whole[whole.rindex("</ceb:Order>") + len("</ceb:Order>"):]
    orders = "".join(whole[start:end].replace("ORD-2024-0001", f"ORD-{number:04}") for number in range(100))
    world.drop(BONDED, "orders.xml", (whole[:start] + orders + rest).encode())
    done(BONDED, "orders.xml")
    tray = world.tray(BOTEN, "in")
    wait(lambda: len(list(tray.glob(f"{BONDED}-*.json"))) - len(list(tray.glob(f"{BONDED}-*.ack.json"))) >= 100,
         "a hundred orders", BOTEN, 60)
    receipts = world.dir / "parties" / BONDED / "state/receipts"
    headers = [message_pb.Header.FromString(message_pb.Envelope.FromString(path.read_bytes()).header)
               for path in receipts.glob("*.rge")]
    orders = [header for header in headers if header.kind == message_pb.KIND_DECLARATION]
    assert len(orders) == 100
    assert sorted({len(header.refs) for header in orders}) == [0, 1, 2]


CERTIFICATE = (SOURCE / "adapters/formats/sps-ephyto/testdata/certificate-durian.xml").read_text()
NUMBER = "TH-PC-2026-004711"


def envelopes(address, kind):
    """Headers of this kind that this party received."""
    received = world.dir / "parties" / address / "state/received"
    headers = [message_pb.Header.FromString(message_pb.Envelope.FromString(path.read_bytes()).header)
               for path in received.rglob("*.rge")]
    return [header for header in headers if header.kind == kind]


def case_certificate_reaches_quarantine_as_it_was_written():
    world.drop(DOA, "certificate.xml", CERTIFICATE.encode())
    done(DOA, "certificate.xml")
    path, seen["certificate"] = handed(QUARANTINE, DOA)
    seen["files"] = [path]
    text = path.read_text()
    assert f"<ram:ID>{NUMBER}</ram:ID>" in text and "<ram:StatusCode>70</ram:StatusCode>" in text
    assert "ผลไม้มาจากสวนที่ขึ้นทะเบียน" in text
    assert told(DOA, seen["certificate"], "KIND_ACKNOWLEDGEMENT", "")["handedOverAs"] == "sps-ephyto"
    header = wait(lambda: envelopes(QUARANTINE, message_pb.KIND_CERTIFICATE), "the header", QUARANTINE)[0]
    assert header.certificate.number == NUMBER and not header.purpose


def case_word_of_the_hub_about_it_goes_back_to_its_issuer():
    text = (SOURCE / "adapters/formats/sps-ephyto/testdata/answers/delivered.xml").read_text()
    text = re.sub("(NPPOCertificateNumber>)[^<]*<", rf"\g<1>{NUMBER}<", text)
    world.drop(QUARANTINE, "delivered.xml", text.encode())
    answer = told(DOA, seen["certificate"], "KIND_ACKNOWLEDGEMENT", "PendingDelivery")
    assert answer["outcome"] == "OUTCOME_TAKEN_OVER"


def case_withdrawal_of_it_is_handed_over_in_the_same_format():
    world.drop(DOA, "withdrawn.xml", CERTIFICATE.replace("StatusCode>70<", "StatusCode>41<").encode())
    done(DOA, "withdrawn.xml")
    path, identity = handed(QUARANTINE, DOA, but=seen["files"])
    seen["files"].append(path)
    assert "<ram:StatusCode>41</ram:StatusCode>" in path.read_text()
    assert told(DOA, identity, "KIND_ACKNOWLEDGEMENT", "")["handedOverAs"] == "sps-ephyto"
    header = wait(lambda: envelopes(QUARANTINE, message_pb.KIND_CERTIFICATE_STATUS), "the header", QUARANTINE)[0]
    assert header.certificate_status.number == NUMBER
    assert header.certificate_status.status == header.certificate_status.STATUS_WITHDRAWN


def case_state_that_the_format_has_no_word_for_is_handed_over_as_json():
    document = world.cli("convert", "--from", "sps-ephyto", SOURCE / "adapters/formats/sps-ephyto/testdata/"
                         "certificate-durian.xml").stdout.replace("STATE_ISSUED", "STATE_REPLACED")
    file = world.dir / "replaced.json"
    file.write_text(document)
    world.cli("submit", "--home", world.dir, "--as", DOA, "--format", "json", "--to", QUARANTINE, file)
    path, _ = handed(QUARANTINE, DOA, "*.json")
    shown = json.loads(path.read_text())
    assert shown["state"] == "CERTIFICATE_STATE_REPLACED" and shown["number"] == NUMBER, shown


def case_every_country_of_the_containers_has_its_own_plugin():
    installed = {(entry["cc"], entry["name"]) for entry in json.loads(world.cli("formats", "--json").stdout)}
    files = sorted((SOURCE / "docker/adapters").glob("*.conf"))
    assert [path.stem for path in files] == sorted(federation.MEMBERS)
    for path in files:
        text = path.read_text()
        answers = re.search(r"answers = \[([^]]*)\]", text)
        wanted = set(re.findall(r'format = "([^"]+)"', text)) | set(re.findall(r'"([^"]+)"', answers[1] if answers else ""))
        assert f'country = "{path.stem}";' in text and wanted > {"json"}, (path, wanted)
        for name in wanted - {"json"}:
            assert (path.stem, name.removeprefix(f"{path.stem}/")) in installed, (path, name)


def case_every_program_ends_cleanly():
    bad = world.stop()
    assert not bad, bad


def finish():
    world.kill()
    folder.cleanup()


cases.run(globals())
