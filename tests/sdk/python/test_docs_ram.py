"""The page on RAM policies for KMS, every block of it as it stands there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from process import Server, binary

PAGE = Path(__file__).parents[3] / "docs" / "ram.md"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def run(folder, *command, **variables):
    done = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": f"{folder}:{os.environ['PATH']}", **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_runs_as_it_is_pasted(tmp_path):
    os.symlink(binary(), tmp_path / "polykms")
    (tmp_path / "steps.py").write_text("\n".join(blocks("python")))
    start, why, keep = blocks("sh")
    arguments = re.match(r"polykms (dev .*) &\n", start)[1].split()
    arguments[-1] = str(tmp_path / arguments[-1])
    server = Server(arguments, tmp_path)
    try:
        pointed = [shutil.which("polykms", path=str(tmp_path)), "exec", "--ready-file", "ready.json", "--"]
        request = run(tmp_path, *pointed, sys.executable, "steps.py").split()[-1]
        assert "explicit_deny" in run(tmp_path, "bash", "-euc", why, REQUEST=request)
        keep = keep.replace("seed export", "seed export --ready-file ready.json")
        assert "nothing is wrong" in run(tmp_path, "bash", "-euc", keep)
    finally:
        server.stop()
    assert "alice" in (tmp_path / "seed.yaml").read_text()
