"""The simulators' commands where only what a server needs is installed."""

import sys

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("command", ["simulator", "hubspot_simulator"])
@pytest.mark.parametrize("package", ["starlette", "uvicorn"])
def test_a_missing_package_is_named_with_what_to_install(
    package: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("simulators.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(CommandError, match=f"needs the package {package}.*requirements-demo.txt"):
        call_command(command, port=0)
