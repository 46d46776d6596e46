"""The server is killed under load, again and again: nothing that it acknowledged may be missing afterwards, and the
audit trail tells of every change that was kept, and of none that was not.

The number of rounds is 100, or POLYKMS_CRASH_ROUNDS; the times of the kills follow from a seed, which is printed and
can be given as POLYKMS_CRASH_SEED.
"""

import json
import os
import random
import subprocess
import threading
import time

import pytest

from crash_load import OWNER, Acknowledged, Connection, Load, lost
from process import Server, binary

ROUNDS = int(os.environ.get("POLYKMS_CRASH_ROUNDS", "100"))
SHORTEST, LONGEST = 0.050, 0.300
LIMIT_SECONDS = 180
# A sample of what earlier rounds acknowledged is looked at again in each round; all of it after the last one.
OLD_SAMPLE = 10


def serve(folder):
    """Starts `polykms serve` on the data in a folder, with owners known beforehand."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    owners = {
        "POLYKMS_AWS_ACCESS_KEY_ID": OWNER[0],
        "POLYKMS_AWS_SECRET_ACCESS_KEY": OWNER[1],
        "POLYKMS_ALIBABA_ACCESS_KEY_ID": OWNER[0],
        "POLYKMS_ALIBABA_ACCESS_KEY_SECRET": OWNER[1],
    }
    return Server(["serve", "--data-dir", str(data)], folder, owners)


class Trail:
    """What the trail tells of changes, read on from where it was read before; an event that stands twice counts once."""

    def __init__(self, folder):
        self.path, self.read, self.events, self.repeated = folder / "data" / "audit.jsonl", 0, {}, 0

    def untold(self, notes):
        """Keys, aliases and users that were acknowledged, and of which no event tells that they were made."""
        self._go_on()
        made = {(event["eventName"], *self._made(event)) for event in self.events.values() if "errorCode" not in event}
        wanted = {("CreateKey", note.key) for note in notes}
        wanted |= {("CreateAlias", alias) for note in notes for alias in note.aliases}
        wanted |= {("CreateUser", user) for note in notes for user in note.users}
        return sorted(wanted - made)

    def keys(self):
        """The keys that events say were made."""
        self._go_on()
        return [self._made(event)[0] for event in self.events.values() if event["eventName"] == "CreateKey"]

    def _made(self, event):
        names = {"CreateKey": ("keyMetadata", "keyId"), "CreateUser": ("user", "userName")}
        if event["eventName"] in names:
            outer, inner = names[event["eventName"]]
            return ((event["responseElements"] or {}).get(outer, {}).get(inner),)
        return ((event["requestParameters"] or {}).get("aliasName"),)

    def _go_on(self):
        with open(self.path, "rb") as trail:
            trail.seek(self.read)
            for line in trail:
                self.read += len(line)
                try:
                    event = json.loads(line)
                except ValueError:
                    continue  # torn by a kill
                if "eventID" in event:
                    self.repeated += event["eventID"] in self.events
                    self.events[event["eventID"]] = event


def audit(folder, *arguments):
    """Runs `polykms audit`; answers what it prints."""
    done = subprocess.run([binary(), "audit", *arguments], capture_output=True, text=True, timeout=60, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def chance():
    """Random numbers from a seed that is printed."""
    seed = int(os.environ.get("POLYKMS_CRASH_SEED", random.SystemRandom().randrange(2**32)))
    print(f"\ncrash seed: {seed}")
    return random.Random(seed)


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path, chance, capsys):
    began, old, writes, starts = time.monotonic(), [], 0, []
    server, trail = serve(tmp_path), Trail(tmp_path)
    try:
        for number in range(ROUNDS):
            load = Load(server, f"r{number}")
            time.sleep(chance.uniform(SHORTEST, LONGEST))
            server.kill()
            notes = load.end()
            started = time.monotonic()
            server = serve(tmp_path)
            starts.append(time.monotonic() - started)
            missing = lost(server, notes + chance.sample(old, min(OLD_SAMPLE, len(old))))
            assert missing == [], f"round {number}: {len(missing)} lost: {missing[:10]}"
            untold = trail.untold(notes)
            assert untold == [], f"round {number}: no event of {untold[:10]}"
            old += notes
            writes += sum(note.count() for note in notes)
        assert lost(server, old) == []
        connection = Connection(server)
        never = [key for key in trail.keys() if connection.kms("DescribeKey", KeyId=key) is None]
        assert never == [], f"events tell of keys that were never kept: {never[:10]}"
        server.stop()
        public = audit(tmp_path, "public-key", "--data-dir", str(tmp_path / "data")).strip()
        vouched = audit(tmp_path, "verify", str(trail.path), "--public-key", public)
    finally:
        server.stop()
    took = time.monotonic() - began
    with capsys.disabled():
        print(f"\n{ROUNDS} kills, {writes} acknowledged writes, {len(old)} keys, 0 lost", end=", ")
        print(f"longest restart {max(starts):.2f} s, {took:.0f} s in all")
        print(f"{len(trail.events)} events, {trail.repeated} told twice; verified: {vouched.splitlines()[-1]}")
    assert writes > ROUNDS, "the load was too small to mean anything"
    assert took < LIMIT_SECONDS * max(1, ROUNDS / 100)


def test_a_server_asked_to_end_loses_nothing_either(tmp_path):
    server = serve(tmp_path)
    load = Load(server, "calm")
    time.sleep(LONGEST)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    notes = load.end()
    stopping.join()
    assert server.process.returncode == 0
    server = serve(tmp_path)
    try:
        assert notes and lost(server, notes) == []
        trail = Trail(tmp_path)
        assert trail.untold(notes) == [] and trail.repeated == 0
    finally:
        server.stop()


def test_the_check_finds_what_was_never_written(tmp_path):
    """The control: a check that finds nothing here would find nothing anywhere."""
    server = serve(tmp_path)
    try:
        load = Load(server, "control")
        time.sleep(SHORTEST)
        notes = load.end()
        assert lost(server, notes) == []
        real = notes[0]
        fakes = [
            Acknowledged("12345678-1234-1234-1234-123456789012"),
            Acknowledged(real.key, aliases=["alias/never"], counter=real.counter, sent_counter=real.sent_counter),
            Acknowledged(real.key, users=["never"], counter=real.counter, sent_counter=real.sent_counter),
            Acknowledged(real.key, counter=99, sent_counter=99),
            Acknowledged(real.key, counter=real.counter, sent_counter=real.sent_counter, ciphertexts=[("x", "AAAA")]),
        ]
        assert [len(lost(server, [fake])) for fake in fakes] == [1, 1, 1, 1, 1]
    finally:
        server.stop()
