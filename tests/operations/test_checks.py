"""`manage.py check` names a wrong setting and how to correct it."""

import pytest
from cryptography.fernet import Fernet
from django.core.checks import CheckMessage
from pytest_django.fixtures import Settings

from operations import checks


def ids(found: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in found]


def test_good_settings_give_no_message() -> None:
    assert checks.token_keys() + checks.addresses() + checks.ready_to_serve() == []


def test_token_keys_have_to_be_keys(settings: Settings) -> None:
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    assert checks.token_keys() == []
    settings.TOKEN_KEYS += ["password"]
    assert ids(checks.token_keys()) == ["webinarsync.E001"]


@pytest.mark.parametrize("name", ["PUBLIC_URL", "GOTO_API_URL", "GOTO_AUTH_URL", "HUBSPOT_API_URL"])
@pytest.mark.parametrize("text", ["api.getgo.com", "ftp://api.getgo.com", "https://", "http://["])
def test_addresses_have_scheme_and_host(settings: Settings, name: str, text: str) -> None:
    setattr(settings, name, text)
    (message,) = checks.addresses()
    assert name in message.msg and text in message.msg


@pytest.mark.parametrize(
    ("origin", "good"),
    [
        ("https://www.example.com", True),
        ("https://*.example.com:8443", True),
        ("www.example.com", False),
        ("https://www.example.com/page", False),
        ("https://a.example; script-src *", False),
    ],
)
def test_sites_that_may_embed_the_form_are_origins(
    settings: Settings, origin: str, good: bool
) -> None:
    settings.FORM_FRAME_ORIGINS = [origin]
    assert (checks.frames() == []) == good


def test_a_server_has_to_know_its_address_and_client(settings: Settings) -> None:
    settings.PUBLIC_URL = settings.GOTO_CLIENT_SECRET = ""
    assert ids(checks.ready_to_serve()) == ["webinarsync.W001", "webinarsync.W002"]
