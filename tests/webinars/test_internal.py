"""Who is internal, by address or by domain, and where they are left out (rule 8)."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.http import QueryDict
from django.test import Client
from django_q.models import OrmQ

from contacts import merge
from contacts.models import Activity, AlternateEmail, Contact
from core.emails import email_key
from mailings import audience as mailing_audience
from mailings import eligibility
from mailings.models import Mailing
from registration_forms.registrations import FormData, register_contacts, submit
from segments.service import found_by
from tests.factories import (
    ActivityFactory,
    AttendanceFactory,
    ContactFactory,
    RegistrationFactory,
    SessionFactory,
    SpeakerFactory,
    WebinarFactory,
    registration_in,
)
from tests.fixtures.world import World
from webinars import internal
from webinars.analytics.attendance_curve import in_the_room
from webinars.analytics.funnel import funnels
from webinars.analytics.questions import polls
from webinars.audiences import Audience, counts, left_out, members
from webinars.models import InternalAddress, InternalRefresh, Registration, Webinar
from webinars.tasks import mark_internal
from webinars.waitlist import place_of, waiting_list

ADD = "/admin/webinars/internaladdress/add/"
PAGE = "/admin/webinars/internaladdress/"
pytestmark = pytest.mark.django_db


def name(text: str) -> InternalAddress:
    """Enter an address or a domain, and apply it."""
    row = InternalAddress.objects.create(text=text)
    assert internal.refresh_all(at_most=60)
    return row


def marked() -> set[str]:
    rows = Registration.objects.filter(is_internal=True)
    return set(rows.values_list("contact__email", flat=True))


def registered(*addresses: str, webinar: Webinar | None = None) -> list[Registration]:
    webinar = webinar or WebinarFactory.create()
    return [
        RegistrationFactory.create(contact__email=address, webinar=webinar, submitted={})
        for address in addresses
    ]


# -- who it is -------------------------------------------------------------------------------------


@pytest.mark.rule(8)
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ann@example.com", {"Ann@Example.com"}),
        ("example.com", {"Ann@Example.com", "bob@mail.example.com"}),
        ("mail.example.com", {"bob@mail.example.com"}),
        ("ample.com", {"eve@ample.com"}),
        ("nobody.example", set()),
    ],
)
def test_an_address_names_one_person_and_a_domain_all_at_it_and_below(
    text: str, found: set[str]
) -> None:
    registered("Ann@Example.com", "bob@mail.example.com", "eve@ample.com", "example.com@x.example")
    row = name(text)
    assert marked() == found
    row.delete()
    assert internal.refresh_all(at_most=60)
    assert marked() == set()


@pytest.mark.rule(3, 8)
def test_a_former_address_and_the_one_that_was_submitted_count_too() -> None:
    former, submitted, other = registered("a@example.com", "b@example.com", "c@example.com")
    AlternateEmail.objects.create(
        contact=former.contact, email="A@old.example", email_key="a@old.example"
    )
    Registration.objects.filter(pk=submitted.pk).update(submitted={"email": " B@Old.Example "})
    Registration.objects.filter(pk=other.pk).update(submitted={"email": None})
    name("old.example")
    assert marked() == {"a@example.com", "b@example.com"}


@pytest.mark.rule(8)
def test_a_speaker_is_internal_at_their_own_webinar_alone() -> None:
    speaker = SpeakerFactory.create(email_key="ann@example.com")
    ann = ContactFactory.create(email="ann@example.com")
    for webinar in (speaker.webinar, WebinarFactory.create()):
        RegistrationFactory.create(contact=ann, webinar=webinar)
    internal.refresh(Registration.objects.all())
    assert set(ann.registrations.filter(is_internal=True).values_list("webinar", flat=True)) == {
        speaker.webinar_id
    }


def test_marking_again_changes_nothing() -> None:
    registered("ann@example.com", "bob@example.org")
    name("example.com")
    assert internal.refresh(Registration.objects.all()) == 0


# -- what keeps the mark true ----------------------------------------------------------------------


@pytest.mark.rule(3, 8)
def test_the_mark_follows_the_addresses_of_a_contact(world: World, marketer: Client) -> None:
    name("corp.example")
    contact = world.registrations[0].contact
    contact.email = "p0@corp.example"
    contact.save()
    assert marked() == {"p0@corp.example"}
    key = "p0@example.com"
    Contact.objects.filter(pk=contact.pk).update(email=key, email_key=key)
    assert marked() == {"p0@example.com"}, "the former address is theirs still"
    further = AlternateEmail.objects.get()
    marketer.post(f"/contacts/addresses/{further.pk}/remove/")
    assert not AlternateEmail.objects.exists()
    assert marked() == set()


@pytest.mark.rule(8)
def test_the_mark_follows_a_merge_and_its_undoing(world: World) -> None:
    name("colleague@corp.example")
    survivor = world.registrations[0]
    colleague = ContactFactory.create(email="colleague@corp.example")
    done = merge.merge(survivor.contact_id, colleague.pk, (), None)
    assert marked() == {"p0@example.com"}
    merge.undo(done.pk)
    assert marked() == set()


@pytest.mark.rule(8)
def test_new_registrations_are_marked_regardless_of_their_source(world: World) -> None:
    name("corp.example")
    webinar = WebinarFactory.create(form_enabled=True)
    submitted = {"first_name": "A", "last_name": "B", "email": "form@corp.example"}
    submit(webinar, FormData(submitted))
    chosen = [ContactFactory.create(email=f"{word}@corp.example") for word in ("one", "two")]
    others = [ContactFactory.create(email="guest@example.com")]
    register_contacts(webinar, [item.pk for item in chosen + others], Registration.Source.MARKETER)
    assert marked() == {"form@corp.example", "one@corp.example", "two@corp.example"}


@pytest.mark.rule(3, 8)
@pytest.mark.parametrize(
    ("entered", "submitted", "internal_too"),
    [
        ("ann@straße.example", "Ann@STRASSE.example", False),
        ("ann@strasse.example", "ann@straße.example", False),
        ("ann@bücher.example", "ANN@xn--bcher-kva.example", True),
        ("bücher.example", "ann@mail.BÜCHER.example\t", True),
        ("müller@example.com", "MÜLLER@Example.com", True),
        ("karl@example.com", "\u212aarl@example.com", False),
    ],
)
def test_the_address_that_was_submitted_is_compared_as_any_other(
    entered: str, submitted: str, internal_too: bool
) -> None:
    """For any way of storing the value: each database folds case differently."""
    registration = RegistrationFactory.create(submitted={"email": submitted})
    name(email_key(f"x@{entered}").removeprefix("x@") if "@" not in entered else entered)
    assert bool(marked()) == internal_too
    rows = Registration.objects.filter(pk=registration.pk)
    for value in ({}, {"email": submitted}, {"email": None}, {"email": submitted}):
        rows.update(submitted=value)
        internal.refresh(rows)
        assert bool(marked()) == (internal_too and value == {"email": submitted})
    for value in ({}, {"email": submitted}):
        row = rows.get()
        row.submitted = value
        Registration.objects.bulk_update([row], ["submitted"])
        internal.refresh(rows)
        assert bool(marked()) == (internal_too and bool(value))
    row.submitted = {}
    row.save(update_fields=["submitted"])
    internal.refresh(rows)
    assert not marked()


@pytest.mark.rule(8)
def test_a_change_of_the_list_goes_on_where_it_was_left(monkeypatch: pytest.MonkeyPatch) -> None:
    registered(*(f"p{n}@example.com" for n in range(5)))
    monkeypatch.setattr(internal, "_PORTION", 2)
    InternalAddress.objects.create(text="example.com")
    assert internal.percent_marked() == 0
    assert not internal.refresh_all(at_most=0)
    assert len(marked()) == 2
    share = internal.percent_marked()
    assert share is not None
    assert 0 < share < 100
    # Another change begins from the first registration again.
    InternalAddress.objects.create(text="p0@example.com")
    assert internal.percent_marked() == 0
    assert mark_internal() == "done"
    assert len(marked()) == 5
    assert not InternalRefresh.objects.exists()
    assert internal.percent_marked() is None
    assert mark_internal() == "done", "with nothing to do"


def test_what_takes_longer_is_left_to_a_worker(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    registered("a@example.com", "b@example.com")
    with django_capture_on_commit_callbacks(execute=True):
        InternalAddress.objects.create(text="a@example.com")
    assert marked() == {"a@example.com"}, "at once"
    assert not OrmQ.objects.exists()
    monkeypatch.setattr(internal, "_AT_ONCE", -1.0)
    monkeypatch.setattr(internal, "_PORTION", 1)
    with django_capture_on_commit_callbacks(execute=True):
        InternalAddress.objects.create(text="b@example.com")
    assert [job.func() for job in OrmQ.objects.all()] == ["webinars.tasks.mark_internal"]


# -- where they are left out -----------------------------------------------------------------------


@pytest.mark.rule(8)
@pytest.mark.parametrize(
    "values",
    [
        {"state": "registered", "sessions_attended": 1},
        {"state": "registered", "sessions_attended": 0},
        {"state": "overflow"},
        {"state": "pending"},
        {"state": "rejected"},
        {"state": "awaiting"},
        {"state": "denied"},
    ],
)
def test_internal_people_are_only_in_the_audience_of_that_name(
    world: World, values: dict[str, Any]
) -> None:
    person = world.registrations[1]
    Registration.objects.filter(pk=person.pk).update(**registration_in(**values))
    before = counts(world.webinar.registrations.all())
    mine = {item for item in Audience if members(world.webinar, item).filter(pk=person.pk)}
    assert mine
    name("p1@example.com")
    after = counts(world.webinar.registrations.all())
    for item in Audience:
        assert after[item] == before[item] - (item in mine) + (item == Audience.INTERNAL)
        assert left_out(world.webinar, item).count() == (item in mine)
    assert members(world.webinar, Audience.INTERNAL).get() == person


@pytest.mark.rule(8)
def test_internal_people_are_in_no_figure(world: World, marketer: Client) -> None:
    person = world.registrations[1]
    session = SessionFactory.create(webinar=world.webinar)
    start = session.started_at.timestamp()
    AttendanceFactory.create(
        session=session, registration=person, intervals=[[start, start + 600]], seconds=600
    )
    assert in_the_room(world.webinar).rows
    assert funnels([world.webinar])[world.webinar.pk].steps[:3] == [6, 6, 3]
    name("p1@example.com")
    assert not in_the_room(world.webinar).rows
    assert funnels([world.webinar])[world.webinar.pk].steps[:3] == [5, 5, 2]
    queries = [
        f"webinars={world.webinar.pk}",
        "attended_at_least=1",
        "audience=attended",
        "missed_last_n=1",
    ]
    for query in queries:
        assert person.contact not in found_by(QueryDict(query)).qs, query
    assert found_by(QueryDict("audience=internal")).qs.get() == person.contact
    found = marketer.get(f"/admin/contacts/contact/?webinar={world.webinar.pk}")
    assert "p1@example.com" not in found.content.decode()


@pytest.mark.rule(8)
def test_polls_count_no_internal_person(world: World) -> None:
    for person in world.registrations[:3]:
        ActivityFactory.create(
            contact=person.contact, key="poll:1", kind=Activity.Kind.POLL, webinar_key="77",
            data={"question": "Well?", "answers": ["Yes"]},
        )  # fmt: skip
    name("p1@example.com")
    [poll] = polls(world.webinar)
    assert (poll.people, poll.counted) == (2, [("Yes", 2)])


@pytest.mark.rule(8, 11)
def test_internal_people_get_no_mailing_to_an_audience(world: World, marketer: Client) -> None:
    name("p1@example.com")
    marketer.post(f"/mailings/to/{world.webinar.pk}/attended/", {"query": ""})
    mailing = Mailing.objects.get()
    got = {item.contact.email for item in mailing.recipients.select_related("contact")}
    assert got == {"p3@example.com", "p5@example.com"}
    assert eligibility.prospect(mailing).internal == 1
    page = marketer.get(f"/mailings/{mailing.pk}/").content.decode()
    assert "1 is internal and is left out." in page
    # People who become internal after the draft was created get none either.
    name("p3@example.com")
    mailing.text = "Thank you."
    mailing.save()
    prospect = eligibility.prospect(mailing)
    assert (prospect.will_get, prospect.left, prospect.internal) == (1, 1, 1)
    chosen = mailing_audience.for_contacts(
        [world.registrations[1].contact_id], user_id=None, language="en"
    )
    assert eligibility.prospect(chosen).chosen == 1, "by hand"


@pytest.mark.rule(8)
def test_internal_people_are_marked_wherever_they_are_shown(world: World, marketer: Client) -> None:
    name("p1@example.com")
    SpeakerFactory.create(webinar=world.webinar, name="Alan T")
    contact = world.registrations[1].contact_id
    audience = marketer.get(f"/webinars/{world.webinar.pk}/audience/internal/").content.decode()
    assert "p1@example.com" in audience
    assert "Alan T (Panelist)" in audience
    badge = '<strong class="ws-badge ws-plain">Internal</strong>'
    assert badge in audience
    assert badge in marketer.get(f"/admin/contacts/contact/{contact}/change/").content.decode()
    listed = marketer.get("/admin/webinars/registration/?audience=internal").content.decode()
    assert "p1@example.com" in listed or "First1" in listed
    assert "First2" not in listed


@pytest.mark.rule(6, 8)
def test_a_waiting_internal_person_is_promoted_like_anyone_else(world: World) -> None:
    person = world.registrations[1]
    Registration.objects.filter(pk=person.pk).update(**registration_in("overflow"))
    name("p1@example.com")
    assert waiting_list(world.webinar).get() == person
    person.refresh_from_db()
    assert place_of(person) == 1


# -- the page --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "normalized", "domain"),
    [
        (" Ann@Example.COM ", "ann@example.com", False),
        ("@Corp.Example", "corp.example", True),
        ("corp.example", "corp.example", True),
        ("someone@gmail.com", "someone@gmail.com", False),
        ("company.co.uk", "company.co.uk", True),
    ],
)
def test_a_marketer_enters_an_address_or_a_domain(
    world: World, marketer: Client, written: str, normalized: str, domain: bool
) -> None:
    assert marketer.post(ADD, {"text": written}).status_code == 302
    row = InternalAddress.objects.get()
    assert (row.text, row.is_domain) == (normalized, domain)
    assert row.created_by is not None
    assert LogEntry.objects.filter(object_repr=normalized).count() == 1
    page = marketer.get(PAGE).content.decode()
    assert normalized in page
    assert "left out of figures, audiences and emails" in page
    assert "The last change is being applied" in page
    internal.refresh_all(at_most=60)
    assert "The last change is being applied" not in marketer.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("nonsense", "neither an email address nor a domain"),
        ("com", "neither an email address nor a domain"),
        ("co.uk", "is shared by many companies"),
        ("Gmail.com", "Anyone can have an address at gmail.com"),
        ("two words", "neither an email address nor a domain"),
        ("a@b@c", "neither an email address nor a domain"),
        ("ann@", "neither an email address nor a domain"),
        ("", "This field is required"),
        ("_.example", "neither an email address nor a domain"),
        ("100%.example", "neither an email address nor a domain"),
    ],
)
def test_what_is_neither_is_refused_in_a_sentence(
    world: World, marketer: Client, written: str, expected: str
) -> None:
    page = marketer.post(ADD, {"text": written})
    assert page.status_code == 200
    assert expected in page.content.decode()
    assert not InternalAddress.objects.exists()


def test_a_duplicate_entry_is_refused(world: World, marketer: Client) -> None:
    marketer.post(ADD, {"text": "corp.example"})
    assert "already exists" in marketer.post(ADD, {"text": "@Corp.example"}).content.decode()


def test_an_entry_is_changed_and_removed(world: World, marketer: Client) -> None:
    row = name("p1@example.com")
    marketer.post(f"{PAGE}{row.pk}/change/", {"text": "p2@example.com"})
    internal.refresh_all(at_most=60)
    assert marked() == {"p2@example.com"}
    marketer.post(f"{PAGE}{row.pk}/delete/", {"post": "yes"})
    internal.refresh_all(at_most=60)
    assert marked() == set()
