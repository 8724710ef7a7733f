"""Settings come from the environment only, and each is told to the operator."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parent.parent


def names_read() -> set[str]:
    source = (ROOT / "webinarsync" / "settings.py").read_text()
    return set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', source))


def test_env_example_names_every_setting_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text()
    named = re.findall(r"^#?([A-Z_]+)=", example, flags=re.MULTILINE)
    assert sorted(named) == sorted(names_read())


def test_each_setting_has_a_sentence_above_it() -> None:
    paragraphs = (ROOT / ".env.example").read_text().split("\n\n")
    for paragraph in paragraphs:
        if re.search(r"^#?[A-Z_]+=", paragraph, flags=re.MULTILINE):
            assert re.match(r"# [A-Z].*\.", paragraph, flags=re.DOTALL), paragraph


def test_pages_are_not_served_with_the_key_that_everybody_knows(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("SECRET_KEY", "django-insecure-known-to-all")
    command = [sys.executable, "-c", "import webinarsync.wsgi"]
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
    served = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert served.returncode == 1
    assert "Set SECRET_KEY in the environment" in served.stderr
