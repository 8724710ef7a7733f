"""Error pages: a plain sentence, and never a traceback."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.fixtures.world import World, signed_in
from webinarsync import roles

DASHBOARD = '<a class="back" href="/admin/">Back to the dashboard</a>'


def test_no_such_page(db: None) -> None:
    answer = Client().get("/nothing/here/")
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


def test_not_for_this_account(world: World) -> None:
    answer = signed_in(roles.MARKETERS).get("/connections/")
    assert answer.status_code == 403
    assert "Ask the operator" in answer.content.decode()
    assert DASHBOARD in answer.content.decode()


def test_a_form_without_its_cookie(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    signed_in(roles.MARKETERS)
    strict.force_login(User.objects.get())
    answer = strict.post(f"/webinars/{world.webinar.pk}/sync/")
    assert answer.status_code == 403
    assert "Nothing was changed." in answer.content.decode()


def test_the_number_of_an_unexpected_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert DASHBOARD in page


def test_staff_are_redirected_to_the_dashboard(world: World) -> None:
    client = signed_in(roles.MARKETERS)
    answers = {
        404: client.get("/nothing/here/"),
        400: client.get(f"/admin/contacts/contact/?o={'1.' * 30}"),
        413: client.generic("POST", "/contacts/find/", data="x", CONTENT_LENGTH=str(10**9)),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert DASHBOARD in answer.content.decode()
        assert "webinarsync/icon" in answer.content.decode()


def test_a_visitor_is_redirected_to_the_form_and_to_no_sign_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Client(raise_request_exception=False)
    form = f"/register/{world.webinar.slug}/"
    back = f'href="{form}">Back to the registration form'
    assert back in visitor.get(f"{form}not-a-secret/").content.decode()
    too_large = visitor.generic("POST", form, CONTENT_LENGTH=str(10**9), data="x")
    assert too_large.status_code == 413 and back in too_large.content.decode()
    page = visitor.get("/nothing/here/").content.decode()
    assert "Page not found" in page and "href=" not in page[page.index("<main") :]

    def break_down(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("registration_forms.views.form.PublicForm", break_down)
    answer = visitor.get(form)
    assert answer.status_code == 500 and back in answer.content.decode()
