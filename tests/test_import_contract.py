"""Packages import each other in one direction, without exceptions."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_no_import_is_exempt_from_the_direction_of_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    linter = project["tool"]["importlinter"]
    assert [each["name"] for each in linter["contracts"] if "ignore_imports" in each] == []
    layers = linter["contracts"][0]["layers"]
    ordered = [name for layer in layers for name in layer.split(" | ")]
    # The simulators import nothing of the product: a separate contract.
    assert sorted([*ordered, "simulators"]) == sorted(linter["root_packages"])
    packages = {file.parent.name for file in ROOT.glob("*/apps.py")}
    assert packages <= set(ordered)
