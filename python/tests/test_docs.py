"""Every Python block of docs/python.md runs; one that needs a package that is not there is left out, by name."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_block(number, tmp_path, monkeypatch):
    block = BLOCKS[number]
    for package in re.findall(r"^(?:import|from) (\w+)", block, flags=re.MULTILINE):
        pytest.importorskip(package)
    if "matplotlib" in block:
        import matplotlib

        matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    exec(compile(block, f"docs/python.md, block {number + 1}", "exec"), {})


def test_there_are_blocks():
    assert len(BLOCKS) >= 5
