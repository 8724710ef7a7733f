"""A body that is too large is refused before anything of it is read, at every URL; no public URL
stores it as a file."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from django.urls import resolve
from django.utils import translation

from contact_imports.models import ContactImport
from core.body_limits import ENVELOPE_BYTES, PUBLIC_BYTES, SIGNED_IN_BYTES
from platforms.models import WebhookSetup
from registration_forms.links import form_path
from registration_forms.models import Submission
from tests.fixtures.addresses import addresses
from tests.fixtures.world import signed_in
from webinars.models import Webinar
from webinarsync import roles

# Independent of the database.
pytestmark = [pytest.mark.django_db, pytest.mark.pure]
MULTIPART = "multipart/form-data; boundary=x"
UPLOAD = "/contacts/import/"
LARGEST_FILE: int = resolve(UPLOAD).func.largest_file  # type: ignore[attr-defined]


class Body(io.RawIOBase):
    """A client's request: `length` bytes; the bytes read are counted."""

    def __init__(self, length: int) -> None:
        self.left, self.taken = length, 0

    def read(self, size: int = -1) -> bytes:
        length = self.left if size < 0 else min(size, self.left)
        self.left -= length
        self.taken += length
        return b"x" * length


def post(client: Client, path: str, length: int, **more: Any) -> tuple[Any, Body]:
    """Post `length` bytes; with `chunked` without Content-Length."""
    body = Body(length)
    about: dict[str, Any] = {"wsgi.input": body}
    if more.pop("chunked", False):
        about |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        about["CONTENT_LENGTH"] = ""
    else:
        about["CONTENT_LENGTH"] = str(length)
    # Django's client sets it only for its own bodies.
    about["CONTENT_TYPE"] = more.pop("content_type", MULTIPART)
    answer = client.generic("POST", path, **about, **more)
    return answer, body


def forgery() -> Client:
    """A client that sends a CSRF token."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    return client


def test_no_url_reads_a_body_that_is_too_large_from_anonymous_visitors(
    examples: Mapping[str, object],
) -> None:
    wrong = []
    for name, path in addresses(examples):
        for kind in (MULTIPART, "application/x-www-form-urlencoded", "application/json"):
            answer, body = post(forgery(), path, 100 * 2**20, content_type=kind)
            if answer.status_code != 413 or body.taken:
                wrong.append((name, kind, answer.status_code, body.taken))
    assert wrong == []


def test_no_more_of_a_body_without_a_length_is_read_than_is_accepted(
    examples: Mapping[str, object],
) -> None:
    wrong = []
    for name, path in addresses(examples):
        answer, body = post(forgery(), path, 100 * 2**20, chunked=True)
        if answer.status_code != 413 or body.taken > PUBLIC_BYTES + 1:
            wrong.append((name, answer.status_code, body.taken))
    assert wrong == []


def test_no_public_address_makes_a_file_of_what_is_posted(
    examples: Mapping[str, object], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    made: list[str] = []

    def new_file(self: object, field: str, *args: Any, **kwargs: Any) -> None:
        made.append(field)

    # Anything small is written too, if there is anything.
    settings.FILE_UPLOAD_HANDLERS = [f"{TemporaryFileUploadHandler.__module__}."
                                     f"{TemporaryFileUploadHandler.__name__}"]  # fmt: skip
    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", new_file)
    for _name, path in addresses(examples):
        file = SimpleUploadedFile("a.bin", b"x" * 100_000)
        assert forgery().post(path, {"file": file, "first_name": "A"}).status_code < 500
    assert made == []


def test_the_answer_is_in_words_of_the_readers_language(examples: Mapping[str, object]) -> None:
    path = form_path(Webinar.objects.get(pk=str(examples["webinar_id"])))
    answer, _body = post(Client(), path, PUBLIC_BYTES + 1)
    assert "larger than this page accepts" in answer.content.decode()
    # In the frame that contains the form.
    assert "X-Frame-Options" not in answer.headers
    answer, _body = post(Client(), f"{path}?lang=fr", PUBLIC_BYTES + 1)
    assert answer["Content-Language"] == "fr"
    with translation.override("en"):
        answer, _body = post(Client(), "/admin/login/", PUBLIC_BYTES + 1)
    assert answer.status_code == 413 and answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_form_of_the_largest_size_is_read(examples: Mapping[str, object], chunked: bool) -> None:
    path = form_path(Webinar.objects.get(pk=str(examples["webinar_id"])))
    kind = "application/x-www-form-urlencoded"
    answer, body = post(Client(), path, PUBLIC_BYTES, content_type=kind, chunked=chunked)
    # Prompted to fill in missing values.
    assert answer.status_code == 422
    assert body.left == 0


def test_a_form_sent_in_pieces_is_stored(examples: Mapping[str, object], settings: Any) -> None:
    settings.FORM_LEAST_SECONDS = 0
    path = form_path(Webinar.objects.get(pk=str(examples["webinar_id"])))
    page = Client().get(path)
    stamp = page.context["form"]["stamp"].value()
    body = f"first_name=Ida&last_name=Noll&email=ida@example.com&stamp={stamp}&consent=on".encode()
    before = Submission.objects.count()
    about: Any = {
        "CONTENT_TYPE": "application/x-www-form-urlencoded", "wsgi.input": io.BytesIO(body),
        "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "CONTENT_LENGTH": "",
    }  # fmt: skip
    answer = Client().generic("POST", path, **about)
    assert answer.status_code == 302
    assert Submission.objects.count() == before + 1


@pytest.mark.parametrize("length", ["-5", "many", "9" * 5000])
def test_an_invalid_length_is_too_long(length: str) -> None:
    body = Body(10)
    about: Any = {"wsgi.input": body, "CONTENT_LENGTH": length, "CONTENT_TYPE": MULTIPART}
    answer = forgery().generic("POST", "/admin/login/", **about)
    assert answer.status_code == 413 and body.taken == 0


@pytest.mark.parametrize("chunked", [False, True])
def test_a_webhook_that_is_too_large_is_counted(
    examples: Mapping[str, object], chunked: bool
) -> None:
    path = f"/connections/webhook/{examples['path']}/"
    for length in (70_000, 100 * 2**20):
        answer, body = post(
            Client(), path, length, content_type="application/json", chunked=chunked
        )
        assert answer.status_code == 413
        assert body.taken <= (PUBLIC_BYTES + 1 if chunked else 0)
    assert WebhookSetup.objects.get().oversized == 2


# -- people who are signed in ----------------------------------------------------------------------


def test_files_are_accepted_only_where_expected_and_from_signed_in_users() -> None:
    client = signed_in(roles.MARKETERS)
    people = "".join(f"a{n}@example.com,Ada,Byron\n" for n in range(40_000))
    file = SimpleUploadedFile("people.csv", f"email,first name,last name\n{people}".encode())
    assert file.size and file.size > PUBLIC_BYTES
    assert client.post(UPLOAD, {"file": file}).status_code == 302
    assert ContactImport.objects.count() == 1
    for chunked in (False, True):
        answer, body = post(client, UPLOAD, LARGEST_FILE + ENVELOPE_BYTES + 1, chunked=chunked)
        assert answer.status_code == 413
        assert body.taken == (SIGNED_IN_BYTES + 1 if chunked else 0)


def test_no_other_page_takes_more_than_its_fields_need(examples: Mapping[str, object]) -> None:
    client = signed_in(roles.OPERATORS)
    wrong = []
    for name, path in addresses(examples):
        answer, body = post(client, path, SIGNED_IN_BYTES + 1)
        if name != "contact_imports:imports" and (answer.status_code != 413 or body.taken):
            wrong.append((name, answer.status_code, body.taken))
    assert wrong == []


def test_no_one_becomes_a_marketer_by_a_cookie(examples: Mapping[str, object]) -> None:
    client = forgery()
    client.cookies["sessionid"] = "a" * 32
    answer, body = post(client, UPLOAD, PUBLIC_BYTES + 1)
    assert answer.status_code == 413 and body.taken == 0
