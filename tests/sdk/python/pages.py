"""The pages of the documentation, and the running of their blocks as they stand there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from process import Server, binary

DOCS = Path(__file__).parents[3] / "docs"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Page:
    """One page, or what stands under one of its headings."""

    def __init__(self, name, text=None):
        self.name = name
        self.text = (DOCS / name).read_text() if text is None else text

    def blocks(self, language):
        """The blocks of a language, in their order."""
        return [text for marked, text in FENCE.findall(self.text) if marked == language]

    def block(self, language):
        """The one block of a language."""
        (block,) = self.blocks(language)
        return block

    def under(self, heading):
        """What stands between this heading and the next of its level or above."""
        # A comment in a block is no heading.
        shown = FENCE.sub(lambda block: re.sub(r"^#", " ", block[0], flags=re.MULTILINE), self.text)
        start = re.search(rf"^(#+) {re.escape(heading)}$", shown, re.MULTILINE)
        assert start, f"{self.name} has no heading `{heading}`"
        end = re.compile(rf"^#{{1,{len(start[1])}}} ", re.MULTILINE).search(shown, start.end())
        return Page(f"{self.name}: {heading}", self.text[start.end() : end.start() if end else None])


class Reader:
    """Somebody who follows a page in a folder, with an emulator of its own and its program on the path."""

    def __init__(self, folder, arguments):
        self.folder = folder
        programs = folder / "bin"
        programs.mkdir()
        os.symlink(binary(), programs / "polykms")
        # Those of the environment that runs the tests; a link to its python would be that of the system.
        self.add("python", sys.executable)
        self.add("aws", sys.executable, str(Path(sys.executable).with_name("aws")))
        self.path = f"{programs}:{os.environ['PATH']}"
        self.server = Server(arguments, folder, cwd=folder)

    def add(self, name, *command):
        """Puts a program on the path that is this command."""
        program = self.folder / "bin" / name
        program.write_text("#!/bin/sh\nexec " + shlex.join(command) + ' "$@"\n')
        program.chmod(0o755)

    def run(self, *command, **variables):
        """Runs a command that has to succeed; answers what it printed."""
        done = self.attempt(*command, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def attempt(self, *command, **variables):
        """Runs a command to its end, whatever comes of it."""
        return subprocess.run(
            [shutil.which(command[0], path=self.path), *command[1:]],
            cwd=self.folder,
            env={"PATH": self.path, "HOME": str(self.folder), **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def pointed(self, *command, tls=False, **variables):
        """Runs a command with `polykms exec`, over HTTPS when that is wanted."""
        return self.run(*self.exec(tls), *command, **variables)

    @staticmethod
    def exec(tls=False):
        """What stands before a command that goes to the emulator."""
        return ["polykms", "exec", "--ready-file", "ready.json", *(["--tls"] if tls else []), "--"]

    def shell(self, script, **variables):
        """Runs what is pasted into a shell, which ends at the first failure."""
        return self.run("bash", "-euo", "pipefail", "-c", script, **variables)


def start_of(block):
    """The arguments of the `polykms` that the first line of a block starts in the background."""
    return re.match(r"polykms (.*) &\n", block)[1].split()


def needed(*programs):
    """Leaves a test out where a program is missing, and says so; with POLYKMS_ALL_TESTS that is an error."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        said = f"LEFT OUT: needs {', '.join(missing)}, and there is none"
        if "POLYKMS_ALL_TESTS" in os.environ:
            pytest.fail(said)
        pytest.skip(said)
