"""The servers of others, judged by the suite: what they do otherwise is known, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from process import binary

PEERS = Path(__file__).resolve().parents[3] / "conformance/peers.py"


@pytest.mark.parametrize("name", ["moto", "ministack"])
def test_a_peer_does_otherwise_what_is_known_and_nothing_else(name):
    tools = os.environ["POLYKMS_SDK_TOOLS"]
    said = subprocess.run(
        [sys.executable, str(PEERS), binary(), tools, "--check", name],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
