"""Judges the conformance suite: a server with a deliberate fault has to fail it, one fault after the other.

    conformance/mutants/run.py            all faults of faults.toml
    conformance/mutants/run.py NAME …     some of them
    conformance/mutants/run.py --check    only whether each fault still has its place in the sources

The faults are put into a copy of the sources under `target/mutants`, together, and one is chosen by the environment when the
server starts: no program that is built from the sources themselves can have one. The program that judges is built without.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDER = ROOT / "target" / "mutants"
BUILD = ["cargo", "build", "--locked", "--profile", "quick", "--bin", "polykms"]
CHOSEN = """
/// Whether a fault is the one that this server has.
pub fn fault(name: &str) -> bool {
    static CHOSEN: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    CHOSEN.get_or_init(|| std::env::var("FAULT_OF_POLYKMS").ok()).as_deref() == Some(name)
}
"""


def faults():
    return tomllib.loads((HERE / "faults.toml").read_text())["fault"]


def changed(text, fault):
    """The text of a source with a fault in it."""
    find, put = fault["find"], fault["put"]
    if text.count(find) != 1:
        raise SystemExit(f"{fault['name']}: its place is {text.count(find)} times in {fault['file']}")
    return text.replace(find, put.replace("FAULT", named(fault)))


def named(fault):
    crate = "crate" if fault["file"].startswith("core/") else "polykms_core"
    return f'{crate}::fault("{fault["name"]}")'


def sources():
    """Every source that a fault is in, with all its faults."""
    texts = {}
    names = [fault["name"] for fault in faults()]
    assert len(names) == len(set(names)), "a name stands twice"
    for fault in faults():
        text = texts.get(fault["file"]) or (ROOT / fault["file"]).read_text()
        texts[fault["file"]] = changed(text, fault)
    return texts


def built():
    """The server that can have a fault."""
    copy = FOLDER / "sources"
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True)
    texts = sources()
    texts["core/src/lib.rs"] = (ROOT / "core/src/lib.rs").read_text() + CHOSEN
    wanted = set()
    for name in listed.stdout.splitlines():
        if not (ROOT / name).is_file():
            continue
        wanted.add(name)
        there, text = copy / name, texts.get(name, "").encode() or (ROOT / name).read_bytes()
        # What did not change is not built anew.
        if not there.is_file() or there.read_bytes() != text:
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(text)
    for there in [path for path in copy.rglob("*") if path.is_file()]:
        if str(there.relative_to(copy)) not in wanted:
            there.unlink()
    environment = {**os.environ, "CARGO_TARGET_DIR": str(FOLDER / "target")}
    subprocess.run(BUILD, cwd=copy, check=True, env=environment)
    return FOLDER / "target" / "quick" / "polykms"


def judging():
    """The program that judges: that of the environment, or one that is built."""
    if given := os.environ.get("POLYKMS_BIN"):
        return Path(given)
    subprocess.run(BUILD, cwd=ROOT, check=True)
    return ROOT / "target" / "quick" / "polykms"


def judged(judge, server, name, folder):
    """Which dialects' suites find a fault; none, where there is none."""
    ready = folder / "ready"
    ready.unlink(missing_ok=True)
    environment = {**os.environ, **({"FAULT_OF_POLYKMS": name} if name else {})}
    command = [str(server), "dev", "--listen", "127.0.0.1:0", "--ready-file", str(ready)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            target = endpoint(ready, running)
            found = {}
            for dialect in ("aws", "alibaba"):
                asked = [str(judge), "conform", "--target", target, "--dialect", dialect, "--fail-fast"]
                # What lacks something is found out too, and not merely asked less.
                asked += [word for need in ("authz", "signatures", "clock", "neighbour", "owner") for word in ("--require", need)]
                done = subprocess.run(asked, capture_output=True, text=True, timeout=600)
                # A server that cannot even be looked at is found out too.
                if done.returncode != 0:
                    cases = re.findall(r"^(?:fail|error) (\S+):", done.stdout, re.MULTILINE)
                    found[dialect] = cases or done.stderr.strip()[:200]
                    break
            return found
        finally:
            running.terminate()


def endpoint(ready, running):
    """Where the server answers, once it says so. A fault that keeps it from starting is none that a suite could find."""
    until = time.monotonic() + 120
    while time.monotonic() < until and running.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+", ready.read_text()) if ready.exists() else None
        if found:
            return found[0]
        time.sleep(0.1)
    raise SystemExit(f"the server does not start: {running.poll()}")


def main(names):
    if names == ["--check"]:
        print(f"{len(faults())} faults in {len(sources())} files")
        return 0
    chosen = [fault["name"] for fault in faults() if not names or fault["name"] in names]
    judge, server = judging(), built()
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        found = judged(judge, server, None, Path(folder))
        if found:
            print(f"without a fault: {found}")
            return 1
        for name in chosen:
            found = judged(judge, server, name, Path(folder))
            print(f"{name}: {found or 'NOT FOUND'}", flush=True)
            if not found:
                missed.append(name)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} faults found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
