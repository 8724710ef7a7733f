"""Any input to the public URLs: each answer is an expected one, and refused input leaves nothing
behind."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact
from platforms.models import WebhookEvent
from registration_forms import spam_protection
from registration_forms.links import form_path
from registration_forms.models import Submission
from webinars.models import Registration, Webinar

pytestmark = [pytest.mark.django_db, pytest.mark.faults]
QUICK = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TEXT = st.text(max_size=40) | st.sampled_from(
    ["\x00", "a\x00b", "\ud800", "‮", "%00", "' OR 1=1 --", "{{7*7}}", "=1+1", "A" * 5000]
)
NAMES = st.sampled_from(
    ["first_name", "last_name", "email", "stamp", "comment", "country", "again", "q_1", "consent",
     "lang", "embed", "website", "webinar", "utm_source", "csrfmiddlewaretoken", "\x00"]
) | st.text(max_size=12)  # fmt: skip
FORM = st.dictionaries(NAMES, TEXT, max_size=8)


def counts() -> tuple[int, ...]:
    return tuple(
        model.objects.count() for model in (Contact, Registration, Submission, WebhookEvent)
    )


def meant(status: int) -> bool:
    return status in (200, 302, 400, 403, 404, 405, 413, 414, 422, 429)


@pytest.fixture
def anybody(settings: Any) -> Client:
    settings.FORM_LEAST_SECONDS = 0
    settings.FORM_PER_ADDRESS = settings.FORM_PER_EMAIL = 0
    return Client()


@pytest.fixture
def form(examples: Mapping[str, object]) -> str:
    return form_path(Webinar.objects.get(pk=str(examples["webinar_id"])))


@QUICK
@given(given_=FORM)
def test_the_form_accepts_any_submission(
    anybody: Client, form: str, given_: dict[str, str]
) -> None:
    before = counts()
    answer = anybody.post(form, _encodable(given_))
    assert meant(answer.status_code)
    if answer.status_code != 302:
        assert counts() == before


@QUICK
@given(given_=FORM, email=TEXT)
def test_a_submission_with_its_stamp_is_stored_completely_or_not_at_all(
    anybody: Client, form: str, given_: dict[str, str], email: str
) -> None:
    before = counts()
    person = {"first_name": "A", "last_name": "B", "email": email}
    stamp = {"stamp": spam_protection.sign_form(form.strip("/").split("/")[-1])}
    answer = anybody.post(form, _encodable(person | given_ | stamp))
    assert meant(answer.status_code)
    if answer.status_code == 302:
        assert Submission.objects.count() == before[2] + 1
    else:
        assert counts() == before


@QUICK
@given(query=FORM)
def test_any_query_is_answered(
    anybody: Client, examples: Mapping[str, object], form: str, query: dict[str, str]
) -> None:
    before = counts()
    for path in (form, f"{form}{examples['secret']}/", "/admin/login/", "/health/sync"):
        assert meant(anybody.get(path, _encodable(query)).status_code) or path == "/health/sync"
    assert counts() == before


@QUICK
@given(part=st.text(min_size=1, max_size=30))
def test_any_path_is_answered(anybody: Client, form: str, part: str) -> None:
    clean = "".join(c for c in part if c.isprintable() and c not in "/?#\\") or "x"
    for path in (f"/register/{clean}/", f"{form}{clean}/", f"/connections/webhook/{clean}/",
                 f"/unsubscribe/{clean}/"):  # fmt: skip
        assert meant(anybody.get(path).status_code)
        assert meant(anybody.post(path).status_code)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
EVENT = {
    "eventName": "registrant.added",
    "eventVersion": "1.0.0",
    "product": "g2w",
    "eventKey": "k",
    "timestamp": "2026-11-24T10:00:00Z",
    "webinarKey": "77",
    "registrantKey": "5",
    "email": "a@example.com",
    "firstName": "A",
    "lastName": "B",
}


@QUICK
@given(body=st.binary(max_size=200) | JSON.map(lambda v: json.dumps(v).encode("utf-8", "replace")))
def test_a_webhook_accepts_any_body(
    anybody: Client, examples: Mapping[str, object], body: bytes
) -> None:
    before = counts()
    path = f"/connections/webhook/{examples['path']}/"
    answer = anybody.post(path, body, content_type="application/json")
    assert answer.status_code == 400
    assert counts() == before


@QUICK
@given(name=st.sampled_from(sorted(EVENT)), value=JSON)
def test_a_webhook_accepts_an_event_with_any_content(
    anybody: Client, examples: Mapping[str, object], name: str, value: object
) -> None:
    body = json.dumps(EVENT | {name: value})
    path = f"/connections/webhook/{examples['path']}/"
    answer = anybody.post(path, body, content_type="application/json")
    assert answer.status_code in (200, 400)


def _encodable(values: dict[str, str]) -> dict[str, str]:
    """What a browser can send, which excludes lone surrogates."""
    return {
        name.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode()
        for name, value in values.items()
    }
