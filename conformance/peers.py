#!/usr/bin/env python3
"""Judges this server and those of others by the suite, and writes down what came of it.

    peers.py POLYKMS TOOLS              judges all, and writes known/*.toml and docs/peers.md
    peers.py POLYKMS TOOLS --check NAME judges one beside known/NAME.toml: whatever differs from that is an error

POLYKMS is the program, TOOLS the folder that tests/sdk/setup.sh installs into.
"""
import argparse
import datetime
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
LONGEST = 200
PATIENCE = 60


class Peer:
    """A server of somebody else, from its package."""

    def __init__(self, name, package, venv, command, environment):
        self.name, self.package, self.venv = name, package, venv
        self.command, self.environment = command, environment

    def version(self, tools):
        pip = [str(tools / self.venv / "bin/python"), "-m", "pip", "show", self.package]
        shown = subprocess.run(pip, capture_output=True, text=True, check=True).stdout
        return re.search(r"^Version: (\S+)", shown, re.M).group(1)

    def start(self, tools, port):
        program, *arguments = [word.format(port=port) for word in self.command]
        environment = {name: value.format(port=port) for name, value in self.environment.items()}
        command = [str(tools / self.venv / "bin" / program), *arguments]
        return subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )


PEERS = [
    Peer("moto", "moto", "venv", ["moto_server", "-H", "127.0.0.1", "-p", "{port}"], {}),
    Peer("ministack", "ministack", "peers", ["ministack"], {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": "{port}"}),
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(process, url):
    """Waits until something answers, whatever it is."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def conform(polykms, url, *more):
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    environment.pop("AWS_SESSION_TOKEN", None)
    # One case at a time: moto answers 500 now and then where several requests change its tables at once.
    command = [polykms, "conform", "--target", url, "--dialect", "aws", "--jobs", "1", *more]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def judged(polykms, tools, peer, *more):
    """What the program says of a peer that runs as long as that takes."""
    port = free_port()
    process = peer.start(tools, port)
    try:
        url = f"http://127.0.0.1:{port}"
        wait(process, url)
        return conform(polykms, url, *more)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def outcomes(folder):
    with open(Path(folder) / "result.json", encoding="utf-8") as file:
        return json.load(file)["outcomes"]


def of_peer(polykms, tools, peer):
    with tempfile.TemporaryDirectory() as folder:
        judged(polykms, tools, peer, "--report", folder)
        return outcomes(folder)


def of_ourselves(polykms):
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [polykms, "dev", "--listen", f"127.0.0.1:{port}", "--log-level", "error"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            wait(process, f"{url}/healthz")
            conform(polykms, url, "--report", folder)
            return outcomes(folder)
        finally:
            process.terminate()
            process.wait()


def scrubbed(text):
    """The text without what is another one in each run."""
    text = re.sub(r"polykms-[0-9a-f]{6}-\d+", "…", text)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "…", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[0-9:.]+Z?", "…", text)
    # Times in seconds, short identifiers, and plaintexts.
    text = re.sub(r"\b1\d{9}(\.\d+)?\b|\b[0-9a-f]{8}\b", "…", text)
    text = re.sub(r'("Plaintext":")[^"]*', r"\1…", text)
    text = re.sub(r"(?<![A-Za-z0-9])[A-Za-z0-9+/=_-]{20,}", lambda found: shortened(found.group()), text)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def shortened(word):
    """A word, unless it looks drawn."""
    return "…" if len(word) > 60 or re.search(r"\d", word) else word


def ending(state):
    if state == "fail":
        return "fail"
    return "error" if isinstance(state, dict) and "error" in state else None


def known(peer, version, found):
    """The entries of all that did not pass; the sources of what is expected are in the suite."""
    lines = [
        f"# What {peer.name} {version} does otherwise than the vendor. Written by peers.py; the suite has the sources.",
        f"subject = {json.dumps(peer.name)}",
        f"version = {json.dumps(version)}",
    ]
    for outcome in found:
        end = ending(outcome["state"])
        if end is None:
            continue
        lines += ["", "[[known]]", f"case = {json.dumps(outcome['id'])}"]
        if end == "error":
            lines.append('outcome = "error"')
        if outcome["failures"]:
            failure = outcome["failures"][0]
            why = f"step {failure['step']}: {(failure.get('differences') or ['it does not end'])[0]}"
        else:
            why = str(outcome["state"])
        lines.append(f"reason = {json.dumps(scrubbed(why), ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def topic(outcome):
    return "/".join(outcome["suite"].split("/")[1:3])


def count(found, wanted):
    """How many of a topic passed, of how many that were tried, and how many could not be tried."""
    states = [outcome["state"] for outcome in found if topic(outcome) == wanted]
    skipped = sum(1 for state in states if isinstance(state, dict) and "skip" in state)
    passed = states.count("pass")
    tried = len(states) - skipped
    shown = f"{passed}/{tried}" if tried else "–"
    return f"{shown} ({skipped} not tried)" if skipped else shown


def table(subjects):
    told = [(name, [one for one in found if one["confidence"] != "inferred"]) for name, found in subjects]
    topics = sorted({topic(outcome) for _, found in told for outcome in found})
    names = [name for name, _ in subjects]
    lines = ["| topic | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for wanted in topics:
        lines.append(f"| `{wanted}` | " + " | ".join(count(found, wanted) for _, found in told) + " |")
    return "\n".join(lines)


PAGE = """# Beside other emulators

What `polykms conform --dialect aws` says of this server and of those that a package name installs, {date}. A case is *not
tried* where the server cannot do what it needs: policies that decide, signatures that are verified, a clock that can be moved.
Cases that are documented or recorded count; those that are inferred do not.
What each of the others does otherwise is listed in [conformance/known](../conformance/known), case by case; whatever in these
lists passes, and whatever fails beside them, fails a test. `just peers` writes this page anew.

{table}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("polykms")
    parser.add_argument("tools", type=Path)
    parser.add_argument("--check", choices=[peer.name for peer in PEERS])
    arguments = parser.parse_args()
    if arguments.check:
        peer = next(peer for peer in PEERS if peer.name == arguments.check)
        said = judged(
            arguments.polykms, arguments.tools, peer, "--known", str(HERE / "known" / f"{peer.name}.toml")
        )
        print(said.stdout[-4000:], said.stderr[-2000:], sep="\n")
        return said.returncode
    subjects = [("PolyKMS", of_ourselves(arguments.polykms))]
    for peer in PEERS:
        version, found = peer.version(arguments.tools), of_peer(arguments.polykms, arguments.tools, peer)
        (HERE / "known" / f"{peer.name}.toml").write_text(known(peer, version, found), encoding="utf-8")
        subjects.append((f"{peer.name} {version}", found))
    page = PAGE.format(date=datetime.date.today().isoformat(), table=table(subjects))
    (HERE.parent / "docs/peers.md").write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
