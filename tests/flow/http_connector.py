"""Hand-over by HTTP: exactly once where the national system honours keys, never silently
twice where it does not; and what the national system sends comes in once.

Router and adapters are the real programs; the national system is a server of the test
that fails, hangs, cuts connections, answers twice and is killed (national_http.py).
"""

import http.client
import json
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import cases
import federation
from national_http import Authority, NationalSystem

SENDER, RECEIVER = "kh.customs.bavet", "vn.customs.mocbai"
TOKEN, INWARD_TOKEN = "out-token-0123456789abcdef", "in-token-fedcba9876543210"
folder = tempfile.TemporaryDirectory(prefix="rivergate-http-")
root = pathlib.Path(folder.name)
posts = tuple(post for post in federation.with_loopback() if post.address in (SENDER, RECEIVER))
world = federation.Federation(root / "world", posts).create()
party = world.dir / "parties" / RECEIVER
conf = party / "adapter.conf"
exchange = party / "state/exchange"
plain_conf = conf.read_text()

authority, stranger = Authority(root, "authority"), Authority(root, "stranger")
server_pems = authority.issue("server", True)
client_pems = authority.issue("client", False)
strange_pems = stranger.issue("strange", False)
listen_port = federation.free_port()
for name, text in (("out.token", TOKEN), ("in.token", INWARD_TOKEN)):
    (root / name).write_text(text + "\n")
    (root / name).chmod(0o600)


def server_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*server_pems)
    context.load_verify_locations(authority.path)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


careful = NationalSystem(idempotent=True, tls=server_context())
careless = NationalSystem(idempotent=False)
SECURE = {"url": careful.url, "ca": authority.path, "certificate": client_pems[0],
          "key": client_pems[1], "token_file": root / "out.token", "idempotent": True,
          "timeout_s": 3, "connect_timeout_s": 2, "retry_first_ms": 50, "retry_max_s": 1,
          "listen": f"127.0.0.1:{listen_port}", "listen_certificate": server_pems[0],
          "listen_key": server_pems[1], "listen_client_ca": authority.path,
          "listen_token_file": root / "in.token"}
PLAIN = {"url": careless.url, "idempotent": False, "timeout_s": 2, "connect_timeout_s": 2,
         "retry_first_ms": 50, "retry_max_s": 1}


def write_conf(settings, **more):
    lines = [line for line in plain_conf.splitlines(keepends=True)
             if line.split(" = ")[0] not in ("connector", "directory", *more)]
    settings = {key: value if isinstance(value, (bool, int)) else str(value)
                for key, value in settings.items()}
    rest = {"connector": "http", "http": settings, **more}
    conf.write_text("".join(lines) + "".join(f"{key} = {federation.quote(value)};\n"
                                             for key, value in rest.items()))


def start(settings=None, **more):
    if settings:
        write_conf(settings, **more)
    return world.start_adapter(RECEIVER)


def restart(settings, **more):
    assert world.adapters[RECEIVER].stop() == 0, world.adapters[RECEIVER].text()[-1500:]
    return start(settings, **more)


def wait(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {seconds} s\n{world.adapters[RECEIVER].text()[-2500:]}")


def document(ucr):
    return f"# rivergate loopback 1\ncountry\tKH\nucr\t{ucr}\nreference.number\t1\n".encode()


def lodge(ucr):
    world.drop(SENDER, f"{ucr}.txt", document(ucr))


def taken(system, ucr):
    """Declarations of this consignment that the system took over, once for each time."""
    return [request for request in system.taken
            if ucr.encode() in request.body and b'"kind"' not in request.body]


def answer(ucr):
    """The acknowledgement of this consignment that came back to its sender."""
    def find():
        for path in (world.dir / "parties" / SENDER / "state/answers").glob("*.json"):
            told = json.loads(path.read_text())
            if told["ucr"] == ucr and told["kind"] == "KIND_ACKNOWLEDGEMENT":
                return told
        return None
    return wait(find, f"answer about {ucr}")


def once(system, ucr):
    """Waits for the acknowledgement: taken over, and exactly once."""
    told = answer(ucr)
    assert told["outcome"] == "OUTCOME_TAKEN_OVER", told
    assert len(taken(system, ucr)) == 1, (ucr, len(taken(system, ucr)))
    key = taken(system, ucr)[0].key
    assert system.counts[key] == 1
    return key


def set_aside(system, ucr, times=(0, 1)):
    told = answer(ucr)
    assert told["outcome"] == "OUTCOME_REFUSED", told
    assert told["findings"][0]["rule"] == "POSSIBLY_HANDED_OVER", told
    assert len(taken(system, ucr)) in times, len(taken(system, ucr))


def kill_adapter():
    world.adapters[RECEIVER].kill()


def kill_before_counting(handler, request):
    kill_adapter()
    handler.cut()


def kill_after_counting(handler, request):
    handler.take(request)
    kill_adapter()
    handler.cut()


def kill_after_the_answer(handler, request):
    handler.act_ok(request)
    kill_adapter()


def case_file_is_posted_over_tls_with_certificate_token_and_key():
    world.start_router()
    world.start_adapter(SENDER)
    start(SECURE)
    lodge("KH-FIRST")
    key = once(careful, "KH-FIRST")
    request = taken(careful, "KH-FIRST")[0]
    assert key.startswith(f"{SENDER}-") and len(key) == len(SENDER) + 33, key
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Rivergate-File"] == f"{key}.json"
    assert (exchange / "done" / f"{key}.json").read_bytes() == request.body
    assert not list((exchange / "tmp").iterdir())


def case_failures_of_the_system_are_tried_again_under_the_same_key():
    careful.next("500", "503", "429", "cut", "take_and_cut", "half_an_answer", "garbage")
    lodge("KH-FAILS")
    key = once(careful, "KH-FAILS")
    tries = [request for request in careful.requests if request.key == key]
    assert len(tries) == 8 and len({request.body for request in tries}) == 1, len(tries)


def case_hanging_and_chattering_system_takes_it_once():
    for ucr, action in (("KH-HANGS", "hang"), ("KH-TWICE", "twice"), ("KH-ENDLESS", "endless")):
        careful.next(action)
        lodge(ucr)
        once(careful, ucr)


def case_refusal_goes_to_the_sender_with_its_words():
    careful.next("422")
    lodge("KH-REFUSED")
    told = answer("KH-REFUSED")
    assert told["outcome"] == "OUTCOME_REFUSED" and told["nativeCode"] == "422", told
    assert told["findings"][0]["rule"] == "NATIONAL_SYSTEM"
    assert "HS code 0803.90" in told["findings"][0]["text"], told
    findings = wait(lambda: list((exchange / "failed").glob("*.findings.json")), "findings")
    assert "0803.90" in json.loads(findings[0].read_text())["findings"][0]["text"]
    assert not taken(careful, "KH-REFUSED")


def case_redirect_and_wrong_credentials_wait_and_are_loud():
    elsewhere = NationalSystem(idempotent=True)
    careful.elsewhere = elsewhere.url
    careful.next("redirect", "401")
    lodge("KH-MOVED")
    once(careful, "KH-MOVED")
    assert not elsewhere.requests
    elsewhere.close()
    log = world.adapters[RECEIVER].text()
    assert " error http not-handed-over" in log and "status=307" in log and "status=401" in log


def case_system_that_is_away_or_killed_gets_it_when_it_is_back():
    careful.stop()
    lodge("KH-AWAY")
    wait(lambda: "not-handed-over" in world.adapters[RECEIVER].text().split("KH-")[-1], "attempt")
    time.sleep(0.5)
    assert not taken(careful, "KH-AWAY")
    careful.start()
    once(careful, "KH-AWAY")


def case_killed_adapter_hands_over_exactly_once():
    for number, action in enumerate((kill_before_counting, kill_after_counting,
                                     kill_after_the_answer, "503", "hang")):
        ucr = f"KH-KILL{number}"
        before = len(careful.requests)
        careful.next(action)
        lodge(ucr)
        wait(lambda n=before: len(careful.requests) > n, "request")
        time.sleep(0.2)
        kill_adapter()
        start()
        once(careful, ucr)


def case_killed_adapter_at_any_moment_hands_over_exactly_once():
    for number in range(6):
        ucr = f"KH-ANY{number}"
        lodge(ucr)
        time.sleep(0.05 * (number + 1))
        kill_adapter()
        start()
    for number in range(6):
        once(careful, f"KH-ANY{number}")
    assert set(careful.counts.values()) == {1}


def case_wrong_authority_is_not_trusted():
    restart({**SECURE, "ca": stranger.path})
    before = len(careful.requests)
    lodge("KH-TRUST")
    wait(lambda: "not-handed-over" in world.adapters[RECEIVER].text(), "refusal to speak")
    assert len(careful.requests) == before
    restart(SECURE)
    once(careful, "KH-TRUST")


def case_strange_client_certificate_is_no_hand_over_and_no_doubt():
    system = NationalSystem(idempotent=False, tls=server_context())
    settings = {**PLAIN, "url": system.url, "ca": authority.path}
    restart({**settings, "certificate": strange_pems[0], "key": strange_pems[1]})
    lodge("KH-STRANGE")
    wait(lambda: "not-handed-over" in world.adapters[RECEIVER].text(), "refusal")
    assert not system.requests
    restart({**settings, "certificate": client_pems[0], "key": client_pems[1]})
    once(system, "KH-STRANGE")
    system.close()


# --- A system that does not honour keys -----------------------------------------------------------


def case_careless_system_gets_what_it_surely_has_not():
    restart(PLAIN)
    careless.next("503", "429")
    lodge("KH-C-LATER")
    once(careless, "KH-C-LATER")
    careless.stop()
    lodge("KH-C-AWAY")
    wait(lambda: world.adapters[RECEIVER].text().count("not-handed-over") >= 4, "attempts")
    kill_adapter()
    start()
    careless.start()
    once(careless, "KH-C-AWAY")


def case_unknown_outcome_is_set_aside_and_not_sent_again():
    for action in ("cut", "take_and_cut", "half_an_answer", "garbage", "hang", "500"):
        ucr = f"KH-C-{action.upper().replace('_', '-')}"
        careless.next(action)
        lodge(ucr)
        set_aside(careless, ucr)
    aside = list((party / "state/set-aside").glob("*.rge"))
    assert len(aside) == 6, aside
    time.sleep(1)
    assert all(len([r for r in careless.requests if r.key == q.key]) == 1
               for q in careless.requests if b"KH-C-" in q.body and b"LATER" not in q.body)


def case_adapter_killed_under_way_sets_aside():
    for number, action in enumerate((kill_before_counting, kill_after_counting,
                                     kill_after_the_answer, "hang")):
        ucr = f"KH-C-KILL{number}"
        before = len(careless.requests)
        careless.next(action)
        lodge(ucr)
        wait(lambda n=before: len(careless.requests) > n, "request")
        time.sleep(0.1)
        kill_adapter()
        start()
        told = answer(ucr)
        assert len(taken(careless, ucr)) <= 1
        if told["outcome"] != "OUTCOME_TAKEN_OVER":
            set_aside(careless, ucr)


def case_adapter_that_is_stopped_waits_for_the_answer():
    restart({**PLAIN, "timeout_s": 10})
    careless.next("slow")    # longer than a stopping adapter waits for anything else
    lodge("KH-C-SLOW")
    wait(lambda: any(b"KH-C-SLOW" in request.body for request in careless.requests), "request")
    restart(PLAIN)
    once(careless, "KH-C-SLOW")


def case_careless_system_answering_twice_takes_once():
    for ucr, action in (("KH-C-TWICE", "twice"), ("KH-C-ENDLESS", "endless")):
        careless.next(action)
        lodge(ucr)
        once(careless, ucr)


def case_careless_system_refuses_with_its_words():
    careless.next("422")
    lodge("KH-C-REFUSED")
    assert answer("KH-C-REFUSED")["nativeCode"] == "422"


# --- What the national system sends ---------------------------------------------------------------


def connect(pems=client_pems, trust=authority.path, timeout=20):
    context = ssl.create_default_context(cafile=trust)
    if pems:
        context.load_cert_chain(*pems)
    return http.client.HTTPSConnection("127.0.0.1", listen_port, context=context, timeout=timeout)


def send(key, body, token=INWARD_TOKEN, method="POST", path="/files", pems=client_pems, media="text/plain"):
    """Status, headers and JSON of one request."""
    connection = connect(pems)
    headers = {"Content-Type": media}
    if key is not None:
        headers["Idempotency-Key"] = key
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, response.headers, json.loads(text)


def outward(ucr):
    return document(ucr).replace(b"\tKH\n", b"\tVN\n")


def status(key):
    return send(None, None, method="GET", path=f"/status/{key}")


def receipted(ucr):
    """Receipted messages of the receiver with this UCR."""
    return [path for path in (party / "state/receipts").glob("*.rge") if ucr.encode() in path.read_bytes()]


def case_file_that_is_posted_is_sent_once():
    restart(SECURE)
    first = send("order-1", outward("VN-POSTED"))
    assert first[0] == 201 and first[2]["key"] == "order-1", first
    wait(lambda: status("order-1")[2]["status"] == "sent", "sent")
    assert send("order-1", outward("VN-POSTED"))[::2] == first[::2]
    assert send('"order-1"', outward("VN-POSTED"))[::2] == first[::2]
    code, _, told = send("order-1", outward("VN-OTHER"))
    assert code == 422 and "another content" in told["error"], told
    time.sleep(0.5)
    assert len(receipted("VN-POSTED")) == 1 and not receipted("VN-OTHER")


def case_file_that_cannot_be_sent_says_why():
    assert send("bad/1", b"nothing that anybody knows\n")[0] == 201
    told = wait(lambda: (lambda answer: answer if answer["status"] == "failed" else None)(
        send("bad/1", None, method="GET", path="/status")[2]), "failed")
    assert told["findings"][0]["rule"] == "FORMAT", told
    assert send("bad/1", b"nothing that anybody knows\n")[0] == 201


def case_strangers_are_refused_and_nothing_of_theirs_is_stored():
    before = sorted(path.name for path in (exchange / "out").iterdir())
    assert send("s-1", outward("VN-S1"), token="")[0] == 401
    assert send("s-1", outward("VN-S1"), token=INWARD_TOKEN + "x")[0] == 401
    assert send("s-1", outward("VN-S1"), token=TOKEN)[0] == 401
    for pems in (None, strange_pems):
        try:
            assert send("s-1", outward("VN-S1"), pems=pems)[0] == 401
        except (ssl.SSLError, OSError):
            pass
    try:
        connect(trust=stranger.path).request("GET", "/status/x")
        raise AssertionError("a strange authority was trusted")
    except ssl.SSLError:
        pass
    assert status("s-1")[0] == 404
    assert sorted(path.name for path in (exchange / "out").iterdir()) == before


def case_wrong_requests_are_refused():
    assert send(None, outward("VN-W"))[0] == 400
    assert send("k" * 129, outward("VN-W"))[0] == 400
    assert send("w", outward("VN-W"), path="/elsewhere")[0] == 404
    assert send("w", outward("VN-W"), method="PUT")[0] == 405
    assert send("w", outward("VN-W"), path="/status/w")[0] == 405
    assert status("never")[0] == 404
    assert not receipted("VN-W")


def case_names_that_could_do_harm_stay_in_the_folder():
    for number, key in enumerate(("../../x", "a b;c", ".hidden", "x.tmp", "$(id)", "k" * 128)):
        assert send(key, outward(f"VN-NAME{number}"))[0] == 201, key
        wait(lambda n=number: receipted(f"VN-NAME{n}"), key)


def case_large_file_goes_to_the_disk_as_it_comes_and_has_its_bound():
    connection = connect()
    half = b"#" * (1 << 20)
    connection.putrequest("POST", "/files")
    for name, value in (("Idempotency-Key", "large"), ("Authorization", f"Bearer {INWARD_TOKEN}"),
                        ("Content-Length", str(40 << 20))):
        connection.putheader(name, value)
    connection.endheaders()
    for _ in range(30):
        connection.send(half)
    wait(lambda: any(path.stat().st_size > 29 << 20 for path in (exchange / "tmp").iterdir()), "content in tmp/")
    connection.close()
    wait(lambda: not list((exchange / "tmp").iterdir()), "half a file to be forgotten")
    assert status("large")[0] == 404
    connection = connect()
    connection.putrequest("POST", "/files")
    for name, value in (("Idempotency-Key", "huge"), ("Authorization", f"Bearer {INWARD_TOKEN}"),
                        ("Content-Length", str(65 << 20))):
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def case_posted_file_survives_a_killed_adapter():
    for number in range(3):
        assert send(f"kill-{number}", outward(f"VN-KILL{number}"))[0] == 201
        time.sleep(0.03 * number)
        kill_adapter()
        start()
        assert send(f"kill-{number}", outward(f"VN-KILL{number}"))[0] == 201
        wait(lambda n=number: status(f"kill-{n}")[2]["status"] == "sent", "sent")
        assert len(receipted(f"VN-KILL{number}")) == 1


def case_too_many_waiting_files_are_told_to_come_later():
    restart(SECURE, max_sending=3)
    world.router.stop()
    codes = [send(f"wait-{number}", outward(f"VN-WAIT{number}")) for number in range(5)]
    assert [code for code, _, _ in codes] == [201, 201, 201, 503, 503], [code for code, _, _ in codes]
    assert int(codes[3][1]["Retry-After"]) > 0
    assert status("wait-0")[2]["status"] == "waiting"
    world.start_router()
    wait(lambda: send("wait-3", outward("VN-WAIT3"))[0] == 201, "room")
    wait(lambda: status("wait-3")[2]["status"] == "sent", "sent")


def case_answers_come_by_post_too():
    wait(lambda: [request for request in careful.taken if b'"KIND_ACKNOWLEDGEMENT"' in request.body], "answer")
    keys = [request.key for request in careful.taken if b'"KIND_ACKNOWLEDGEMENT"' in request.body]
    assert len(set(keys)) == len(keys) and all(key.endswith(".ack") for key in keys), keys


def case_wrong_settings_are_refused_and_named():
    world.adapters[RECEIVER].stop()
    (root / "open.token").write_text(TOKEN)
    (root / "open.token").chmod(0o644)
    (root / "short.token").write_text("short")
    (root / "short.token").chmod(0o600)
    (root / "open.key").write_bytes(pathlib.Path(server_pems[1]).read_bytes())
    (root / "open.key").chmod(0o644)
    wrong = (("url", {"url": "http://192.0.2.1/in"}, "TLS"),
             ("url", {"url": "ftp://127.0.0.1/in"}, "https"),
             ("url", {"url": "https://user:word@127.0.0.1/in"}, "password"),
             ("listen", {"listen": "0.0.0.0:1", "listen_certificate": "", "listen_key": "",
                         "listen_client_ca": ""}, "127"),
             ("listen", {"listen_client_ca": "", "listen_token_file": ""}, "listen_token_file"),
             ("listen", {"listen": "localhost"}, "ADDRESS:PORT"),
             ("token", {"token_file": root / "open.token"}, "open.token"),
             ("token", {"token_file": root / "short.token"}, "short.token"),
             ("token", {"listen_token_file": root / "open.token"}, "open.token"),
             ("key", {"listen_key": root / "open.key"}, "open.key"),
             ("key", {"key": root / "open.key"}, "open.key"),
             ("key", {"key": ""}, "belong together"))
    for what, settings, word in wrong:
        write_conf({**SECURE, **settings})
        done = subprocess.run([world.programs["rivergate-adapter"], "-c", conf], capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == 2 and word in done.stderr, (what, settings, done.returncode, done.stderr)
    write_conf(SECURE)


def case_secrets_are_in_no_log_and_no_command_line():
    start()
    line = pathlib.Path(f"/proc/{world.adapters[RECEIVER].process.pid}/cmdline").read_bytes()
    log = world.adapters[RECEIVER].log.read_bytes()
    for secret in (TOKEN, INWARD_TOKEN):
        assert secret.encode() not in line and secret.encode() not in log


def case_every_program_ends_cleanly():
    bad = world.stop()
    assert not bad, bad


def finish():
    world.kill()
    careful.close()
    careless.close()
    folder.cleanup()


cases.run(globals())
