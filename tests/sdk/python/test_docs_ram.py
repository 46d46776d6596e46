"""The page on RAM policies for KMS, every block of it as it stands there."""

from pages import Page, Reader, start_of

PAGE = Page("ram.md")


def test_the_page_runs_as_it_is_pasted(tmp_path):
    (tmp_path / "steps.py").write_text("\n".join(PAGE.blocks("python")))
    start, why, keep = PAGE.blocks("sh")
    reader = Reader(tmp_path, start_of(start))
    try:
        request = reader.pointed("python", "steps.py").split()[-1]
        assert "explicit_deny" in reader.shell(why, REQUEST=request)
        keep = keep.replace("seed export", "seed export --ready-file ready.json")
        assert "nothing is wrong" in reader.shell(keep)
    finally:
        reader.server.stop()
    assert "alice" in (tmp_path / "seed.yaml").read_text()
