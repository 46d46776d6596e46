"""What the README shows of SDKs and the shell, as it stands there but for the port."""

import pytest

from pages import Page, Reader

PAGE = Page("../README.md")


@pytest.fixture
def reader(tmp_path):
    reader = Reader(tmp_path, ["dev"])
    yield reader
    reader.server.stop()


@pytest.mark.parametrize("program", PAGE.under("Start").blocks("python"), ids=["aws", "alibaba"])
def test_the_programs_of_the_readme(reader, program):
    assert "127.0.0.1:4566" in program
    (reader.folder / "program.py").write_text(program.replace("127.0.0.1:4566", reader.server.address))
    # They say everything themselves, so they are run as they are.
    assert "b'hello'" in reader.run("python", "program.py")


def test_the_lines_for_the_shell(reader):
    said = reader.shell(PAGE.under("The shell").block("sh"), POLYKMS_LISTEN=reader.server.address)
    assert f"export AWS_ENDPOINT_URL={reader.server.endpoint}" in said and '"Keys": []' in said
