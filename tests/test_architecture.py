"""The pages on architecture: the diagram equals the import contract, and everything they name
exists."""

import re
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "architecture.md"


def layers() -> list[list[str]]:
    """Return the packages of the first import contract, from the top, by layer."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = project["tool"]["importlinter"]["contracts"][0]
    assert contract["type"] == "layers"
    return [re.findall(r"\w+", layer) for layer in contract["layers"]]


def picture(of: list[list[str]]) -> str:
    """Return the diagram of layers: each may import what is below."""
    names = [" & ".join(layer) for layer in of]
    arrows = [f"    {upper} --> {lower}" for upper, lower in zip(names, names[1:], strict=False)]
    return "\n".join(["```mermaid", "flowchart TD", *arrows, "```"])


def test_the_picture_is_that_of_the_import_contract() -> None:
    [drawn] = re.findall(r"```mermaid\n.*?```", PAGE.read_text(), flags=re.DOTALL)
    wanted = picture(layers())
    assert drawn == wanted, f"put this into {PAGE.relative_to(ROOT)}:\n{wanted}"


def test_each_package_is_in_the_list_of_folders() -> None:
    folders = (ROOT / "docs" / "reference.md").read_text().split("\n## Folders\n", 1)[1]
    for package in (name for layer in layers() for name in layer):
        assert re.search(rf"^{package}/ +\S", folders, flags=re.MULTILINE), package


@pytest.mark.parametrize("page", ["architecture.md", "concepts.md", "data-flow.md", "reference.md"])
def test_files_that_are_named_are_there(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    named = re.findall(r"`((?:\w+/)+(?:\w+\.py)?)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_a_layer_with_two_packages_is_drawn_side_by_side() -> None:
    drawn = picture([["top"], ["left", "right"], ["bottom"]])
    assert drawn.splitlines()[2:4] == ["    top --> left & right", "    left & right --> bottom"]
