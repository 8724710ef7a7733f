"""Staff can follow every link that is shown to them, and each leads to a page."""

from collections import deque
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import Resolver404, resolve

from contacts.models import Contact
from core.audit import Action
from simulators.gotowebinar.process import SimulatorProcess
from tests.factories import SyncRunFactory, UserFactory
from tests.fixtures.world import World, signed_in
from webinarsync import roles

# The target of a link is independent of the database.
pytestmark = [pytest.mark.django_db, pytest.mark.pure, pytest.mark.slow]

HOST = "http://testserver"
# What identifies a page: its name, and each of its parameters.
Sight = tuple[str, str]


class _Links(HTMLParser):
    """Collects the targets of links, and the sources of frames and pictures."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        address = named.get("href") if tag == "a" else named.get("src") if tag == "iframe" else None
        if address:
            self.found.append(address)


def links_of(answer: Any, path: str) -> Iterator[str]:
    """Yield the internal links of a page."""
    if answer.streaming or not answer["Content-Type"].startswith("text/html"):
        return
    for address in _Links(answer.content.decode()).found:
        target = urlsplit(urljoin(f"{HOST}{path}", address))
        if f"{target.scheme}://{target.netloc}" == HOST and not target.path.startswith("/static/"):
            yield f"{target.path}?{target.query}" if target.query else target.path


def sights(path: str) -> set[Sight]:
    """Return which page it is, and its parameters. Two rows of one list count as the same."""
    parts = urlsplit(path)
    try:
        name = resolve(parts.path).view_name
    except Resolver404:
        # It is opened, and fails.
        name = parts.path
    keys = {key for key, _value in parse_qsl(parts.query, keep_blank_values=True)}
    return {(name, key) for key in ("", *keys)}


def crawl(client: Client, start: str = "/admin/") -> tuple[list[str], list[str]]:
    """Follow all links from `start`; return the opened pages, and the failed ones, with the page
    that linked to them."""
    waiting, opened, wrong = deque([(start, "")]), [], []
    known: set[str] = {start}
    seen: set[Sight] = set()
    while waiting:
        path, linked_on = waiting.popleft()
        if sights(path) <= seen:
            continue
        seen |= sights(path)
        answer: Any = client.get(path)
        opened.append(path)
        if answer.status_code >= 400 or "/login/" in answer.get("Location", ""):
            wrong.append(f"{answer.status_code} {path}, linked on {linked_on}")
        followed = [answer["Location"]] if answer.status_code in (301, 302) else []
        for found in (*followed, *links_of(answer, path)):
            if found not in known:
                known.add(found)
                waiting.append((found, path))
    return opened, wrong


@pytest.fixture
def everything(examples: Mapping[str, object], world: World, simulator: SimulatorProcess) -> None:
    """One object of each kind, a failed sync, and entries of the log about people and about
    users."""
    SyncRunFactory.create(webinar=world.webinar, failed=True)
    colleague = UserFactory.create(username="colleague", role=roles.OPERATORS)
    for row in (Contact.objects.all()[0], world.webinar.connection, world.webinar):
        LogEntry.objects.create(
            user=colleague,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row),
            action_flag=Action.CHANGED,
        )


@pytest.mark.parametrize(("role", "least"), [(roles.MARKETERS, 80), (roles.OPERATORS, 100)])
def test_each_link_leads_to_a_page(everything: None, role: str, least: int) -> None:
    opened, wrong = crawl(signed_in(role))
    assert wrong == []
    assert len(opened) > least, len(opened)
