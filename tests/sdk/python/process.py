"""One polykms process: started with a ready file, ended by its process id."""

import json
import os
import subprocess
import time
import urllib.request
from pathlib import Path

START_SECONDS = 30
STOP_SECONDS = 10


def binary():
    """The path of the program under test."""
    path = os.environ.get("POLYKMS_BIN")
    if not path:
        raise RuntimeError("POLYKMS_BIN must name the polykms program")
    return path


def command(*arguments, status=0):
    """Runs `polykms ARGUMENTS` without what the environment says; answers what it printed, of a failure both streams."""
    done = subprocess.run(
        [binary(), *map(str, arguments)],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stdout + done.stderr


class Server:
    """A running polykms and what its ready file says about it."""

    def __init__(self, arguments, folder, environment=None, cwd=None):
        """Starts `polykms ARGUMENTS --listen 127.0.0.1:0 --ready-file F` and waits until it is ready.

        Relative paths among the arguments are below `cwd`.
        """
        folder = Path(folder)
        self.log_path = folder / "server.log"
        ready = folder / "ready.json"
        ready.unlink(missing_ok=True)
        command = [binary(), *arguments, "--listen", "127.0.0.1:0", "--ready-file", str(ready)]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=cwd,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.ready = self._wait(ready)
        self.endpoint = self.ready["endpoint"]
        self.address = self.endpoint.removeprefix("http://").rstrip("/")
        self.port = int(self.address.rpartition(":")[2])

    def _wait(self, ready):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"polykms ended with {self.process.returncode}:\n{self.log()}")
            try:
                return json.loads(ready.read_text())
            except (FileNotFoundError, ValueError):
                time.sleep(0.005)
        self.stop()
        raise RuntimeError(f"polykms was not ready after {START_SECONDS} s:\n{self.log()}")

    def log(self):
        """The end of what the server wrote."""
        return self.log_path.read_text(errors="replace")[-4000:]

    def control(self, action, body=None):
        """Asks for `POST /_polykms/ACTION`; answers the decoded body, or None when it is empty."""
        data = json.dumps(body).encode() if body is not None else b""
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"{self.endpoint}/_polykms/{action}", data, headers, method="POST")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as response:
            answer = response.read()
        try:
            return json.loads(answer)
        except ValueError:
            return None

    def reset(self):
        """Forgets everything but the owners."""
        self.control("reset")

    def advance(self, duration):
        """Moves the server's clock forward, for instance by `20m`."""
        self.control("clock", {"advance": duration})

    def kill(self):
        """Ends the process at once, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Asks the process to end, and ends it when it does not."""
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
