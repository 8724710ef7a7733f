"""Odd input at every URL, by every role: each answer is an expected one (below 500).

The parameters that a page reads from its query string and POST data are recorded while it answers,
so that a new field is tried automatically.
"""

import os
import random
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.core.handlers.base import BaseHandler
from django.db import transaction
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from simulators.gotowebinar.process import SimulatorProcess
from tests.factories import UserFactory
from tests.fixtures.addresses import addresses
from tests.fixtures.world import World, signed_in
from tests.webinarsync.test_access import client_of
from webinarsync import roles

pytestmark = pytest.mark.django_db
# As they are in a URL, or in the body of a POST.
ODD = (
    *(
        quote(text, safe="")
        for text in (
            "0", "-1", "x", "7" * 40, str(10**30), "9" * 5000, f"-{10**30}", str(2**63),
            str(2**31), "٣", "²", "1e9", "1e999999", "NaN", "Infinity", "\x00", "a\x00b",
            "' OR 1=1 --", "[]", "{", " ", "\u202e", "İ", "A" * 5000, "2026-13-45", "0001-01-01",
            "9999-12-31", "99999-01-01", "{{7*7}}", "None",
        )
    ),
    # A lone surrogate, no UTF-8, and no encoding.
    "%ED%A0%80", "%FF", "%", "%u0000",
)  # fmt: skip
HUGE = (str(10**30), str(2**63), "9" * 5000)
ROLES = ("nobody", "a user who is no staff", "staff", "marketer", "operator")
# Everything by everyone, as in `make test-faults`.
AT_LENGTH = "FAULT_SECONDS" in os.environ
# Other inputs of clients, including invalid ones.
METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "ODD")


class Asked:
    """The names that views read from query strings and POST data."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self._names: set[str] = set()
        for method in ("__getitem__", "get", "getlist", "__contains__"):
            patched.setattr(QueryDict, method, self._noting(getattr(QueryDict, method)))

    def _noting(self, real: Any) -> Any:
        def noting(query: QueryDict, name: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(name, str):
                self._names.add(name)
            return real(query, name, *args, **kwargs)

        return noting

    def taken(self) -> set[str]:
        """Return the names since the last time."""
        taken, self._names = self._names, set()
        return taken


class Fields(HTMLParser):
    """The fields of a page's forms with their initial values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "select":
            self._select = known.get("name", "")
        name = known.get("name", self._select if tag == "option" else "")
        if not name or tag not in ("input", "select", "textarea", "option", "button"):
            return
        if tag != "option" or "selected" in known or not self.values.get(name):
            self.values[name] = known.get("value", "")


class Attempt:
    """Requests to one address, the same ones in each run."""

    def __init__(self, name: str, path: str) -> None:
        self._path = path
        self._random = random.Random(name)
        self.values: dict[str, str] = {}
        self.names = {"page", "_facets", "_selected_action"}

    def encoded(self, part: float, values: Mapping[str, str]) -> str:
        """Return `values` with invalid ones for a `part` of all names, as a browser would send
        it."""
        names = sorted(self.names - {"csrfmiddlewaretoken"})
        odd = {name: self._odd() for name in names if self._random.random() < part}
        rest = {name: quote(value, safe="") for name, value in values.items()}
        return "&".join(f"{quote(name, safe='')}={v}" for name, v in (rest | odd).items())

    def _odd(self) -> str:
        return self._random.choice(ODD)

    def roles(self, first: str) -> list[str]:
        """Return who asks: `first` and one other, at length everyone."""
        others = [role for role in ("superuser", *reversed(ROLES)) if role != first]
        return [first, *(others if AT_LENGTH else [self._random.choice(others)])]

    def method(self) -> str:
        return self._random.choice(METHODS)

    def odd_paths(self) -> Iterator[str]:
        """Yield the path with arguments that are too large, are no number, and with any others."""
        for choices in (HUGE, ("x", "7" * 40), ODD):
            path = self._path
            for value in resolve(self._path).kwargs.values():
                path = path.replace(f"/{quote(str(value))}/", f"/{self._random.choice(choices)}/")
            if path != self._path:
                yield path


class Browser:
    """A faster client than Django's, which copies the context of each template."""

    def __init__(self, client: Client | None) -> None:
        self._handler = BaseHandler()
        self._handler.load_middleware()
        self._factory = RequestFactory()
        if client is not None:
            self._factory.cookies = client.cookies

    def ask(self, method: str, path: str, query: str = "", body: str = "") -> Any:
        """Return the answer, and roll back its changes."""
        form = "application/x-www-form-urlencoded"
        request: Any = self._factory.generic(method, path, body, form, QUERY_STRING=query)
        request._dont_enforce_csrf_checks = True
        with transaction.atomic():
            answer = self._handler.get_response(request)
            transaction.set_rollback(True)
        return answer


def tried(
    browsers: Mapping[str, Browser], attempt: Attempt, path: str, asked: Asked
) -> Iterator[tuple[str, int]]:
    """Request `path` in every way, and yield the request, the user and the status."""

    def ask(role: str, method: str, path: str, query: str = "", body: str = "") -> Any:
        answer = browsers[role].ask(method, path, query, body)
        return f"{role}: {method} {path}?{query} {body}"[:500], answer.status_code

    asked.taken()
    # A superuser detects the parameters of pages that no one else may open.
    first, plain = "operator", browsers["operator"].ask("GET", path)
    if plain.status_code == 403:
        first, plain = "superuser", browsers["superuser"].ask("GET", path)
    yield path, plain.status_code
    if plain.status_code == 200 and not plain.streaming:
        attempt.values = Fields(plain.content.decode("utf-8", "replace")).values
    attempt.names |= asked.taken() | attempt.values.keys()
    for role in attempt.roles(first):
        yield ask(role, "GET", path, attempt.encoded(0.6, {}))
        yield ask(role, "POST", path, "", attempt.encoded(0.2, attempt.values))
        attempt.names |= asked.taken()
        yield ask(role, attempt.method(), path, attempt.encoded(0.6, {}))
    for method in METHODS if AT_LENGTH else [attempt.method()]:
        yield ask(first, method, path)
    for odd in attempt.odd_paths():
        yield ask(first, "GET", odd)
        yield ask(first, "POST", odd, "", attempt.encoded(1, {}))


@pytest.mark.long
@pytest.mark.faults
def test_no_url_returns_a_server_error(
    examples: Mapping[str, object], simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GoTo answers, so that no page waits for a server that does not.
    browsers = {role: Browser(client_of(role)) for role in ROLES}
    superuser = Client()
    superuser.force_login(UserFactory.create(username="all", is_staff=True, is_superuser=True))
    browsers["superuser"] = Browser(superuser)
    asked = Asked(monkeypatch)
    broken = [
        what
        for name, path in addresses(examples)
        for what, status in tried(browsers, Attempt(name, path), path, asked)
        if status >= 500
    ]
    assert broken == []


@pytest.mark.parametrize("written", ["9" * 5000, "²", "-1", "", "1e3", "10, 10"])
def test_no_length_of_a_submission_breaks_down(
    examples: Mapping[str, object], written: str
) -> None:
    path = f"/connections/webhook/{examples['path']}/"
    answer = Client().post(path, b"{}", "application/json", CONTENT_LENGTH=written)
    assert answer.status_code in (400, 413)


def test_counts_are_shown_beside_the_filters_of_every_list(examples: Mapping[str, object]) -> None:
    client = signed_in(roles.OPERATORS)
    lists = [path for name, path in addresses(examples) if name.endswith("_changelist")]
    assert len(lists) > 5
    for path in lists:
        assert client.get(path, {"_facets": "True"}).status_code in (200, 403)


@pytest.mark.parametrize("selected", ["x", str(10**30), "\x00", "-1"])
def test_what_no_list_offers_cannot_be_selected(
    world: World, marketer: Client, selected: str
) -> None:
    data = {"action": "delete_selected", "_selected_action": selected, "index": "0"}
    answer = marketer.post("/admin/contacts/contact/", data)
    assert answer.status_code < 500


@pytest.mark.parametrize(
    "address",
    [
        "/contacts/list.csv?anything=x",
        "/admin/contacts/contact/?anything=x",
        "/admin/search/?s=a&page=x",
        "/admin/mailings/mailing/x/change/",
        "/admin/contacts/contact/x/change/",
        f"/admin/contacts/contact/{'7' * 40}/change/",
        f"/contacts/?attended_at_least={'7' * 40}",
        f"/webinars/1/audience/registered/?at_least={'7' * 40}",
    ],
)
def test_a_former_defect_is_answered(world: World, marketer: Client, address: str) -> None:
    assert marketer.get(address).status_code < 500
    assert marketer.post(address).status_code < 500


@pytest.mark.parametrize("whom", ["x", "", "7" * 40, "-1"])
def test_a_test_email_uses_the_values_of_an_existing_person(
    examples: Mapping[str, object], whom: str
) -> None:
    path = reverse("mailings:test", args=[examples["mailing_id"]])
    assert signed_in(roles.MARKETERS).post(path, {"as": whom}).status_code < 500
