"""The page on SDKs and command lines: each program as it stands there, over HTTP and over HTTPS."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pages import Page, Reader, needed, start_of

PAGE = Page("clients.md")
HERE = Path(__file__).parents[1]
TOOLS = Path(os.environ.get("POLYKMS_SDK_TOOLS", HERE.parents[1] / "target" / "sdk-tools")).absolute()

overs = pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    reader = Reader(tmp_path_factory.mktemp("clients"), start_of(PAGE.under("The short way").blocks("sh")[0]))
    yield reader
    reader.server.stop()


def program(heading, language, tls):
    """The program of a client; for HTTPS with the protocol that the page says."""
    text = PAGE.under(heading).block(language)
    return text.replace('"http"', '"https"') if tls else text


def folder_of(reader, heading, tls):
    """A folder of its own for a program."""
    folder = reader.folder / f"{heading} {tls}"
    folder.mkdir()
    return folder


@overs
@pytest.mark.parametrize("heading", ["boto3", "Python, the new SDK", "Python, the old SDK"])
def test_python(reader, heading, tls):
    file = folder_of(reader, heading, tls) / "program.py"
    file.write_text(program(heading, "python", tls))
    assert reader.pointed("python", str(file), tls=tls) == "hello\n"


def test_the_two_lines_of_the_short_way(reader):
    (reader.folder / "program.py").write_text(program("boto3", "python", False))
    lines = PAGE.under("The short way").blocks("sh")[1]
    assert reader.shell(lines.replace("exec", "exec --ready-file ready.json")) == "hello\n" * 2


@overs
def test_aws_command(reader, tls):
    reader.server.reset()
    lines = PAGE.under("The aws command").block("sh")
    said = reader.pointed("bash", "-euc", lines, tls=tls)
    assert said == "helloarn:aws:iam::000000000000:user/alice\narn:aws:iam::000000000000:root\n"


@overs
@pytest.mark.parametrize("heading", ["AWS SDK for JavaScript v3", "Node"])
def test_node(reader, heading, tls):
    folder = folder_of(reader, heading, tls)
    os.symlink(TOOLS / "node" / "node_modules", folder / "node_modules")
    (folder / "program.mjs").write_text(program(heading, "js", tls))
    assert reader.pointed("node", str(folder / "program.mjs"), tls=tls) == "hello\n"


def built_by_go(reader, heading, tls):
    """A Go program, built with the pinned modules, which are kept among the tools."""
    needed("go")
    folder = folder_of(reader, heading, tls)
    for name in ("go.mod", "go.sum"):
        shutil.copy(HERE / "go" / name, folder)
    (folder / "main.go").write_text(program(heading, "go", tls))
    kept = {name: str(TOOLS / "go" / path) for name, path in (("GOMODCACHE", "mod"), ("GOCACHE", "cache"), ("GOPATH", "path"))}
    flags = {"GOFLAGS": "-mod=readonly -modcacherw", "GOTOOLCHAIN": "local"}
    # The registry is asked with what the machine has set for it, the emulator with nothing but what `exec` sets.
    built = subprocess.run(
        ["go", "build", "-o", "program", "."],
        cwd=folder,
        env={**os.environ, **kept, **flags},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert built.returncode == 0, built.stderr
    return str(folder / "program")


@overs
@pytest.mark.parametrize("heading", ["AWS SDK for Go v2", "Go"])
def test_go(reader, heading, tls):
    assert reader.pointed(built_by_go(reader, heading, tls), tls=tls) == "hello\n"


@overs
def test_go_of_the_old_sdk(reader, tls):
    reader.server.reset()
    key, user, caller = reader.pointed(built_by_go(reader, "Go, the old SDK", tls), tls=tls).splitlines()
    assert '"Description":"hello"' in key and '"UserName":"gopher"' in user and '"AccountId":"1000000000000000"' in caller


@pytest.fixture(scope="module")
def jars():
    """The Java SDKs with what they depend on, fetched once for each version of their list."""
    needed("java", "mvn", "keytool")
    tools, list_of_jars = TOOLS / "java", HERE / "java" / "pom.xml"
    tools.mkdir(parents=True, exist_ok=True)
    with open(tools / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = tools / "lib" / ".stamp"
        if not stamp.exists() or stamp.read_text() != list_of_jars.read_text():
            shutil.rmtree(tools / "lib", ignore_errors=True)
            copy = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
            fetched = subprocess.run(
                ["mvn", "-q", "-B", "-f", str(list_of_jars), f"-Dmaven.repo.local={tools / 'repo'}", copy,
                 "-DincludeScope=runtime", f"-DoutputDirectory={tools / 'lib'}"],
                capture_output=True,
                text=True,
                timeout=900,
            )
            assert fetched.returncode == 0, fetched.stdout + fetched.stderr
            stamp.write_text(list_of_jars.read_text())
    return tools / "lib"


@overs
@pytest.mark.parametrize("heading", ["AWS SDK for Java v2", "Java"])
def test_java(reader, jars, heading, tls):
    folder = folder_of(reader, heading, tls)
    (folder / "Program.java").write_text(program(heading, "java", tls))
    lines = PAGE.under("Java").block("sh") if tls else ""
    assert reader.pointed("bash", "-euc", f"cd '{folder}'\n{lines}\n{java(jars)}", tls=tls) == "hello\n"
    if tls:
        with pytest.raises(AssertionError, match="(?i)certificat"):
            reader.pointed("bash", "-euc", f"cd '{folder}'\n{java(jars)}", tls=tls)


def java(jars):
    """The line that runs a program from its source."""
    return f"java -cp '{jars}/*' Program.java"


TRUSTED = {
    "boto3": {"AWS_CA_BUNDLE"},
    "AWS SDK for Go v2": {"AWS_CA_BUNDLE", "SSL_CERT_FILE"},
    "AWS SDK for JavaScript v3": {"NODE_EXTRA_CA_CERTS"},
    "Node": {"NODE_EXTRA_CA_CERTS"},
    "Python, the new SDK": {"SSL_CERT_FILE"},
    "Go": {"SSL_CERT_FILE"},
}


def command_of(reader, heading):
    """The command that runs a program over HTTPS."""
    if "Go" in heading:
        return [built_by_go(reader, heading, "trust")]
    folder = folder_of(reader, heading, "trust")
    if PAGE.under(heading).blocks("python"):
        (folder / "program.py").write_text(program(heading, "python", True))
        return ["python", str(folder / "program.py")]
    os.symlink(TOOLS / "node" / "node_modules", folder / "node_modules")
    (folder / "program.mjs").write_text(program(heading, "js", True))
    return ["node", str(folder / "program.mjs")]


@pytest.mark.parametrize("heading", TRUSTED)
def test_each_variable_of_the_table_of_trust_is_enough_and_without_them_nothing_is_trusted(reader, heading):
    every = {"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"}
    command = command_of(reader, heading)
    for trusted in TRUSTED[heading]:
        others = [f"--unset={name}" for name in every - {trusted}]
        assert reader.pointed("env", *others, *command, tls=True) == "hello\n", trusted
    with pytest.raises(AssertionError, match="(?i)certificate"):
        reader.pointed("env", *[f"--unset={name}" for name in every], *command, tls=True)


def test_aliyun_command(reader):
    # No registry has it, so nothing here can install it: it is tried where somebody has.
    if shutil.which("aliyun") is None:
        pytest.skip("LEFT OUT: needs aliyun, and there is none")
    reader.server.reset()
    said = reader.pointed("bash", "-euc", PAGE.under("The aliyun command").block("sh"))
    assert "typed" in said and "alice" in said and "1000000000000000" in said


def test_every_program_of_the_page_is_run():
    run = {"python": 3, "js": 2, "go": 3, "java": 2, "sh": 5}
    assert {language: len(PAGE.blocks(language)) for language in run} == run
