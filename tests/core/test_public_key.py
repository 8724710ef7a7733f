"""No command accesses people or sign-ins with the publicly known key."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError

from core.public_key import OwnKeyCommand
from webinarsync.settings import INSECURE_KEY

pytestmark = [pytest.mark.pure, pytest.mark.django_db]
ROOT = Path(__file__).resolve().parents[2]
REFUSE = {
    "apply_retention", "connect_goto", "connect_hubspot", "erase_person", "forget_people",
    "hubspot_status", "qcluster", "reconcile", "rotate_token_keys", "send_to_hubspot",
    "sync_webinars",
}  # fmt: skip
# They write no secret and make no calls.
WORK = {
    "audience",
    "backup",
    "doctor",
    "install_schedules",
    "hubspot_simulator",
    "prepare_demo",
    "simulator",
}
OURS = {
    name: app
    for name, app in get_commands().items()
    if (ROOT / app.replace(".", "/") / "management").is_dir() and app != "tests.database"
}


def test_each_command_of_ours_shows_whether_it_needs_a_key_of_ones_own() -> None:
    found = {name: isinstance(load_command_class(app, name), OwnKeyCommand)
             for name, app in OURS.items()}  # fmt: skip
    assert {name for name, needs in found.items() if needs} == REFUSE
    assert {name for name, needs in found.items() if not needs} == WORK


@pytest.mark.parametrize("name", sorted(REFUSE))
def test_it_refuses_the_publicly_known_key(settings: Any, name: str) -> None:
    settings.SECRET_KEY = INSECURE_KEY
    words = {"reconcile": ["1"], "connect_goto": ["--refresh-token=x"]}
    words["erase_person"] = ["ada@example.com", "--yes"]
    words["send_to_hubspot"] = ["--webinar=1"]
    with pytest.raises(CommandError, match="Set SECRET_KEY in the environment"):
        call_command(name, *words.get(name, []))


def test_it_works_with_that_key_while_debugging(settings: Any) -> None:
    settings.SECRET_KEY, settings.DEBUG = INSECURE_KEY, True
    output = io.StringIO()
    call_command("rotate_token_keys", stdout=output)
    assert "newest key" in output.getvalue()


@pytest.mark.parametrize("words", [["qcluster"], ["sync_webinars", "--json"]])
def test_the_command_line_explains_what_to_do(words: list[str]) -> None:
    env = os.environ | {"SECRET_KEY": INSECURE_KEY, "DEBUG": "False"}
    env |= {"DJANGO_SETTINGS_MODULE": "webinarsync.settings"}
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "CommandError: Set SECRET_KEY in the environment" in done.stderr


def test_what_prepares_an_installation_works_with_any_key(settings: Any) -> None:
    settings.SECRET_KEY = INSECURE_KEY
    call_command("makemigrations", "--check", "--dry-run", stdout=io.StringIO())
    call_command("check", stdout=io.StringIO(), stderr=io.StringIO())
    call_command("collectstatic", "--dry-run", "--noinput", stdout=io.StringIO())
