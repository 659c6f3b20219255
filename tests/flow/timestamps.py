"""Time-stamps over checkpoints, with an authority of the test's own: `openssl ts` behind HTTP.

Half of what it answers is wrong. The router stores none of that, says why, and goes on. Then an
auditor looks at what was stored, and at what others made of it.
"""

import http.server
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import time

import authority
import cases
import forging
import logs
from logs import USAGE

folder = tempfile.TemporaryDirectory(prefix="rivergate-timestamps-")
room = pathlib.Path(folder.name)


# --- The authority ----------------------------------------------------------------------------

good = authority.Authority(room / "good")
stranger = authority.Authority(room / "stranger")
expired = authority.Authority(room / "expired", ends=-authority.HOUR)


def other_imprint(query):
    at = query.index(b"\x04\x20") + 2
    return query[:at] + bytes(32) + query[at + 32:]


def other_nonce(query):
    at = query.index(b"\x04\x20") + 34
    assert query[at] == 2
    last = at + 1 + query[at + 1]
    return query[:last] + bytes([query[last] ^ 1]) + query[last + 1:]


# How the authority answers: query in, (status, body) out. `mode` names one.
def changed(query):
    body = bytearray(good.reply(query))
    body[-10] ^= 1
    return 200, bytes(body)


MODES = {
    "good": lambda query: (200, good.reply(query)),
    "imprint": lambda query: (200, good.reply(other_imprint(query))),
    "nonce": lambda query: (200, good.reply(other_nonce(query))),
    "stranger": lambda query: (200, stranger.reply(query)),
    "expired": lambda query: (200, expired.reply(query)),
    "changed": changed,
    "trailing": lambda query: (200, good.reply(query) + b"\0"),
    "truncated": lambda query: (200, good.reply(query)[:-40]),
    "garbage": lambda query: (200, b"<html>not today</html>"),
    "empty": lambda query: (200, b""),
    "denied": lambda query: (200, good.reply(b"no query")),
    "oversized": lambda query: (200, good.reply(query) + bytes(1 << 20)),
    "error": lambda query: (500, good.reply(query)),
    "moved": lambda query: (302, good.reply(query)),
}
mode = "good"
asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"]))
        asked.append((mode, self.headers["Content-Type"]))
        if mode == "slow":
            time.sleep(60)
            return
        status, body = MODES[mode](query)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass    # the router hangs up on what is too long

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
port = server.server_address[1]
threading.Thread(target=server.serve_forever, daemon=True).start()
SETTINGS = {"tsa_url": f"http://127.0.0.1:{port}/tsa", "tsa_ca": good.dir / "ca.pem", "tsa_interval_s": 1}
log = logs.Log(room / "world", (), SETTINGS)
stamps = log.dir / "timestamp"


# --- What the router makes of it --------------------------------------------------------------

def tokens():
    return {int(path.stem) for path in stamps.glob("*.tsr")} if stamps.exists() else set()


def checkpoint_size():
    path = log.dir / "checkpoint"
    return int(path.read_text().split("\n")[1]) if path.exists() else -1


def refused(answer, says, seconds=15):
    """The authority answers so; no token comes of it, the log says why, and messages pass."""
    global mode
    mode = answer
    before, offset = tokens(), len(log.world.router.text())
    sent = log.send(1, size=10)
    logs.wait_until(lambda: any(" stamp failed " in line and re.search(says, line) for line in
                                log.world.router.text()[offset:].splitlines()), f"{answer}: {says}", seconds)
    assert tokens() == before, f"{answer}: a token was stored"
    assert log.send(1, size=10).keys() > set() and sent


def case_a_checkpoint_is_stamped_and_stock_tools_verify_it():
    global mode
    mode = "good"
    log.start()
    log.send(3)
    logs.wait_until(lambda: checkpoint_size() in tokens(), "no token")
    size = max(tokens())
    note = (stamps / f"{size}.checkpoint").read_text()
    assert log.key.open(note)[0] == size
    text = room / "text"
    text.write_text(note[:note.index("\n\n") + 1])
    done = subprocess.run(["openssl", "ts", "-verify", "-data", text, "-in", stamps / f"{size}.tsr",
                           "-CAfile", good.dir / "ca.pem"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert asked[-1] == ("good", "application/timestamp-query")


def case_the_operator_sees_the_newest_time_stamp():
    conf = log.world.dir / "parties/la.operations/client.conf"
    shown = log.world.cli("status", "--config", conf, check=False)
    assert re.search(r"time-stamp +20\d\d-", shown.stdout), shown.stdout + shown.stderr


def case_the_same_checkpoint_is_stamped_once():
    time.sleep(2.5)    # until the newest head is published, and stamped
    size, n = checkpoint_size(), len(asked)
    before = (stamps / f"{size}.tsr").read_bytes()
    time.sleep(2.5)
    assert len(asked) == n and (stamps / f"{size}.tsr").read_bytes() == before


def case_a_restart_stamps_what_is_new_only():
    log.stop()
    had = tokens()
    log.start()
    logs.wait_until(lambda: checkpoint_size() in tokens(), "no token after a restart")
    assert tokens() > had


def case_a_token_over_something_else_is_refused():
    refused("imprint", "imprint")


def case_a_token_of_another_query_is_refused():
    refused("nonce", "nonce")


def case_a_token_of_another_authority_is_refused():
    refused("stranger", "certificate verify error")


def case_a_token_of_an_expired_certificate_is_refused():
    refused("expired", "certificate verify error")


def case_a_changed_token_is_refused():
    refused("changed", "why=.*(signature|digest|verif|decode|tag|certificate|response)")


def case_what_is_no_response_is_refused():
    for answer in ("garbage", "empty", "truncated", "trailing"):
        refused(answer, "no time-stamp response")


def case_a_denial_is_told():
    refused("denied", "did not grant")


def case_a_long_answer_is_cut():
    refused("oversized", "too long")


def case_another_http_status_is_told_and_no_redirect_followed():
    n = len(asked)
    refused("error", "another HTTP status")
    refused("moved", "another HTTP status")
    assert len(asked) > n


def case_a_slow_authority_holds_up_neither_messages_nor_the_stop():
    global mode
    mode = "slow"
    n = len(asked)
    log.send(1, size=10)
    logs.wait_until(lambda: len(asked) > n, "was not asked")
    start = time.monotonic()
    log.send(5, size=10)
    log.stop()
    assert time.monotonic() - start < 10
    mode = "good"
    log.start()


def case_an_authority_that_is_down_is_visible_and_its_return_too():
    global mode
    before = tokens()
    server.shutdown()
    server.server_close()
    log.send(1, size=10)
    offset = len(log.world.router.text())
    log.world.router.wait_for(" stamp failed ", 20)
    log.send(1, size=10)
    mode = "good"
    again = Server(("127.0.0.1", port), Handler)
    threading.Thread(target=again.serve_forever, daemon=True).start()
    logs.wait_until(lambda: checkpoint_size() in tokens(), "no token after the authority came back")
    assert tokens() > before and " stamp stored " in log.world.router.text()[offset:]
    log.stop()


# --- What an auditor makes of it --------------------------------------------------------------

CA = good.dir / "ca.pem"
FORGED = []
KNOWN = {"found": 0, "flipped": 0}


def verify(folder, *words, code=logs.DONE):
    done = log.world.cli("audit", "verify", "--json", *words, folder, check=False)
    assert code is None or done.returncode == code, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    return json.loads(done.stdout)


def found(folder, rule, text, *words):
    report = verify(folder, *words, code=1)
    hits = [one for one in report["findings"] if one["rule"] == rule and text in one["text"]]
    assert hits, f"no {rule} with '{text}': {json.dumps(report['findings'][:10], indent=1)}"
    return report, hits


def copied():
    folder = room / f"copy-{len(FORGED)}"
    FORGED.append(folder)
    shutil.copytree(log.dir, folder, ignore=shutil.ignore_patterns("index", "keys", "lock"))
    return folder


def stamp(folder, note, by=good):
    return by.stamp(folder, note)


def case_tokens_of_an_honest_log_hold():
    report = verify(log.dir, "--tsa-ca", CA)
    assert report["timeStampsJudged"] and report["timeStampsHold"] == len(tokens()) >= 3
    assert report["stampedSize"] == max(tokens()) and report["compared"] == len(tokens())
    assert 0 < report["stampedFirstUs"] < report["stampedLastUs"] < time.time() * 1e6
    shown = log.world.cli("audit", "verify", "--tsa-ca", CA, log.dir)
    assert f"{len(tokens())} of {len(tokens())} time-stamps hold: 20" in shown.stdout


def case_tokens_that_nobody_judged_are_told_as_such():
    report = verify(log.dir)
    assert not report["timeStampsJudged"] and report["timeStamps"] == len(tokens())
    assert report["timeStampsHold"] == 0
    assert "time-stamps not judged (give --tsa-ca)" in log.world.cli("audit", "verify", log.dir).stdout


def case_one_of_several_authorities_is_enough():
    both = room / "both.pem"
    both.write_bytes((stranger.dir / "ca.pem").read_bytes() + CA.read_bytes())
    for words in (("--tsa-ca", both), ("--tsa-ca", stranger.dir / "ca.pem", "--tsa-ca", CA)):
        assert verify(log.dir, *words)["timeStampsHold"] == len(tokens())


def case_tokens_of_an_authority_that_is_not_trusted_are_found():
    report, hits = found(log.dir, "TIMESTAMP", "certificate verify error", "--tsa-ca", stranger.dir / "ca.pem")
    assert len(hits) == len(tokens()) and report["timeStampsHold"] == 0


def case_token_of_an_authority_whose_certificate_had_expired_is_found():
    folder = copied()
    stamp(folder, (folder / f"timestamp/{max(tokens())}.checkpoint").read_text(), expired)
    found(folder, "TIMESTAMP", f"{max(tokens())}.tsr: certificate", "--tsa-ca", expired.dir / "ca.pem")


def case_token_over_another_checkpoint_is_found():
    folder = copied()
    one, other = sorted(tokens())[:2]
    shutil.copy(stamps / f"{one}.tsr", folder / f"timestamp/{other}.tsr")
    _, hits = found(folder, "TIMESTAMP", f"{other}.tsr: message imprint", "--tsa-ca", CA)
    assert len(hits) == 1


def case_changed_byte_of_a_token_is_found():
    size = min(tokens())
    honest = verify(log.dir, "--tsa-ca", CA)["stampedFirstUs"]
    for at in range(3, (stamps / f"{size}.tsr").stat().st_size, 131):
        folder = copied()
        logs.flip(folder / f"timestamp/{size}.tsr", at)
        report = verify(folder, "--tsa-ca", CA, code=None)
        is_found = report["timeStampsHold"] == len(tokens()) - 1 and report["findings"]
        # Of the container around the signed time a few bytes say nothing.
        assert is_found or report["stampedFirstUs"] == honest, f"byte {at}"
        KNOWN["found"] += bool(is_found)
        KNOWN["flipped"] += 1
        shutil.rmtree(folder)
    assert KNOWN["found"] >= 0.8 * KNOWN["flipped"], KNOWN


def case_token_that_is_none_is_found():
    for content in (b"", b"no token", bytes(1 << 17)):
        folder = copied()
        (folder / f"timestamp/{min(tokens())}.tsr").write_bytes(content)
        found(folder, "TIMESTAMP", "no time-stamp response", "--tsa-ca", CA)


def case_token_without_its_checkpoint_is_found():
    folder = copied()
    size = min(tokens())
    (folder / f"timestamp/{size}.checkpoint").unlink()
    found(folder, "TIMESTAMP", "not there, or not of this log", "--tsa-ca", CA)
    shutil.copy(stamps / f"{max(tokens())}.checkpoint", folder / f"timestamp/{size}.checkpoint")
    found(folder, "TIMESTAMP", "not there, or not of this log", "--tsa-ca", CA)


def case_removed_token_is_only_less_evidence():
    folder = copied()
    (folder / f"timestamp/{min(tokens())}.tsr").unlink()
    assert verify(folder, "--tsa-ca", CA)["timeStampsHold"] == len(tokens()) - 1
    shutil.rmtree(folder / "timestamp")
    assert verify(folder, "--tsa-ca", CA)["timeStamps"] == 0


def case_record_that_states_a_later_time_than_the_token_that_covers_it_is_found():
    forged = forging.Forged(log.dir, room / "postdated", log.dir / "keys/log.key")
    shutil.rmtree(forged.dir / "timestamp")
    (forged.dir / "timestamp").mkdir()
    at = len(forged.leaves) - 3
    for index in range(at, len(forged.leaves)):
        forged.set_meta(index, time_us=forged.fields(index)[1].time_us + 3600 * 1_000_000)
    forged.write()
    verify(forged.dir, "--tsa-ca", CA)    # nobody outside saw it
    stamp(forged.dir, forged.note(at))
    assert verify(forged.dir, "--tsa-ca", CA)["stampedSize"] == at
    stamp(forged.dir, forged.note(len(forged.leaves)))
    _, hits = found(forged.dir, "TIME_AHEAD", "an authority had stamped it by", "--tsa-ca", CA)
    assert hits[0]["record"] == at
    verify(forged.dir)    # and who trusts no authority learns nothing from it


def case_history_rewritten_after_a_token_is_found_even_by_who_trusts_no_authority():
    forged = forging.Forged(log.dir, room / "rewritten", log.dir / "keys/log.key")
    size = min(tokens())
    forged.set_meta(size - 1, time_us=forged.fields(size - 1)[1].time_us + 1)
    forged.write()
    found(forged.dir, "HISTORY", f"{size}.checkpoint")
    report, _ = found(forged.dir, "HISTORY", f"{size}.checkpoint", "--tsa-ca", CA)
    assert report["timeStampsHold"] == 0


def case_later_run_judges_all_tokens_again():
    state = room / "state"
    words = ("--state", state, "--tsa-ca", CA)
    assert verify(log.dir, *words)["timeStampsHold"] == len(tokens())
    again = verify(log.dir, *words)
    assert again["timeStampsHold"] == len(tokens()) and again["read"] == 0


def case_renewal_by_the_operator_is_passed_over_and_copied():
    """As router/README.md says: a list of the tokens there are, stamped by another authority."""
    folder = copied() / "timestamp"
    for name in ("renewal-2027-01-01", "renewal-2028-01-01"):
        subprocess.run(f"sha512sum -- *.checkpoint *.tsr $(ls renewal-*.sums 2>/dev/null) > ../{name} && "
                       f"mv ../{name} {name}.sums", shell=True, cwd=folder, check=True)
        (folder / f"{name}.tsr").write_bytes(stranger.token((folder / f"{name}.sums").read_text()))
    assert "renewal-2027-01-01.sums" in (folder / "renewal-2028-01-01.sums").read_text()
    assert verify(folder.parent, "--tsa-ca", CA)["timeStampsHold"] == len(tokens())
    conf = folder.parent / "rivergated.conf"
    conf.write_text(log.conf.read_text().replace(f'data_dir = "{log.dir}"', f'data_dir = "{folder.parent}"'))
    log.run("backup", room / "renewed", conf=conf)
    assert (room / "renewed/timestamp/renewal-2027-01-01.sums").exists()
    done = subprocess.run("sha512sum -c renewal-2028-01-01.sums && openssl ts -verify -data renewal-2028-01-01.sums "
                          f"-in renewal-2028-01-01.tsr -CAfile {stranger.ca}", shell=True, check=False,
                          cwd=room / "renewed/timestamp", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def case_file_without_a_certificate_could_not_be_used():
    for content in (None, "", "-----BEGIN NOTHING-----\n"):
        path = room / f"auditor-{content and len(content)}.pem"
        if content is not None:
            path.write_text(content)
        done = log.world.cli("audit", "verify", "--tsa-ca", path, log.dir, check=False)
        assert done.returncode == 3 and "no-certificate" in done.stderr, done.stderr


def case_without_an_authority_nothing_is_asked():
    conf = log.copy(room / "without")
    lines = [line for line in conf.read_text().splitlines(True) if not line.startswith("tsa_")]
    conf.write_text("".join(lines))
    n = len(asked)
    program = logs.federation.Program("rivergated", [log.world.programs["rivergated"], "-c", conf],
                                      room / "without.log")
    program.wait_for(" start ready ")
    time.sleep(1)
    assert program.stop() == 0 and len(asked) == n


def case_a_missing_or_empty_certificate_file_stops_the_start():
    for content in (None, "", "-----BEGIN NOTHING-----\n"):
        conf = log.copy(room / f"ca{content and len(content)}")
        ca = conf.parent / "other.pem"
        if content is not None:
            ca.write_text(content)
        conf.write_text(conf.read_text().replace(str(good.dir / "ca.pem"), str(ca)))
        program = logs.federation.Program("rivergated", [log.world.programs["rivergated"], "-c", conf],
                                          conf.parent / "again.log")
        assert program.process.wait(30) == USAGE, program.text()
        assert "tsa_ca" in program.text()


def finish():
    log.kill()
    folder.cleanup()


cases.run(globals())
