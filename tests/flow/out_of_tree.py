"""A country of its own, made from loopback by the steps of adapters/README.md and nothing else.

Built outside of this tree with a compiler against the installed headers only.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import cases

SOURCE = pathlib.Path(os.environ["RIVERGATE_SOURCE"])
BUILD = pathlib.Path(os.environ["RIVERGATE_BUILD"])
PROGRAM = BUILD / "adapters/cli/rivergate"
HEADERS = {"adapter.h", "bytes.h", "doc.h", "error.h"}
NATIONAL = ("registration.number", "office.code", "type.code")

folder = tempfile.TemporaryDirectory(prefix="rivergate-out-of-tree-")
here = pathlib.Path(folder.name)
plugins = here / "work/xx/plugins"
environment = dict(os.environ)


def run(*words, code=0, **options):
    done = subprocess.run(list(map(str, words)), capture_output=True, timeout=120, env=environment,
                          stdin=subprocess.DEVNULL, **options)
    assert done.returncode == code, (words, done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    return done


def convert(*words, code=0):
    return run(PROGRAM, "convert", *words, code=code)


def steps():
    """The shell lines of the README."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", (SOURCE / "adapters/README.md").read_text(), re.M | re.S)
    found = [block for block in blocks if "pkg-config" in block]
    assert len(found) == 1, found
    return found[0]


def case_installing_for_development_installs_the_headers_and_nothing_else():
    run("meson", "install", "-C", BUILD, "--no-rebuild", "--tags", "devel", "--destdir", here / "root")
    installed = [path for path in (here / "root").rglob("*") if path.is_file()]
    assert {path.name for path in installed if path.suffix == ".h"} == HEADERS, installed
    assert {path.suffix for path in installed} == {".h", ".pc", ".proto"}, installed
    pc = next(path for path in installed if path.suffix == ".pc")
    environment.update(PKG_CONFIG_LIBDIR=str(pc.parent), PKG_CONFIG_SYSROOT_DIR=str(here / "root"),
                       PATH=f"{PROGRAM.parent}:{environment['PATH']}")


def case_the_steps_of_the_readme_make_a_plugin_that_is_listed():
    work = here / "work"
    tree = work / "rivergate/adapters"
    tree.mkdir(parents=True)
    shutil.copytree(SOURCE / "adapters/loopback", tree / "loopback")
    listed = run("sh", "-e", "-c", steps(), cwd=work).stdout.decode()
    assert "xx/xx-text" in listed or "xx-text" in listed, listed
    assert "Customs of Xanadu" in listed or "Xanadu" in listed, listed
    environment["RIVERGATE_PLUGINS"] = str(plugins)


def case_the_plugin_needs_nothing_but_the_c_library():
    needed = run("readelf", "-d", plugins / "xx.so").stdout.decode()
    libraries = re.findall(r"NEEDED.*\[(.*?)\]", needed)
    assert all(re.match(r"lib(c|asan|ubsan|tsan)\.so|ld-", name) for name in libraries), libraries
    symbols = run("nm", "-D", "--defined-only", plugins / "xx.so").stdout.decode().split()
    assert "rg_adapter" in symbols and len([word for word in symbols if word.startswith("rg_")]) == 1, symbols


def case_a_file_of_its_own_returns_byte_for_byte_and_passes_its_check():
    text = (SOURCE / "adapters/loopback/testdata/export-bananas.txt").read_text()
    own = here / "own.txt"
    own.write_text(text.replace("rivergate loopback 1", "customs of xx 1").replace("country\tLA", "country\tXX"))
    (here / "own.json").write_bytes(convert("--from", "xx-text", own).stdout)
    back = convert("--from", "json", "--to", "xx-text", here / "own.json").stdout
    assert back == own.read_bytes(), back
    convert("--check", own)
    convert("--check", "--from", "xx-text", SOURCE / "adapters/loopback/testdata/export-bananas.txt", code=1)


def case_a_neighbours_declaration_is_translated_and_its_law_stays_behind():
    shutil.copy(BUILD / "adapters/plugins/la.so", plugins)
    given = SOURCE / "adapters/la/testdata/export-bananas.xml"
    done = convert("--from", "la/asycuda-sad", "--to", "xx/xx-text", "--purpose", "prefill", "--json", given)
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "# customs of xx 1", lines[:2]
    assert any(line.startswith("items[0].commodity.hs6\t080390") for line in lines), lines
    assert not [line for line in lines if line.startswith(NATIONAL)], lines
    losses = {loss["path"]: loss["class"] for loss in json.loads(done.stderr)["translation"]["losses"] if "path" in loss}
    for path in NATIONAL:
        assert losses[path] == "LOSS_CLASS_NOT_TRANSFERABLE", (path, losses.get(path))


def case_its_own_declaration_becomes_a_draft_of_the_neighbour():
    draft = convert("--from", "xx-text", "--to", "la/asycuda-sad", "--purpose", "prefill", here / "own.txt").stdout
    assert b"<Sad_flow>I</Sad_flow>" in draft and b"<Commodity_code>080390" in draft, draft[:2000]


def finish():
    folder.cleanup()


cases.run(globals())
