"""CONTRIBUTING.md names existing commands and files."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text()


def test_commands_are_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", TEXT, flags=re.MULTILINE))
    assert {"run", "shell", "hooks", "lint", "test"} <= named <= targets


def test_files_and_settings_are_there() -> None:
    named = re.findall(r"`((?:\w+/)+[\w./-]*|\.[\w./-]+|[\w-]+\.(?:in|py|md))`", TEXT)
    # One for each package, and generated folders.
    of_packages = {
        "urls.py",
        "manage.py",
        "error_messages.py",
        "audit_messages.py",
        "0001_initial.py",
    }
    made = {".env", ".local/", ".local/run/", ".local/venv-dev"}
    missing = [
        name
        for name in named
        if name not in of_packages | made | {"admin/base_site.html"} and not (ROOT / name).exists()
    ]
    assert missing == []
    assert len(named) > 20
    settings = (ROOT / ".env.example").read_text()
    for name in re.findall(r"^([A-Z_]+)=http", TEXT, flags=re.MULTILINE):
        assert re.search(rf"^#?{name}=", settings, flags=re.MULTILINE), name
