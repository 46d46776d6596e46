"""The deliberate faults that the conformance suite is judged by have their places in the sources; `just mutants` runs them."""

import importlib.util
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[3] / "conformance" / "mutants" / "run.py"


@pytest.fixture
def run():
    spec = importlib.util.spec_from_file_location("mutants", RUN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_fault_has_its_place(run):
    faults = run.faults()
    assert len(faults) >= 60
    for path, text in run.sources().items():
        names = [fault["name"] for fault in faults if fault["file"] == path]
        assert text.count('fault("') == sum(text.count(f'fault("{name}")') for name in names) >= len(names)
        assert "FAULT" not in text


def test_a_fault_without_a_place_is_told(run):
    fault = {"name": "gone", "file": "core/src/lib.rs", "find": "nothing like it", "put": "FAULT"}
    with pytest.raises(SystemExit, match="gone: its place is 0 times in core/src/lib.rs"):
        run.changed("text", fault)


def test_no_source_of_the_server_knows_of_faults():
    root = RUN.parents[2]
    sources = [path for folder in ("core", "dialects", "adapters", "src") for path in (root / folder).rglob("*.rs")]
    assert len(sources) > 200
    assert [path for path in sources if "FAULT_OF_POLYKMS" in path.read_text()] == []
