"""Witnesses with the real programs: cosigned checkpoints, the wait at a start, logs that were set
back, a split view, and the HTTP form against a client written from the C2SP texts.
"""

import hashlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "interop")]

import cases
import cosigning
import federation

SENDER = "kh.customs.bavet"
EXIT_CONTRADICTED = EXIT_ALARMED = 5
folder = tempfile.TemporaryDirectory(prefix="rivergate-witness-")
root = pathlib.Path(folder.name)
world = federation.Federation(root / "world", federation.with_loopback(), witnesses=True).create()
router_dir = world.dir / "router"
number = 0


def vkeys():
    return [cosigning.Vkey(line) for line in (router_dir / "witnesses.vkeys").read_text().splitlines()]


def wait(what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what.__doc__ or what}")


def checkpoint(name="checkpoint", router=None):
    file = (router or router_dir) / name
    return file.read_text() if file.exists() else ""


def drop():
    """One more declaration from Bavet; its file name."""
    global number
    number += 1
    name = f"{number:06}.txt"
    world.drop(SENDER, name, (f"# rivergate loopback 1\ncountry\tKH\ndirection\tDIRECTION_EXPORT\n"
                              f"ucr\tKH-WITNESS-{number}\nreference.number\t{name}\n").encode())
    return name


def is_sent(name):
    return (world.tray(SENDER, "done") / name).exists()


def send():
    """One more declaration, receipted."""
    name = drop()
    wait(lambda: is_sent(name))


def witnessed(size=0):
    """The newest checkpoint, once a quorum has cosigned it at this size or above."""
    def is_there():
        note = checkpoint("checkpoint.witnessed")
        return note if note and cosigning.size_of(note) >= size else None
    note = wait(is_there)
    assert cosigning.count(note, vkeys()) >= 5, note
    return note


def status():
    done = world.cli("status", "--home", world.dir, "--as", federation.OPERATOR.address, "--json",
                     check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def case_published_checkpoints_are_cosigned_by_all_members():
    world.start()
    for _ in range(3):
        send()
        wait(lambda: checkpoint() and cosigning.count(checkpoint(), vkeys()) == 6)
    note = witnessed()
    times = [vkey.time_of(note) for vkey in vkeys()]
    assert all(abs(time.time() - one) < 60 for one in times), times


def case_changed_cosignature_is_found_by_another_program():
    note = witnessed()
    at = note.rindex("=") - 8
    forged = note[:at] + ("A" if note[at] != "A" else "B") + note[at + 1:]
    try:
        cosigning.count(forged, vkeys())
    except cosigning.InvalidSignature:
        return
    raise AssertionError("a forged cosignature verifies")


def case_track_says_how_many_witnessed():
    send()
    key = f"KH-WITNESS-{number}"

    def is_witnessed():
        done = world.cli("track", "--home", world.dir, "--as", SENDER, key)
        return "witnessed 6 of 6" in done.stdout and "unwitnessed" not in done.stdout
    wait(is_witnessed)
    shown = json.loads(world.cli("track", "--home", world.dir, "--as", SENDER, "--json", key).stdout)
    assert all(message["witnessed"]["byOwnMember"] for message in shown), shown


def case_status_names_witnesses():
    text = world.cli("status", "--home", world.dir, "--as", federation.OPERATOR.address).stdout
    assert "witnesses     6, quorum 5" in text, text
    assert all(f"witness       {cc}  connected" in text for cc in federation.MEMBERS), text


def case_killed_router_signs_again_when_witnesses_have_told():
    before = cosigning.size_of(witnessed())
    world.router.kill()
    world.start_router()
    world.router.wait_for(" witness wait-is-over ")
    send()
    witnessed(before + 1)


def case_too_few_witnesses_keep_the_router_waiting():
    wait(lambda: (status() or {"queued": 1})["queued"] == 0)
    for address in ("cn.gacc.mohan", "la.customs.boten", "mm.customs.myawaddy", "th.customs.maesot",
                    "vn.customs.mocbai"):
        assert world.adapters.pop(address).stop() == 0
    before = checkpoint()
    world.router.kill()
    world.start_router()
    world.router.wait_for(" witness waits-for-witnesses n=2 of=\"cn kh la mm th vn\" ")
    wait(lambda: "connected member=kh" in world.router.text())
    shown = wait(status)
    assert shown["witnessing"]["waiting"] and shown["checkpoint"] == "", shown
    name = drop()
    world.router.wait_for(" witness waits-for-witnesses n=1 of=\"cn la mm th vn\" ", 15)
    assert not is_sent(name) and checkpoint() == before
    world.start_adapter("vn.customs.mocbai")
    world.router.wait_for(" witness wait-is-over ")
    wait(lambda: is_sent(name))
    # Two of six are no quorum: what is published is not called witnessed.
    shown = json.loads(world.cli("track", "--home", world.dir, "--as", SENDER, "--json",
                                 f"KH-WITNESS-{number}").stdout)
    assert not any(message["witnessed"]["isWitnessed"] for message in shown), shown
    for post in world.posts:
        if post.address not in world.adapters:
            world.start_adapter(post.address)
    witnessed(cosigning.size_of(before) + 1)


def restore(source):
    shutil.rmtree(router_dir)
    shutil.copytree(source, router_dir)


def case_snapshot_under_the_same_origin_refuses_to_sign():
    world.router.kill()
    shutil.copytree(router_dir, root / "snapshot")
    world.start_router()
    world.router.wait_for(" witness wait-is-over ")
    send()
    after = witnessed(cosigning.size_of(checkpoint(router=root / "snapshot")) + 1)
    wait(lambda: (status() or {"queued": 1})["queued"] == 0)
    world.router.kill()
    shutil.move(router_dir, root / "newest")
    shutil.copytree(root / "snapshot", router_dir)
    router = world.start_router(ready=False)
    assert router.process.wait(30) == EXIT_CONTRADICTED, router.text()
    assert "HISTORY-CONTRADICTED" in router.text(), router.text()
    told = list(router_dir.glob("contradiction-*-told.checkpoint"))
    held = list(router_dir.glob("contradiction-*-held.checkpoint"))
    assert len(told) == len(held) == 1, list(router_dir.iterdir())
    assert cosigning.size_of(told[0].read_text()) >= cosigning.size_of(after)
    # Nothing was signed: what is published is what the snapshot had.
    assert checkpoint() == checkpoint(router=root / "snapshot")
    shutil.rmtree(router_dir)
    shutil.move(root / "newest", router_dir)
    shutil.rmtree(root / "snapshot")
    world.start_router()
    world.router.wait_for(" witness wait-is-over ")
    send()


def case_empty_data_dir_under_the_same_origin_refuses_to_sign():
    wait(lambda: (status() or {"queued": 1})["queued"] == 0)
    world.router.kill()
    shutil.copytree(router_dir, root / "newest")
    for path in list(router_dir.iterdir()):
        if path.name in ("keys", "rivergated.conf", "rivergated.log"):
            continue
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    router = world.start_router(ready=False)
    assert router.process.wait(30) == EXIT_CONTRADICTED, router.text()
    assert not checkpoint()
    restore(root / "newest")
    shutil.rmtree(root / "newest")
    world.start_router()
    world.router.wait_for(" witness wait-is-over ")


def leaves(router):
    """Leaf hashes of the published log, from its entry bundles."""
    size = cosigning.size_of(checkpoint(router=router))
    hashes = []
    for tile in range((size + 255) // 256):
        name = f"{tile:03}"
        file = router / "tile/entries" / name
        if not file.exists():
            file = router / f"tile/entries/{name}.p/{size % 256}"
        data = file.read_bytes()
        at = 0
        while at < len(data):
            length = int.from_bytes(data[at:at + 2], "big")
            hashes.append(hashlib.sha256(b"\x00" + data[at + 2:at + 2 + length]).digest())
            at += 2 + length
    return hashes[:size]


def held_by(port):
    """The size of what the witness behind this port cosigned last."""
    name = hashlib.sha256(federation.ORIGIN.encode()).hexdigest()
    return cosigning.size_of(cosigning.ask(port, "", "GET", f"/{name}/checkpoint")[3])


def settled_size(port):
    """What it cosigned last, once acknowledgements and settlements come no more."""
    held = held_by(port)
    for _ in range(20):
        time.sleep(4)  # a head goes round at most once a second
        before, held = held, held_by(port)
        if before == held:
            return held
    raise AssertionError("the log does not come to rest")


def case_split_view_shown_to_two_witnesses_is_caught():
    wait(lambda: (status() or {"queued": 1})["queued"] == 0)
    assert not world.stop()
    port = federation.free_port()
    shadow = root / "shadow"
    shutil.copytree(router_dir, shadow)
    shadow_endpoint = f"tcp://127.0.0.1:{federation.free_port()}"
    conf = (shadow / "rivergated.conf").read_text().replace(f'"{router_dir}"', f'"{shadow}"')
    (shadow / "rivergated.conf").write_text(conf + f'endpoint = "{shadow_endpoint}";\n')
    # One half of the members is shown this history, the other that one; Phnom Penh also by HTTP.
    for post in world.posts:
        file = world.dir / "parties" / post.address / "adapter.conf"
        if post.address[:2] in ("mm", "th", "vn"):
            file.write_text(file.read_text() + f'endpoint = "{shadow_endpoint}";\n')
        if post.address[:2] == "kh":
            file.write_text(file.read_text().replace("witness = { ", f'witness = {{ http = "127.0.0.1:{port}"; '))
    world.start_router()
    other = federation.Program("the other rivergated", [world.programs["rivergated"], "-c",
                                                        shadow / "rivergated.conf"], root / "shadow.log")
    try:
        other.wait_for(" start ready ")
        for post in world.posts:
            world.start_adapter(post.address)
        world.router.wait_for(" witness wait-is-over ")
        other.wait_for(" witness wait-is-over ")
        send()
        wait(lambda: cosigning.count(checkpoint(), vkeys()) == 3)
        wait(lambda: cosigning.count(checkpoint(router=shadow), vkeys()) == 3)
        # Neither history has a quorum. Let the second grow past the first and show it to kh.
        held = settled_size(port)
        while not held & (held - 1):  # from a power of two a proof does not show the fork by itself
            send()
            wait(lambda: held_by(port) > held)
            held = settled_size(port)
        world.adapters[SENDER].wait_for(" witness connected ")
        while len(leaves(shadow)) <= held:
            other.stop()
            other = federation.Program("the other rivergated", [world.programs["rivergated"], "-c",
                                                                shadow / "rivergated.conf"], root / "shadow.log")
            other.wait_for(" witness wait-is-over ")
            size = len(leaves(shadow))
            wait(lambda: len(leaves(shadow)) > size or len(leaves(shadow)) > held)
        told = checkpoint(router=shadow)
        proof = cosigning.consistency(leaves(shadow)[:cosigning.size_of(told)], held)
        code, _, _, _ = cosigning.ask(port, cosigning.request(held, proof, told))
        assert code == 422, code
        adapter = world.adapters.pop(SENDER)
        wait(lambda: "INCONSISTENT-LOG" in adapter.text())
        state = world.dir / "parties" / SENDER / "witness-state"
        kept, = state.glob("*/inconsistent-*")
        assert cosigning.size_of((kept / "held.checkpoint").read_text()) == held
        assert (kept / "told.checkpoint").read_text() == told
        assert adapter.stop() == EXIT_ALARMED
        # A witness of the other half comes to the first router: it stops at once.
        world.adapters.pop("vn.customs.mocbai").kill()
        file = world.dir / "parties/vn.customs.mocbai/adapter.conf"
        file.write_text(file.read_text().replace(f'endpoint = "{shadow_endpoint}";\n', ""))
        world.start_adapter("vn.customs.mocbai", ready=False)
        assert world.router.process.wait(30) == EXIT_CONTRADICTED, world.router.text()[-2000:]
        assert list(router_dir.glob("contradiction-*-told.checkpoint"))
    finally:
        other.kill()
        world.kill()


# --- The HTTP form, by a witness alone, with no router about ------------------------------------

lone = federation.Federation(root / "lone", witnesses=True).create()
log = cosigning.Log(federation.ORIGIN, lone.dir / "router/keys/log.key")
tree = [hashlib.sha256(b"\x00" + f"leaf {i}".encode()).digest() for i in range(40)]
fork = tree[:5] + [hashlib.sha256(b"\x00" + f"other {i}".encode()).digest() for i in range(5, 40)]
http_port = federation.free_port()
alone = None


def start_alone(ready=True):
    global alone
    party = lone.dir / "parties/la.customs.boten"
    federation.write_conf(party / "witness.conf", {
        "party": "la.customs.boten", "router": federation.ROUTER,
        "registry": lone.dir / "registry.json", "directories": lone.dir / "directories",
        "pin": lone.pin(), "curve_key": party / "curve.key", "state": party / "state",
        "witness": {"key": lone.dir / "members/la/witness.key", "state_dir": party / "witness-state",
                    "http": f"127.0.0.1:{http_port}"}})
    alone = federation.Program("the witness", [lone.programs["rivergate-adapter"], "-c",
                                               party / "witness.conf"], party / "witness.log")
    if ready:
        alone.wait_for(" start ready ")


def show(old, size, hashes=None, **options):
    hashes = (hashes or tree)[:size]
    note = log.checkpoint(size, cosigning.head(hashes), **options)
    return cosigning.ask(http_port, cosigning.request(old, cosigning.consistency(hashes, old), note))


def expect(answer, code, kind="text/plain; charset=utf-8"):
    assert answer[0] == code and answer[1] == kind, answer


def case_http_200_bears_a_cosignature_of_the_witness():
    start_alone()
    own = cosigning.Vkey((lone.dir / "parties/la.customs.boten/witness-state/witness.vkey").read_text())
    for old, size in ((0, 0), (0, 1), (1, 2), (2, 7), (7, 7), (7, 16), (16, 17)):
        answer = show(old, size)
        expect(answer, 200)
        note = log.checkpoint(size, cosigning.head(tree[:size])) + answer[3]
        assert abs(own.time_of(note) - time.time()) < 60
        assert all(line.startswith("\u2014 la.witness ") for line in answer[3].splitlines())


def case_http_200_signs_extension_lines_too():
    own = cosigning.Vkey((lone.dir / "parties/la.customs.boten/witness-state/witness.vkey").read_text())
    answer = show(17, 17, extension="an extension\n")
    expect(answer, 200)
    note = log.checkpoint(17, cosigning.head(tree[:17]), extension="an extension\n") + answer[3]
    assert own.time_of(note)


def case_http_400_for_what_is_malformed():
    note = log.checkpoint(20, cosigning.head(tree[:20]))
    for body in ("", "old 17\n", f"old 017\n\n{note}", f"old\n\n{note}", f"old 17\n{note}", f"new 17\n\n{note}",
                 f"old 17\nAAAA\n\n{note}", f"old -1\n\n{note}", "old 17\n\n", f"old 17\n\n{federation.ORIGIN}\n",
                 cosigning.request(17, [b"\0" * 32] * 64, note), f"old 17\r\n\r\n{note}",
                 cosigning.request(17, [], note.replace("\n20\n", "\n020\n"))):
        expect(cosigning.ask(http_port, body), 400)
    expect(show(30, 20), 400)  # the old size is larger than the checkpoint


def case_http_403_without_a_good_signature():
    note = log.checkpoint(20, cosigning.head(tree[:20]))
    expect(cosigning.ask(http_port, cosigning.request(17, [], note.replace("\n20\n", "\n21\n"))), 403)
    expect(show(17, 20, name="somebody.example/else"), 403)
    # A good signature does not help where another under the same name and id fails.
    bad = log.checkpoint(19, cosigning.head(tree[:19])).split("\n\n")[1]
    body = cosigning.request(17, cosigning.consistency(tree[:20], 17), note + bad)
    expect(cosigning.ask(http_port, body), 403)


def case_http_404_for_another_log():
    other = cosigning.Log("other.example/log", lone.dir / "router/keys/log.key")
    note = other.checkpoint(1, tree[0])
    expect(cosigning.ask(http_port, cosigning.request(0, [], note)), 404)


def case_http_409_names_the_size():
    for old, size in ((0, 20), (16, 20), (18, 20), (16, 16)):
        answer = show(old, size)
        expect(answer, 409, "text/x.tlog.size")
        assert answer[3] == "17\n", answer


def case_http_422_for_a_wrong_proof_is_no_alarm():
    note = log.checkpoint(20, cosigning.head(tree[:20]))
    expect(cosigning.ask(http_port, cosigning.request(17, [b"\1" * 32] * 3, note)), 422)
    expect(cosigning.ask(http_port, cosigning.request(17, [], note)), 422)
    assert "INCONSISTENT-LOG" not in alone.text()


def case_http_refuses_other_methods_paths_and_long_bodies():
    for method in ("GET", "PUT", "DELETE"):
        answer = cosigning.ask(http_port, "", method)
        expect(answer, 405)
        assert answer[2]["Allow"] == "POST"
    expect(cosigning.ask(http_port, "", "POST", "/"), 404)
    expect(cosigning.ask(http_port, "", "GET", "/../checkpoint"), 404)
    expect(cosigning.ask(http_port, "x" * 400_000), 413)
    expect(show(17, 18), 200)  # and goes on


def case_http_last_checkpoint_survives_a_kill():
    path = f"/{hashlib.sha256(federation.ORIGIN.encode()).hexdigest()}/checkpoint"
    before = cosigning.ask(http_port, "", "GET", path)
    expect(before, 200)
    assert cosigning.size_of(before[3]) == 18
    alone.kill()
    start_alone()
    assert cosigning.ask(http_port, "", "GET", path)[3] == before[3]
    expect(show(0, 20), 409, "text/x.tlog.size")
    expect(show(18, 21), 200)
    expect(cosigning.ask(http_port, "", "GET", f"/{'0' * 64}/checkpoint"), 404)


def case_second_process_on_the_same_state_is_refused():
    first = alone
    start_alone(ready=False)
    second = alone
    globals()["alone"] = first
    assert second.process.wait(30) == 2, second.text()


def case_fork_is_kept_and_shouted():
    expect(show(21, 30, fork), 422)
    assert "INCONSISTENT-LOG" in alone.text()
    kept, = (lone.dir / "parties/la.customs.boten/witness-state").glob("*/inconsistent-*")
    assert sorted(path.name for path in kept.iterdir()) == ["held.checkpoint", "request", "told.checkpoint"]
    expect(show(21, 22), 200)  # the history that it holds goes on
    assert alone.stop() == EXIT_ALARMED
    start_alone()
    assert "INCONSISTENT-LOG" in alone.text()  # until a person has moved it away
    assert alone.stop() == EXIT_ALARMED
    shutil.rmtree(kept)
    start_alone()
    assert alone.stop() == 0


def case_key_that_the_registry_does_not_name_is_refused():
    lone.cli("keygen", "witness", "--out", lone.dir / "stranger")
    conf = lone.dir / "parties/la.customs.boten/witness.conf"
    conf.write_text(conf.read_text().replace("members/la/witness.key", "stranger.key"))
    program = federation.Program("a stranger", [lone.programs["rivergate-adapter"], "-c", conf],
                                 lone.dir / "stranger.log")
    assert program.process.wait(30) == 2 and "other-witness-key" in program.text()


def finish():
    world.kill()
    if alone:
        alone.kill()
    if not os.environ.get("RIVERGATE_KEEP"):
        folder.cleanup()


cases.run(globals())
