"""Texts are shown in the reader's language, independent of the worker's (rule 13)."""

import datetime as dt
import json
from typing import Any

import pytest
import requests
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone, translation

from accounts.models import Preferences
from contacts.models import Activity
from platforms.errors import Unreachable
from platforms.models import Connection
from platforms.notifications import report_refused_sign_ins
from platforms.webhooks import subscriptions
from sync import jobs, lease
from sync.models import DryRun, Reconciliation, SyncRun
from sync.push.push import push
from tests.factories import UserFactory
from tests.fake_goto import FakeGoTo
from tests.fixtures.world import World, signed_in
from webinars.models import Registration, Webinar
from webinarsync import roles

State = Registration.State


class Strict(FakeGoTo):
    """Its organizer requires a job title, which our form does not know yet."""

    def _answer(self, request: requests.PreparedRequest, path: str) -> tuple[int, Any]:
        if request.method != "POST":
            return super()._answer(request, path)
        refusal = {"errorCode": "RegistrationInvalid", "description": "Required fields missing."}
        return 400, refusal | {"invalidFields": ["jobTitle"]}


def page(client: Client, path: str, language: str) -> str:
    """Return the page for a reader of `language`."""
    return client.get(path, headers={"Accept-Language": language}).content.decode()


@pytest.mark.rule(13)
def test_the_timeline_is_in_the_readers_language(world: World, marketer: Client) -> None:
    person = world.registrations[1]
    Activity.objects.create(
        contact=person.contact, key="c", kind="cancelled", happened_at=timezone.now()
    )
    path = f"/admin/contacts/contact/{person.contact_id}/change/"
    assert "Cancelled on GoToWebinar" in page(marketer, path, "en")
    assert "Cancelled on GoToWebinar" not in page(marketer, path, "fr")


@pytest.mark.rule(13)
def test_why_a_registration_was_refused_is_in_the_readers_language(
    world: World, marketer: Client
) -> None:
    row = world.registrations[0]
    Webinar.objects.update(ends_at=timezone.now() - dt.timedelta(minutes=1))
    now = timezone.now()
    Registration.objects.filter(pk=row.pk).update(
        state=State.PENDING, registrant_key="", next_push_at=now
    )
    with translation.override("fr"), FakeGoTo().in_place():
        push(row.pk)
    path = f"/webinars/{world.webinar.pk}/audience/rejected/"
    text = page(marketer, path, "en")
    if row.contact.email not in text:
        pytest.fail("no one was refused")
    assert "over before this could be sent" in text
    assert "over before this could be sent" not in page(marketer, path, "fr")
    contact = f"/admin/contacts/contact/{row.contact_id}/change/"
    # Among the registrations, and in the timeline.
    assert page(marketer, contact, "en").count("over before this could be sent") == 2
    assert "over before this could be sent" not in page(marketer, contact, "fr")


@pytest.mark.rule(13)
def test_which_fields_were_refused_is_in_the_readers_language(
    world: World, marketer: Client
) -> None:
    row = world.registrations[0]
    Registration.objects.filter(pk=row.pk).update(
        state=State.PENDING, registrant_key="", next_push_at=timezone.now()
    )
    with translation.override("fr"), Strict().in_place():
        push(row.pk)
    path = f"/webinars/{world.webinar.pk}/audience/rejected/"
    assert "because of: Job title." in page(marketer, path, "en")
    assert "Job title." not in page(marketer, path, "fr")


@pytest.mark.rule(13)
def test_why_a_sync_failed_is_in_the_readers_language(world: World, marketer: Client) -> None:
    SyncRun.objects.update(
        state=SyncRun.State.RUNNING, finished_at=None, lease_until=timezone.now()
    )
    connection = world.webinar.connection
    with translation.override("fr"):
        lease.claim(connection, world.webinar, trigger=SyncRun.Trigger.SCHEDULE)
    text = page(marketer, f"/webinars/{world.webinar.pk}/syncs/", "en")
    assert "The process that ran this was ended." in text


@pytest.mark.rule(13)
def test_why_a_check_failed_is_in_the_readers_language(world: World, marketer: Client) -> None:
    now = timezone.now()
    for kind in (Reconciliation, DryRun):
        kind.objects.create(
            webinar=world.webinar,
            state=kind.State.RUNNING,
            requested_at=now,
            started_at=now,
            lease_until=now - dt.timedelta(minutes=1),
        )
        with translation.override("fr"):
            jobs.request(kind, world.webinar, None, lambda webinar: False)
    for path in ("differences", "syncs"):
        text = page(marketer, f"/webinars/{world.webinar.pk}/{path}/", "en")
        assert "The process that checked was ended. Check again." in text


@pytest.mark.rule(13)
def test_why_webhooks_are_not_set_up_is_in_the_readers_language(
    world: World, settings: Any
) -> None:
    settings.PUBLIC_URL, settings.GOTO_API_URL = "http://intranet", "https://api.example.com"
    connection = world.webinar.connection
    subscriptions.switch_on(connection)
    with translation.override("fr"):
        subscriptions.set_up(connection.webhooks)
    text = page(signed_in(roles.OPERATORS), f"/connections/{connection.pk}/", "en")
    assert "GoToWebinar posts to public https addresses only." in text


@pytest.mark.rule(13)
def test_a_command_speaks_english_wherever_it_runs(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unreachable("Connection refused")

    monkeypatch.setattr("sync.runs.client_for", away)
    with translation.override("fr"), pytest.raises(SystemExit):
        call_command("sync_webinars", "--json")
    for result in json.loads(capsys.readouterr().out)["runs"]:
        assert result["error"].startswith("GoToWebinar cannot be reached.")
        assert result["error"].endswith(" (Connection refused)")


@pytest.mark.rule(13)
def test_an_operator_is_emailed_in_their_language_and_time_zone(
    world: World, settings: Any
) -> None:
    settings.MAIL_READY = True
    since = dt.datetime(2031, 1, 10, 15, 0, tzinfo=dt.UTC)
    Connection.objects.update(state="sign_in_needed", refused_since=since)
    ann, luc = (UserFactory.create(username=name, role=roles.OPERATORS) for name in ("ann", "luc"))
    Preferences.objects.create(user=luc, language="fr", time_zone="Europe/Paris")
    with translation.override("fr"):
        assert report_refused_sign_ins() == 1
    mails = {sent.to[0]: sent for sent in mail.outbox}
    english, french = mails[ann.email], mails[luc.email]
    assert english.subject.startswith("GoToWebinar refuses the sign-in of")
    assert "Since Fri 10 Jan 2031, 15:00 UTC GoToWebinar" in english.body
    assert "GoToWebinar refuses" not in french.subject and "Nothing is lost" not in french.body
    assert "ven 10 jan. 2031, 16:00 CET" in french.body
