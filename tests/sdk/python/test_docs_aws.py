"""The page on KMS policies of AWS, every block of it as it stands there."""

from pages import Page, Reader, start_of

PAGE = Page("aws.md")


def test_the_page_runs_as_it_is_pasted(tmp_path):
    start, *steps = PAGE.blocks("sh")
    reader = Reader(tmp_path, start_of(start))
    try:
        # One shell for the whole page; it ends at the first command that fails, functions included.
        script = "\n".join(steps).replace("seed export", "seed export --ready-file ready.json")
        said = reader.pointed("bash", "-euc", script, POLYKMS_LISTEN=reader.server.address)
    finally:
        reader.server.stop()
    for told in ("identity `keep`", "no session policy", "may kms:Encrypt", "nothing is wrong"):
        assert told in said, said
    assert "pilot" in (tmp_path / "seed.yaml").read_text()


def test_what_is_to_be_denied_and_is_not_ends_the_page(tmp_path):
    start, functions, user, *_ = PAGE.blocks("sh")
    reader = Reader(tmp_path, start_of(start))
    try:
        done = reader.attempt(*reader.exec(), "bash", "-euc", functions + user + 'denied encrypt "$apollo"\necho after')
    finally:
        reader.server.stop()
    assert done.returncode == 1 and done.stdout.endswith("it was allowed: encrypt " + done.stdout.split()[-1] + "\n"), done
