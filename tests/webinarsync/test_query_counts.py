"""No page makes more than 20 queries, nor one for each row."""

import datetime as dt
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contact_imports.models import ContactImport
from contacts.models import Activity, Contact
from mailings import audience
from mailings.models import Mailing
from registration_forms.models import Submission
from segments.models import Segment
from sync.models import Reconciliation, SyncRun
from tests.fixtures.world import World
from tests.rows import insert_people
from webinars.audiences import Audience
from webinars.models import Registration, Webinar

# The queries of a page are independent of the database.
pytestmark = pytest.mark.pure

MOST = 20


@pytest.fixture
def superuser(world: World) -> Client:
    User.objects.create_superuser("root", password="x")
    client = Client()
    client.force_login(User.objects.get(username="root"))
    return client


def grow(world: World, count: int) -> None:
    """Add `count` rows of everything that the pages list."""
    webinar, now, user = world.webinar, timezone.now(), User.objects.get(username="root")
    prefix = f"grown{count}-"
    made = list(insert_people(webinar, count, prefix).select_related("contact"))
    Submission.objects.bulk_create(
        Submission(registration=item, submitted={"first_name": "A"}, secret=f"{prefix}{item.pk}")
        for item in made
    )
    SyncRun.objects.bulk_create(
        SyncRun(
            connection=webinar.connection, webinar=webinar, trigger="schedule", state="done",
            started_at=now - dt.timedelta(hours=number), finished_at=now,
        )
        for number in range(count)
    )  # fmt: skip
    Webinar.objects.bulk_create(
        Webinar(
            connection=webinar.connection, key=f"{prefix}{number}", slug=f"{prefix}{number}",
            subject=f"Webinar {number}", starts_at=now, ends_at=now + dt.timedelta(hours=number),
            sync_enabled=True, form_enabled=True,
        )
        for number in range(count)
    )  # fmt: skip
    ContactImport.objects.bulk_create(
        ContactImport(filename="a.csv", created_by=user) for _ in range(count)
    )
    Segment.objects.bulk_create(
        Segment(name=f"{prefix}{number}", query="attended_at_least=1") for number in range(count)
    )
    kind = ContentType.objects.get_for_model(Contact)
    LogEntry.objects.bulk_create(
        LogEntry(user=user, content_type=kind, object_id="1", action_flag=CHANGE, object_repr="x")
        for _ in range(count)
    )
    first = made[0].contact
    Activity.objects.bulk_create(
        Activity(
            contact=first,
            key=f"q{prefix}{n}",
            kind="question",
            happened_at=now,
            webinar_key=webinar.key,
            data={"answers": []},
        )
        for n in range(count)
    )
    Registration.objects.filter(pk__in=[item.pk for item in made[: count // 2]]).update(
        state="overflow", waiting_since=now
    )
    mailing = audience.for_contacts(
        [item.contact_id for item in made], user_id=user.pk, language="en"
    )
    Mailing.objects.filter(pk=mailing.pk).update(
        state="done", subject="x", started_at=now, finished_at=now
    )


def addresses(world: World) -> list[str]:
    """Return each page of the admin and of ours that contains a list."""
    lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
        if model._meta.app_label
        in (
            "contacts",
            "platforms",
            "webinars",
            "registration_forms",
            "sync",
            "segments",
            "contact_imports",
            "mailings",
            "admin",
            "auth",
        )
    ]
    webinar, contact = world.webinar.pk, world.registrations[0].contact_id
    busy = Contact.objects.filter(email__startswith="grown").order_by("-pk").first()
    return [
        *lists,
        "/admin/",
        f"/admin/contacts/contact/{contact}/change/",
        f"/admin/contacts/contact/{busy.pk if busy else contact}/change/",
        f"/admin/webinars/webinar/{webinar}/change/",
        *(f"/webinars/{webinar}/audience/{name.value}/" for name in Audience),
        f"/webinars/{webinar}/waiting-list/",
        f"/webinars/{webinar}/differences/",
        f"/webinars/{webinar}/submitted-values/",
        f"/webinars/{webinar}/questions/",
        f"/webinars/{webinar}/form/",
        f"/webinars/{webinar}/syncs/",
        f"/contacts/find/?audience=attended&webinars={webinar}&missed_last_n=1&attended_at_least=1&at_least=1",
        "/contacts/segments/",
        "/contacts/import/",
        f"/contacts/merge/{contact}/{busy.pk if busy else world.registrations[1].contact_id}/",
        f"/mailings/{Mailing.objects.latest('pk').pk}/",
    ]


def asked(client: Client, address: str) -> int:
    client.get(address)  # what is cached permanently is not counted
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200, address
    return len(queries)


def test_no_page_asks_more_for_more_rows(world: World, superuser: Client) -> None:
    grow(world, 10)
    now = timezone.now()
    Reconciliation.objects.create(
        webinar=world.webinar, state="done", requested_at=now, started_at=now, finished_at=now
    )
    few = {address: asked(superuser, address) for address in addresses(world)[:-1]}
    grow(world, 1000)
    many = {address: asked(superuser, address) for address in addresses(world)}
    assert {a: n for a, n in many.items() if n > MOST} == {}
    grown: dict[str, Any] = {
        a: (few[a], many[a]) for a in few if a in many and many[a] > few[a] + 2
    }
    assert grown == {}
