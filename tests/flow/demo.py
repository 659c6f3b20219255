"""The demo: six countries on this machine, declarations on their way, and the path of each.

    demo.py [--dir DIR] [--input FILE] [--keep]

First files of national systems cross six borders; then the members put their window profiles
in force, and a truck of durian travels to China, and another (demo_stories.py); then an auditor
looks at the log. Everything runs with the programs a user would run; only the national systems
are a stand-in (national_system.py), which takes each file from its in-tray. Exit 0: every
message arrived, was acknowledged, every receipt holds, and what each member sees of the trucks
is what the window owes it.
"""

import argparse
import datetime
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import demo_stories
import federation

# Who hands a file in, to whom its routes send it, and what is handed in.
ROADS = (("la.customs.boten", "cn.gacc.mohan", "adapters/la/testdata/export-*.xml"),
         ("kh.customs.bavet", "vn.customs.mocbai", "adapters/kh/testdata/export-*.xml"),
         ("vn.customs.mocbai", "kh.customs.bavet", "adapters/vn/testdata/export-*.edi"),
         ("mm.customs.myawaddy", "th.customs.maesot", "adapters/mm/testdata/export-*.edi"),
         ("th.customs.maesot", "mm.customs.myawaddy", "adapters/th/testdata/export-*.xml"))
WAIT_S = 60
LOSSES_SHOWN = 12


def say(text=""):
    print(text, flush=True)


def clock(time_us):
    moment = datetime.datetime.fromtimestamp(time_us / 1e6, datetime.timezone.utc)
    return moment.strftime("%H:%M:%S.%f")[:-3]


class Demo:
    def __init__(self, folder, inputs):
        self.sender, self.receiver = ROADS[0][:2]
        self.world = demo_stories.DemoWorld(folder)
        self.inputs = inputs
        self.systems = []
        self.problems = []

    # --- Setting up -----------------------------------------------------------------------

    def start(self):
        begin = time.monotonic()
        self.world.create()
        quorum = json.loads(self.world.cli("registry", "verify", self.world.dir / "registry.json",
                                           "--json").stdout)
        say(f"Six members in {self.world.dir}: registry signed by {quorum['validSignatures']} of "
            f"{len(federation.MEMBERS)} (quorum {quorum['quorum']}), six directories, each signed "
            f"by its member; China with SM2  ({time.monotonic() - begin:.1f} s)")
        begin = time.monotonic()
        self.world.start()
        for address in self.world.adapters:
            self.systems.append(federation.Program(
                f"national system of {address}",
                ["/usr/bin/python3", HERE / "national_system.py", self.world.tray(address, "")],
                self.world.dir / "parties" / address / "national-system.log"))
        say(f"Router {federation.ROUTER} on {self.world.endpoint}, an adapter for each of "
            f"{', '.join(self.world.adapters)}, each its member's witness  "
            f"({time.monotonic() - begin:.1f} s)")
        say("The national systems behind the adapters are a stand-in: a script that takes each "
            "file from its in-tray.")

    def stop(self):
        for program in self.systems:
            program.kill()
        self.problems += self.world.stop()

    # --- One declaration ------------------------------------------------------------------

    def follow(self, file):
        """Hands the file in and shows what becomes of it."""
        say(f"\n{file.name}: handed in at {self.sender}")
        before = self.receipts()
        self.world.drop(self.sender, file.name, file.read_bytes())
        if not self.wait(lambda: (self.world.tray(self.sender, "done") / file.name).exists()
                         or (self.world.tray(self.sender, "failed") / file.name).exists()):
            self.problems.append(f"{file.name} is still in the out-tray")
            return
        if not (self.world.tray(self.sender, "done") / file.name).exists():
            findings = (self.world.tray(self.sender, "failed") / f"{file.name}.findings.json").read_text()
            self.problems.append(f"{file.name} could not be sent: {findings}")
            return
        fresh = sorted(set(self.receipts()) - set(before))
        ucr = self.ucr_of(fresh[0])
        self.wait(lambda: self.is_answered(ucr, len(fresh)))
        self.wait(lambda: all(message["witnessed"]["isWitnessed"] for message in self.track(ucr)))
        self.show_path(ucr, fresh)
        if self.receiver.startswith("cn."):
            self.show_losses(file)

    def wait(self, is_done):
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if is_done():
                return True
            time.sleep(0.05)
        return False

    def receipts(self):
        folder = self.world.dir / "parties" / self.sender / "state/receipts"
        return list(folder.rglob("*.tlog-proof"))

    def track(self, key):
        done = self.world.cli("track", "--home", self.world.dir, "--as", self.sender, "--json", key,
                              check=False)
        return json.loads(done.stdout) if done.returncode == 0 else []

    def ucr_of(self, receipt):
        return self.track(receipt.stem)[0]["ucr"]

    def acknowledgements(self, messages):
        return [message for message in messages if message["kind"] == "ACKNOWLEDGEMENT"]

    def is_answered(self, ucr, expected):
        messages = self.track(ucr)
        answered = self.acknowledgements(messages)
        return len(answered) >= expected and all(
            delivery["state"] == "SETTLED" for message in messages for delivery in self.to_adapters(message))

    def to_adapters(self, message):
        """Deliveries of a message to parties that run an adapter; the others look when they please."""
        return [delivery for delivery in message["deliveries"] if delivery["to"] in self.world.adapters]

    def show_path(self, ucr, receipts):
        messages = sorted(self.track(ucr), key=lambda message: message["index"])
        say(f"  UCR {ucr}")
        for message in messages:
            if message["kind"] == "ACKNOWLEDGEMENT":
                continue
            self.show_message(message, self.acknowledgements(messages))
        if len(receipts) != sum(message["from"] == self.sender and message["kind"] != "ACKNOWLEDGEMENT"
                                for message in messages):
            self.problems.append(f"{ucr}: receipts and messages differ in number")

    def show_message(self, message, acknowledgements):
        say(f"  {clock(message['sentAtUs'])}  {message['kind']} {message['purpose']} signed by "
            f"{message['from']}, id {message['id']}")
        say(f"  {clock(message['timeUs'])}    admitted, durable as record {message['index']}; "
            f"receipt {self.check(message['id'])}, {self.witnessed(message)}")
        for delivery in self.to_adapters(message):
            since = clock(delivery["sinceUs"]) if delivery["sinceUs"] else " " * 12
            say(f"  {since}    {delivery['state'].lower()} at {delivery['to']}")
            if delivery["state"] != "SETTLED":
                self.problems.append(f"{message['id']} is {delivery['state']} at {delivery['to']}")
        names = [path.name for tray in ("in", "done")
                 for path in self.world.tray(self.receiver, tray).glob(f"{self.sender}-{message['id']}*")]
        say(f"                  in the tray of {self.receiver}: {', '.join(names) or 'nothing'}")
        mine = [answer for answer in acknowledgements
                if message["id"] in (ref["id"] for ref in answer["refs"])]
        for answer in mine:
            say(f"  {clock(answer['timeUs'])}    acknowledged by {answer['from']}: "
                f"{answer['acknowledgement']['outcome'].lower().replace('_', ' ')} as "
                f"{answer['acknowledgement']['handedOverAs']}, "
                f"record {answer['index']}")
        if not names or not mine:
            self.problems.append(f"{message['id']} was not handed over and acknowledged")

    def witnessed(self, message):
        """What the sender's client has verified of the witnesses' cosignatures."""
        state = message["witnessed"]
        if not state["isWitnessed"]:
            self.problems.append(f"{message['id']} is not witnessed")
        return f"witnessed {state['cosigned']} of {state['of']}"

    def check(self, identity):
        """Verifies a receipt offline with nothing but the log's public key."""
        folder = self.world.dir / "parties" / self.sender / "state/receipts"
        proof = next(folder.rglob(f"{identity}.tlog-proof"), None)
        if proof is None:
            self.problems.append(f"{identity} has no receipt")
            return "missing"
        key = (self.world.dir / "log.vkey").read_text().strip()
        done = self.world.cli("audit", "check", "--key", key, proof.with_suffix(".rge"), proof,
                              check=False)
        if done.returncode != 0:
            self.problems.append(f"the receipt of {identity} does not hold: {done.stderr}")
            return "DOES NOT HOLD"
        return "verified"

    def show_losses(self, file):
        """What the Chinese prefill cannot say of the Lao declaration, and why."""
        done = self.world.cli("convert", "--from", "la/asycuda-sad", "--to", "cn-dec", "--purpose",
                              "prefill", "--json", file, check=False)
        if done.returncode != 0:
            say(f"  No loss report for cn-dec: {done.stderr.strip()}")
            return
        losses = json.loads(done.stderr)["translation"].get("losses", [])
        by_class = {}
        for loss in losses:
            by_class.setdefault(loss["class"], []).append(loss)
        summary = ", ".join(f"{len(found)} {name.removeprefix('LOSS_CLASS_').lower().replace('_', ' ')}"
                            for name, found in sorted(by_class.items()))
        say(f"  Loss report of the prefill (cn-dec): {summary or 'nothing is lost'}")
        losses.sort(key=lambda loss: loss["class"])  # what is lost comes before what may not pass
        for loss in losses[:LOSSES_SHOWN]:
            name = loss["class"].removeprefix("LOSS_CLASS_").lower().replace("_", " ")
            say(f"    {name}: {loss.get('path') or loss['native'][0]}: "
                f"{loss.get('reason', '')}")
        if len(losses) > LOSSES_SHOWN:
            say(f"    … and {len(losses) - LOSSES_SHOWN} more: rivergate convert --from la/asycuda-sad "
                f"--to cn-dec {file}")

    # --- The whole ------------------------------------------------------------------------

    def run(self):
        self.start()
        for self.sender, self.receiver, file in self.inputs:
            self.follow(file)
        stories = demo_stories.Stories(self.world, say, self.problems)
        stories.publish_profiles()
        stories.tell_durian()
        stories.tell_other_seal()
        self.show_state()
        self.audit(stories)

    def status(self):
        return json.loads(self.world.cli("status", "--home", self.world.dir, "--as",
                                         federation.OPERATOR.address, "--json").stdout)

    def show_state(self):
        # All is in the log; its witnesses see it within a second or two.
        size = int(self.status()["checkpoint"].splitlines()[1])
        self.wait(lambda: self.status()["witnessing"]["witnessedSize"] >= size)
        status = self.status()
        say(f"\nThe router's log holds {status['checkpoint'].splitlines()[1]} records; {status['queued']} deliveries "
            f"wait for parties without an adapter here, {status['setAside']} are set aside.")
        witnessing = status["witnessing"]
        say(f"Witnessed up to size {witnessing['witnessedSize']} by a quorum of "
            f"{witnessing['quorum']} of {len(witnessing['witnesses'])} witnesses: "
            + ", ".join(f"{one['member']} {one['size']}" for one in witnessing["witnesses"]))

    def audit(self, stories):
        """What somebody who trusts neither router nor operator makes of the log's files."""
        say("\nThe auditor, from the log's files alone:")
        log = self.world.dir / "router"
        done = self.show("audit", "verify", "--pin", self.world.pin(), log)
        if not done.stdout.startswith("VERIFIED: "):
            self.problems.append(f"the log does not verify: {done.stdout}{done.stderr}")
        evidence = self.world.dir / "evidence-of-the-other-seal"
        self.show("audit", "prove", stories.second, "--log", log, "--out", evidence)
        done = self.show("audit", "check", "--pin", self.world.pin(), evidence, last=2)
        if "HOLDS" not in done.stdout:
            self.problems.append(f"the evidence does not hold: {done.stdout}{done.stderr}")

    def show(self, *words, last=20):
        """A command as a user types it, and the last lines that it prints."""
        short = [str(word).replace(str(self.world.dir), "DIR").replace(self.world.pin(), "PIN") for word in words]
        say(f"  $ rivergate {' '.join(short)}")
        done = self.world.cli(*words, check=False)
        for line in (done.stdout + done.stderr).splitlines()[-last:]:
            say(f"    {line.replace(str(self.world.dir), 'DIR')}")
        return done


def own_samples():
    """The project's own declarations."""
    return [(sender, receiver, file) for sender, receiver, pattern in ROADS
            for file in sorted(HERE.parents[1].glob(pattern))]


def prepare(folder):
    """An empty folder for the demo: the one asked for, or a new one."""
    if not folder:
        return pathlib.Path(tempfile.mkdtemp(prefix="rivergate-demo-"))
    path = pathlib.Path(folder)
    if path.exists() and any(path.iterdir()):
        if not (path / "registry.json").exists():
            sys.exit(f"demo: {path} is not empty and no earlier demo; name another folder")
        shutil.rmtree(path)
    path.mkdir(parents=True, exist_ok=True)
    return path


def leave_running(demo):
    """The programs outlive this script; their process ids stand in DIR/pids."""
    programs = [*demo.systems, *demo.world.adapters.values(), demo.world.router]
    pids = demo.world.dir / "pids"
    pids.write_text(" ".join(str(program.process.pid) for program in programs) + "\n")
    say(f"\nEverything goes on running (--keep). Try:\n"
        f"  $(./dev which rivergate) submit --home {demo.world.dir} --as {ROADS[0][0]} FILE.xml\n"
        f"  $(./dev which rivergate) track --home {demo.world.dir} --as {ROADS[0][0]} UCR\n"
        f"Stop it with: kill $(cat {pids})")


def main():
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__.splitlines()[0])
    parser.add_argument("--dir", help="folder for everything; kept for inspection")
    parser.add_argument("--input", action="append", type=pathlib.Path, metavar="FILE",
                        help="an ASYCUDA World declaration instead of the project's own; may repeat")
    parser.add_argument("--keep", action="store_true", help="leave everything running; DIR/pids names the processes")
    arguments = parser.parse_args()
    for file in arguments.input or []:
        if not file.is_file():
            parser.error(f"{file}: no such file")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
    inputs = [(*ROADS[0][:2], file) for file in arguments.input or []]
    demo = Demo(prepare(arguments.dir), inputs or own_samples())
    is_kept = False
    try:
        demo.run()
        is_kept = arguments.keep
    except (federation.Failure, subprocess.TimeoutExpired) as failure:
        demo.problems.append(str(failure))
    finally:
        if not is_kept:
            demo.stop()
    if is_kept:
        leave_running(demo)
    say(f"\nLeft for inspection: {demo.world.dir}")
    for problem in demo.problems:
        say(f"PROBLEM: {problem}")
    say("Every message arrived, was acknowledged, and every receipt holds; the window and the audit say what they must."
        if not demo.problems else f"{len(demo.problems)} problems.")
    sys.exit(1 if demo.problems else 0)


if __name__ == "__main__":
    main()
