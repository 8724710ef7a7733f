"""Pages for what went wrong: a plain sentence, and never a trace."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.fixtures.world import World, signed_in
from webinarsync import roles


def test_no_such_page(db: None) -> None:
    answer = Client().get("/nothing/here/")
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


def test_not_for_this_account(world: World) -> None:
    answer = signed_in(roles.MARKETERS).get("/connections/")
    assert answer.status_code == 403
    assert "Ask the operator" in answer.content.decode()


def test_a_form_without_its_cookie(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    signed_in(roles.MARKETERS)
    strict.force_login(User.objects.get())
    answer = strict.post(f"/webinars/{world.webinar.pk}/sync/")
    assert answer.status_code == 403
    assert "Nothing was changed." in answer.content.decode()


def test_the_number_of_what_nobody_expected(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("secret-of-the-trace")

    client = signed_in(roles.MARKETERS)
    client.raise_request_exception = False
    monkeypatch.setattr("registration_forms.embed.form_path", break_down)
    answer = client.get(
        f"/webinars/{world.webinar.pk}/form/", headers={"x-request-id": "number-4711"}
    )
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "number-4711" in page and "secret-of-the-trace" not in page
