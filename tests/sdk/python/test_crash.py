"""The server is killed under load, again and again: nothing that it acknowledged may be missing afterwards.

The number of rounds is 100, or POLYKMS_CRASH_ROUNDS; the times of the kills follow from a seed, which is printed and
can be given as POLYKMS_CRASH_SEED.
"""

import os
import random
import threading
import time

import pytest

from crash_load import OWNER, Acknowledged, Load, lost
from process import Server

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


@pytest.fixture
def chance():
    """Random numbers from a seed that is printed."""
    seed = int(os.environ.get("POLYKMS_CRASH_SEED", random.SystemRandom().randrange(2**32)))
    print(f"\ncrash seed: {seed}")
    return random.Random(seed)


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path, chance, capsys):
    began, old, writes, starts = time.monotonic(), [], 0, []
    server = serve(tmp_path)
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
            old += notes
            writes += sum(note.count() for note in notes)
        assert lost(server, old) == []
    finally:
        server.stop()
    took = time.monotonic() - began
    with capsys.disabled():
        print(f"\n{ROUNDS} kills, {writes} acknowledged writes, {len(old)} keys, 0 lost", end=", ")
        print(f"longest restart {max(starts):.2f} s, {took:.0f} s in all")
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
