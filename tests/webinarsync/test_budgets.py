"""With tens of thousands of contacts, no list or filter reads more than a few times the number of
rows, for any input, and searches while typing read a few rows.

Counted in reads of the database, and not in seconds, which depend on the machine. The page of
segments, which combines ten of these queries, has a limit in seconds too
(tests/segments/test_uncounted.py).
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import CharField, F, Model, Value
from django.db.models.functions import Cast, Concat
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from contacts.models import Activity, AlternateEmail, Consent, Contact, ContactTag, OptOut, Tag
from mailings.models import Mailing, Recipient
from registration_forms.models import Submission
from sync.models import SyncRun
from tests.fixtures.world import World
from tests.rows import insert_for_each, insert_people
from tests.rows_read import counting
from webinars.audiences import Audience
from webinars.models import Registration

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:DateTimeField .* received a naive datetime"),
]

CONTACTS = 30_000
SQLITE = connection.vendor == "sqlite"
# What a list may read for each contact: SQLite counts steps, of which a row takes a dozen and a
# comparison one or two; PostgreSQL counts rows of all tables.
LIST = (1_000 if SQLITE else 30) * CONTACTS
# Look-ups while typing, or by an address: for any number of contacts.
LOOKUP = 20_000 if SQLITE else 2_000
# Compared with every column of every row: each word is in the address, which is compared last.
WORDS = "e x a m p l c o @ y"
HUGE = "9" * 40
DAYS = {"since": "2000-01-01", "until": "2999-12-31"}
# How names, organizations and addresses begin, of everyone and of no one.
TYPED = ("a", "m", "many1", "first0", "last0", "z", "no such", "é", "%", "old-", "x" * 100)
ADDRESSES = ("many17777@example.com", "old-many5@example.com", "nobody@example.com")

Question = tuple[str, dict[str, Any]]


def fill(world: World, user: User) -> None:
    """Create tens of thousands of each kind of row that lists show."""
    people = insert_people(world.webinar, CONTACTS, "many")
    contacts, now, first = (
        Contact.objects.filter(registrations__in=people),
        timezone.now(),
        people[0],
    )
    pk = Cast("pk", CharField())
    mailing = Mailing.objects.create(
        subject="To all", state="done", started_at=now, finished_at=now
    )
    kind = ContentType.objects.get_for_model(Contact)
    noted = LogEntry(
        user=user, content_type=kind, action_time=now, action_flag=CHANGE, object_repr="x"
    )
    asked = Activity(
        contact=first.contact, kind="question", key="question:1", happened_at=now,
        webinar_key=world.webinar.key, data={"question": "Why?"},
    )  # fmt: skip
    run = SyncRun(
        connection=world.webinar.connection, webinar=world.webinar, trigger="schedule",
        state="done",
        started_at=now, finished_at=now,
    )  # fmt: skip
    former = {
        name: Concat(Value("old-"), name, output_field=CharField())
        for name in ("email", "email_key")
    }
    insert_for_each(contacts, AlternateEmail(contact=first.contact), contact_id=F("pk"), **former)
    insert_for_each(
        contacts, OptOut(contact=first.contact, source="link"),
        contact_id=F("pk"), email=F("email"), email_hash=pk,
    )  # fmt: skip
    insert_for_each(
        contacts, Recipient(mailing=mailing, contact=first.contact, state="sent", sent_at=now),
        contact_id=F("pk"),
    )  # fmt: skip
    insert_for_each(contacts, noted, object_id=pk)
    insert_for_each(
        contacts, ContactTag(contact=first.contact, tag=Tag.objects.create(name="All")),
        contact_id=F("pk"),
    )  # fmt: skip
    for granted in (True, False):
        insert_for_each(
            contacts, Consent(contact=first.contact, granted=granted, decided_at=now,
            source="import"),
            contact_id=F("pk"),
        )  # fmt: skip
    insert_for_each(contacts, asked, contact_id=F("pk"))
    insert_for_each(
        people, Submission(registration=first, submitted={}, submitted_at=now),
        registration_id=F("pk"), secret=pk,
    )  # fmt: skip
    insert_for_each(people, run)
    if not SQLITE:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    filled: tuple[type[Model], ...] = (
        Contact, Registration, AlternateEmail, OptOut, Recipient, LogEntry, Activity, Submission,
        SyncRun, ContactTag, Consent,
    )  # fmt: skip
    assert [model for model in filled if model._default_manager.count() < CONTACTS] == []


def of_lists() -> Iterator[Question]:
    """Yield the most expensive queries of each list of the admin, for all its filters."""
    lists: dict[Any, Any] = admin.site._registry
    anybody = RequestFactory().get("/")
    anybody.user = User(is_superuser=True, is_active=True)
    for one in lists.values():
        path = reverse(f"admin:{one.opts.app_label}_{one.opts.model_name}_changelist")
        yield path, {"_facets": "True", "p": "1999"}
        # Each column adds its sort column.
        yield (
            path,
            {
                "o": ".".join(
                    f"-{place}" for place in range(1, len(one.get_list_display(anybody)) + 1)
                )
            },
        )
        if one.search_fields:
            yield from ((path, {"q": text}) for text in (WORDS, "no such words here"))
        for name in (name for name in one.parameters(None) if not name.endswith("__isnull")):
            yield from ((path, {name: value}) for value in values_of(one, name))


def values_of(one: Any, name: str) -> Iterator[str]:
    """Yield values for the parameter `name` of a filter of the list `one`."""
    if name == "audience":
        yield from ("registered", "no-show", "attended")
    elif name == "tag":
        yield str(Tag.objects.latest("pk").pk)
    elif name.endswith(("_from", "_to")):
        yield "2000-01-01"
    elif choices := dict(_choices(one, name.removesuffix("__exact"))):
        yield str(next(iter(choices)))
    else:
        yield "1"


def _choices(one: Any, path: str) -> Any:
    fields = {field.name: field for field in one.opts.fields}
    return (fields[path].flatchoices if path in fields else None) or ()


def of_our_pages(world: World) -> Iterator[Question]:
    """Yield the most expensive queries of the pages that filter people, each condition alone and
    all."""
    webinar = world.webinar.pk
    find = "/contacts/find/"
    alone: list[dict[str, Any]] = [
        {"page": "1999"}, {"name": WORDS}, {"country": "chile"}, {"webinars": webinar}, DAYS,
        {"tags": Tag.objects.latest("pk").pk}, {"source": Contact.Source.values},
        *({name: number} for name in ("missed_last_n", "attended_at_least") for number in ("1",
        "1000", HUGE)),
        *({name: number} for name in ("at_least", "at_most") for number in ("0", "1000000", HUGE)),
        *({name: answer} for name in ("asked_question", "consent") for answer in ("yes", "no")),
        *({"audience": audience.value} for audience in Audience),
    ]  # fmt: skip
    yield from ((find, query) for query in alone)
    together = {
        "webinars": webinar, "missed_last_n": "1", "attended_at_least": "1", "at_least": "0",
        "at_most": "1000",
        "name": WORDS, **DAYS,
    }  # fmt: skip
    of_contacts = ("name", "email", "organization", "country", "attended", "minutes", "created",
    "tags", "marketing", "last_seen")  # fmt: skip
    for column in of_contacts:
        yield find, {"sort": f"-{column}", "page": "1999", "columns": ",".join(of_contacts)}
    for audience, answer in (("registered", "no"), ("no-show", "no"), ("attended", "yes")):
        yield find, together | {"audience": audience, "asked_question": answer, "consent": answer}
    columns = ("name", "email", "organization", "country", "registered", "minutes", "left")
    for audience in ("registered", "no-show", "attended"):
        path = f"/webinars/{webinar}/audience/{audience}/"
        for column in columns:
            yield path, {"sort": f"-{column}", "page": "1999", "columns": ",".join(columns)}
        narrowed = {"name": WORDS, "organization": "a", "at_most": "1000", **DAYS}
        yield path, {"sort": "-minutes", **narrowed}
        yield path, {"at_least": HUGE}
    for page in ("waiting-list", "differences", "submitted-values", "questions", "syncs"):
        yield f"/webinars/{webinar}/{page}/", {}
    yield f"/admin/webinars/webinar/{webinar}/change/", {}
    yield f"/mailings/{Mailing.objects.latest('pk').pk}/", {}
    yield "/contacts/import/", {}
    yield "/admin/", {}


def of_look_ups() -> Iterator[Question]:
    """Yield inputs of the palette, and addresses to look up."""
    yield from (("/admin/search/", {"s": text, "extended": "1"}) for text in TYPED)
    for address in ADDRESSES:
        yield "/admin/contacts/contact/", {"q": address}
        yield "/contacts/find/", {"name": address}


def read(client: Client, question: Question) -> int:
    """Return how much the database reads to answer `question`."""
    with counting(steps=1000) as rows:
        answer = client.get(*question)
    assert answer.status_code in (200, 302), question
    return rows.count


def test_nothing_is_unbounded(world: World) -> None:
    user = User.objects.create_superuser("root", password=None)
    client = Client()
    client.force_login(user)
    fill(world, user)
    lists, looked_up = [*of_lists(), *of_our_pages(world)], [*of_look_ups()]
    costs = [(read(client, asked), LIST, asked) for asked in lists]
    costs += [(read(client, asked), LOOKUP, asked) for asked in looked_up]
    assert [(cost, asked) for cost, most, asked in costs if cost > most] == []
