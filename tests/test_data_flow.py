"""The two lists of docs/data-flow.md name the files of the product in the order in which a real run
enters them: one registration outbound, one registrant inbound."""

import datetime as dt
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

import pytest
import requests
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from contacts.models import Activity, Contact
from platforms.models import Connection
from registration_forms import spam_protection
from registration_forms.links import form_path
from sync import tasks
from sync.models import SyncRun
from tests.fake_goto import HOUR, FakeGoTo, make_webinar
from webinars.models import Session, Webinar

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.pure]

ROOT = Path(__file__).parent.parent
OUT = "One registration from the form to GoToWebinar"
IN = "One registrant from GoToWebinar to the timeline"
# Files used by every page and job, and the models, are not in the lists.
LEFT_OUT = re.compile(r"(core|accounts|operations|webinarsync)/|\w+/models(/|\.py)")


def listed(title: str) -> list[str]:
    """Return the files in the numbered list under a heading of the page."""
    page = (ROOT / "docs" / "data-flow.md").read_text()
    section = page.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    items = re.findall(r"^\d+\. .*$", section, flags=re.MULTILINE)
    return [file for item in items for file in re.findall(r"`([\w/]+\.py)`", item)]


@contextmanager
def recorded() -> Iterator[list[str]]:
    """Yield the files of the product in the order in which their functions are first called."""
    packages = {app for app in django_settings.INSTALLED_APPS if (ROOT / app).is_dir()}
    found: dict[str, None] = {}

    def profile(frame: FrameType, event: str, _argument: Any) -> None:
        code = frame.f_code
        # The bodies of modules and classes are run on import.
        if event != "call" or not code.co_flags & inspect.CO_OPTIMIZED:
            return
        file = Path(code.co_filename)
        if file.is_relative_to(ROOT):
            name = str(file.relative_to(ROOT))
            if name.split("/")[0] in packages and not LEFT_OUT.match(name):
                found.setdefault(name)

    entered: list[str] = []
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield entered
    finally:
        sys.setprofile(before)
        entered.extend(found)


@contextmanager
def network(goto: FakeGoTo) -> Iterator[None]:
    """Answer calls to the platform from memory; all else is the product's own."""

    def send(_adapter: Any, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        return goto.send(request)

    with patch("requests.adapters.HTTPAdapter.send", send):
        yield


@pytest.fixture
def goto(settings: Any) -> Iterator[FakeGoTo]:
    settings.GOTO_API_URL = settings.GOTO_AUTH_URL = "https://goto.example"
    settings.FORM_LEAST_SECONDS = 0
    cache.clear()
    goto = FakeGoTo()
    with network(goto):
        yield goto


def synced_webinar(**values: Any) -> Webinar:
    webinar = make_webinar(**values)
    Connection.objects.filter(pk=webinar.connection_id).update(
        access_token="token", expires_at=timezone.now() + dt.timedelta(hours=1)
    )
    return Webinar.objects.get(pk=webinar.pk)


def work() -> None:
    """Run queued tasks, as a worker does."""
    for item in OrmQ.objects.order_by("pk"):
        task = item.task
        item.delete()
        import_string(task["func"])(*task["args"], **task["kwargs"])


def second_run(run: Callable[[str], None]) -> list[str]:
    """Record a run for one person, after another one that has imported and cached everything."""
    run("first@example.com")
    Contact.objects.all().delete()
    Session.objects.all().delete()
    # The webinar is due again.
    SyncRun.objects.all().delete()
    # Such as the comparison of the lists, which is a separate flow.
    OrmQ.objects.all().delete()
    with recorded() as entered:
        run("second@example.com")
    return entered


def test_the_way_of_a_registration_to_the_platform(goto: FakeGoTo) -> None:
    now = timezone.now()
    webinar = synced_webinar(
        starts_at=now + HOUR, ends_at=now + 2 * HOUR, times=[], form_enabled=True
    )
    path, visitor = form_path(webinar), Client()
    stamp = spam_protection.sign_form(webinar.slug)

    def run(email: str) -> None:
        submitted = {"first_name": "Ada", "last_name": "Lovelace", "email": email, "stamp": stamp}
        assert visitor.post(path, submitted).status_code == 302
        work()

    entered = second_run(run)
    assert [row["email"] for row in goto.posted] == ["first@example.com", "second@example.com"]
    kinds = Activity.objects.filter(contact__email="second@example.com")
    assert set(kinds.values_list("kind", flat=True)) == {"submitted", "registered"}
    assert entered == listed(OUT), "entered:\n" + "\n".join(entered)


def test_the_way_of_a_registrant_to_the_timeline(goto: FakeGoTo) -> None:
    now = timezone.now()
    synced_webinar()

    def run(email: str) -> None:
        for rows in (goto.registrants, goto.sessions, goto.attendees):
            rows.clear()
        person = goto.register(email, now - 5 * HOUR)
        goto.hold_session(now - 2 * HOUR, now - HOUR, [person])
        tasks.sync_round()
        work()

    entered = second_run(run)
    kinds = Activity.objects.filter(contact__email="second@example.com")
    assert set(kinds.values_list("kind", flat=True)) == {"registered", "attended"}
    assert entered == listed(IN), "entered:\n" + "\n".join(entered)


@pytest.mark.parametrize("title", [OUT, IN])
def test_no_file_is_named_twice_and_each_is_there(title: str) -> None:
    files = listed(title)
    assert len(files) > 15
    assert len(files) == len(set(files))
    assert [file for file in files if not (ROOT / file).exists()] == []
