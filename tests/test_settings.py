"""Settings come from the environment only, and each is documented for the operator."""

import re
import secrets
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


def test_pages_are_not_served_with_the_publicly_known_key(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("SECRET_KEY", "django-insecure-known-to-all")
    command = [sys.executable, "-c", "import webinarsync.wsgi"]
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
    served = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert served.returncode == 1
    assert "Set SECRET_KEY in the environment" in served.stderr


def production(monkeypatch: pytest.MonkeyPatch, **wanted: str) -> None:
    """Set what the example requires of an installation, and `wanted`."""
    example = dict(
        re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    )
    required = {"SECRET_KEY": secrets.token_urlsafe(50), "GOTO_CLIENT_ID": "x"}
    required |= {"GOTO_CLIENT_SECRET": "x", "DJANGO_SETTINGS_MODULE": "webinarsync.settings"}
    # The last is set by the browser of other tests.
    for name in ("DEBUG", "HTTPS", "HSTS_SUBDOMAINS", "HSTS_PRELOAD", "DJANGO_ALLOW_ASYNC_UNSAFE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (example | required | wanted).items():
        monkeypatch.setenv(name, value)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error::DeprecationWarning:django", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_example_passes_the_deployment_check(monkeypatch: pytest.MonkeyPatch) -> None:
    production(monkeypatch)
    checked = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout and "Warning" not in checked.stderr


@pytest.mark.parametrize(
    ("wanted", "header"),
    [
        ({}, "max-age=31536000"),
        (
            {"HSTS_SUBDOMAINS": "True", "HSTS_PRELOAD": "True"},
            "max-age=31536000; includeSubDomains; preload",
        ),
        ({"HTTPS": "False"}, "None"),
    ],
)
def test_strict_transport_is_for_this_host_unless_asked_for_more(
    monkeypatch: pytest.MonkeyPatch, wanted: dict[str, str], header: str
) -> None:
    production(monkeypatch, **wanted)
    script = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "answer = Client().get('/', secure=True, headers={'host': 'webinars.example.com'})\n"
        "print(answer.headers.get('Strict-Transport-Security'))"
    )
    asked = run("-c", script)
    assert asked.stdout.strip() == header, asked.stderr


def test_an_address_without_a_scheme_is_one_of_https(monkeypatch: pytest.MonkeyPatch) -> None:
    production(monkeypatch)
    script = (
        "import django; django.setup()\n"
        "from registration_forms.models import ConsentText\n"
        "print(ConsentText._meta.get_field('link').formfield().clean('example.com/privacy'))"
    )
    asked = run("-c", script)
    assert asked.stdout.strip() == "https://example.com/privacy", asked.stderr
    assert "Warning" not in asked.stderr
