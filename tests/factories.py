"""Rows for tests: fields that a test does not set have valid values.

Create a row with `RegistrationFactory.create(overflow=True)`, or an unsaved one with `build`.
Columns that the database fills with its own clock get Python's time, so that time-machine applies
to them.
"""

import datetime as dt
from typing import Any

import factory
from django.contrib.auth.models import Group, User
from django.utils import timezone
from factory.django import DjangoModelFactory, Password

from contact_imports.models import ContactImport, ImportChunk
from contacts.models import Activity, AlternateEmail, Consent, Contact, Merge, OptOut, Tag
from contacts.tombstones import email_hash
from core.emails import email_key
from mailings.models import Mailing, MailTemplate, Recipient
from platforms.models import Connection, WebhookSetup
from registration_forms.models import ConsentText, Submission
from segments.models import Segment
from sync.models import SyncRun
from webinars.attendance import seconds_in_room
from webinars.models import (
    Attendance,
    InternalAddress,
    Registration,
    Session,
    Speaker,
    Webinar,
)

HOUR = dt.timedelta(hours=1)


def from_now(**offset: float) -> Any:
    """Return a declaration of a time relative to now, such as `from_now(days=-1)`."""
    return factory.LazyFunction(lambda: timezone.now() + dt.timedelta(**offset))


def registered_in_time(webinar: Webinar) -> dt.datetime:
    """Return a registration time for someone who could attend: a day before the start at the
    latest."""
    now = timezone.now()
    return min(now, webinar.starts_at - 24 * HOUR) if webinar.starts_at else now


def interval(joined_at: dt.datetime, minutes: int) -> list[int]:
    """Return a stay of `minutes` as `Attendance.intervals` has it."""
    joined = int(joined_at.timestamp())
    return [joined, joined + 60 * minutes]


def registration_in(state: str, **values: Any) -> dict[str, Any]:
    """Return the columns of a registration in `state`, with `values`, for an UPDATE."""
    now, states = timezone.now(), Registration.State
    return {
        "state": state,
        "next_push_at": now if state == states.PENDING else None,
        "waiting_since": now if state == states.OVERFLOW else None,
        **values,
    }


def connection_in(state: str, **values: Any) -> dict[str, Any]:
    """Return the columns of a connection in `state`, with `values`, for an UPDATE."""
    now, states = timezone.now(), Connection.State
    return {
        "state": state,
        "refused_since": now if state == states.SIGN_IN_NEEDED else None,
        "disconnected_at": now if state == states.DISCONNECTED else None,
        **values,
    }


class UserFactory(DjangoModelFactory[User]):
    """A user. `role` is the name of a group of `webinarsync.roles`, which must exist."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com")
    password = Password("x")
    is_staff = True

    @factory.post_generation
    def role(self: User, create: bool, role: str | None, **_: object) -> None:
        if create and role:
            self.groups.add(Group.objects.get(name=role))


class ConnectionFactory(DjangoModelFactory[Connection]):
    class Meta:
        model = Connection

    class Params:
        refused = factory.Trait(
            state=Connection.State.SIGN_IN_NEEDED,
            refused_since=from_now(),
            platform_message="Invalid refresh token",
        )

    organizer_key = factory.Sequence(lambda n: f"9000{n}")
    email = factory.Sequence(lambda n: f"organizer{n}@example.com")
    refresh_token = "secret-refresh"


class WebinarFactory(DjangoModelFactory[Webinar]):
    """A webinar in a week; `past` ended an hour ago, `running` began an hour ago."""

    class Meta:
        model = Webinar

    class Params:
        past = factory.Trait(
            starts_at=from_now(hours=-2),
            last_session_ended_at=factory.SelfAttribute("ends_at"),
        )
        running = factory.Trait(starts_at=from_now(minutes=-30))
        synced = factory.Trait(sync_enabled=True)

    connection = factory.SubFactory(ConnectionFactory)
    key = factory.Sequence(lambda n: f"7000{n}")
    slug = factory.LazyAttribute(lambda webinar: f"webinar-{webinar.key}")
    subject = factory.LazyAttribute(lambda webinar: f"Webinar {webinar.key}")
    starts_at = from_now(days=7)
    ends_at = factory.LazyAttribute(lambda webinar: webinar.starts_at + HOUR)
    times = factory.LazyAttribute(
        lambda webinar: [[webinar.starts_at.isoformat(), webinar.ends_at.isoformat()]]
    )


class SessionFactory(DjangoModelFactory[Session]):
    """A session of a webinar: as long as it was planned."""

    class Meta:
        model = Session

    webinar = factory.SubFactory(WebinarFactory, past=True)
    key = factory.Sequence(lambda n: f"5000{n}")
    started_at = factory.SelfAttribute("webinar.starts_at")
    ended_at = factory.LazyAttribute(lambda session: session.started_at + HOUR)


class SpeakerFactory(DjangoModelFactory[Speaker]):
    class Meta:
        model = Speaker

    webinar = factory.SubFactory(WebinarFactory)
    role = Speaker.Role.PANELIST
    email_key = factory.Sequence(lambda n: f"speaker{n}@example.com")
    name = factory.Sequence(lambda n: f"Speaker {n}")


class InternalAddressFactory(DjangoModelFactory[InternalAddress]):
    class Meta:
        model = InternalAddress

    text = factory.Sequence(lambda n: f"colleague{n}@example.com")


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    # Set here as well as by save(), for rows that are built and written in bulk.
    email_key = factory.LazyAttribute(lambda contact: email_key(contact.email))
    first_name = factory.Sequence(lambda n: f"First{n}")
    last_name = factory.Sequence(lambda n: f"Last{n}")
    created_at = from_now()


class AlternateEmailFactory(DjangoModelFactory[AlternateEmail]):
    class Meta:
        model = AlternateEmail

    contact = factory.SubFactory(ContactFactory)
    email = factory.Sequence(lambda n: f"further{n}@example.com")
    email_key = factory.LazyAttribute(lambda further: email_key(further.email))


class RegistrationFactory(DjangoModelFactory[Registration]):
    """A registered person; a trait for each of the other states, and for attendees."""

    class Meta:
        model = Registration

    class Params:
        pending = factory.Trait(
            state=Registration.State.PENDING, registrant_key="", join_url="",
            next_push_at=from_now(),
        )  # fmt: skip
        overflow = factory.Trait(
            state=Registration.State.OVERFLOW, registrant_key="", join_url="",
            waiting_since=from_now(),
        )  # fmt: skip
        rejected = factory.Trait(
            state=Registration.State.REJECTED, registrant_key="", join_url="",
            problem_code="push.refused", platform_message="Invalid email",
        )  # fmt: skip
        cancelled = factory.Trait(cancelled_at=from_now())
        attended = factory.Trait(
            sessions_attended=1,
            seconds_attended=1800,
            first_joined_at=factory.SelfAttribute("webinar.starts_at"),
            last_left_at=factory.LazyAttribute(
                lambda registration: registration.webinar.starts_at + HOUR / 2
            ),
        )

    contact = factory.SubFactory(ContactFactory)
    webinar = factory.SubFactory(WebinarFactory)
    state = Registration.State.REGISTERED
    registrant_key = factory.Sequence(lambda n: f"8000{n}")
    join_url = factory.LazyAttribute(lambda new: f"https://join.example/{new.registrant_key}")
    registered_at = factory.LazyAttribute(lambda new: registered_in_time(new.webinar))
    first_seen_at = from_now()
    details_read_at = from_now()
    submitted = factory.LazyAttribute(
        lambda registration: {
            name: getattr(registration.contact, name)
            for name in ("email", "first_name", "last_name")
        }
    )


class AttendanceFactory(DjangoModelFactory[Attendance]):
    """A person who stayed for `minutes` from the beginning of a session."""

    class Meta:
        model = Attendance

    class Params:
        minutes = 30

    session = factory.SubFactory(SessionFactory)
    registration = factory.SubFactory(
        RegistrationFactory, webinar=factory.SelfAttribute("..session.webinar"), attended=True
    )

    intervals = factory.LazyAttribute(
        lambda attendance: [interval(attendance.session.started_at, attendance.minutes)]
    )
    seconds = factory.LazyAttribute(lambda attendance: seconds_in_room(attendance.intervals))


class ActivityFactory(DjangoModelFactory[Activity]):
    """A timeline entry; `question` is an unanswered one."""

    class Meta:
        model = Activity

    class Params:
        webinar = None
        question = factory.Trait(
            kind=Activity.Kind.QUESTION,
            data={"question": "Why not?", "answers": []},
            is_unanswered=True,
        )

    contact = factory.SubFactory(ContactFactory)
    key = factory.Sequence(lambda n: f"registered:{n}")
    kind = Activity.Kind.REGISTERED
    happened_at = from_now()
    webinar_key = factory.LazyAttribute(lambda line: line.webinar.key if line.webinar else "")
    webinar_subject = factory.LazyAttribute(
        lambda line: line.webinar.subject if line.webinar else ""
    )
    data = factory.LazyFunction(lambda: {"source": "", "state": "registered"})


class SyncRunFactory(DjangoModelFactory[SyncRun]):
    """A finished run; `running` holds the lease, `failed` has the error."""

    class Meta:
        model = SyncRun

    class Params:
        running = factory.Trait(
            state=SyncRun.State.RUNNING, finished_at=None, lease_until=from_now(minutes=1)
        )
        failed = factory.Trait(
            state=SyncRun.State.FAILED, error_code="platform.unreachable", platform_message="503"
        )

    webinar = factory.SubFactory(WebinarFactory, synced=True)
    connection = factory.SelfAttribute("webinar.connection")
    state = SyncRun.State.DONE
    trigger = SyncRun.Trigger.SCHEDULE
    started_at = from_now()
    finished_at = factory.SelfAttribute("started_at")


class ConsentTextFactory(DjangoModelFactory[ConsentText]):
    class Meta:
        model = ConsentText

    purpose = ConsentText.Purpose.REGISTERING
    language = "en"
    version = factory.Sequence(lambda n: n + 1)
    text = "I agree"
    link = "https://example.com/privacy/"
    created_at = from_now()


class SubmissionFactory(DjangoModelFactory[Submission]):
    class Meta:
        model = Submission

    registration = factory.SubFactory(RegistrationFactory, source=Registration.Source.FORM)
    submitted_at = from_now()
    submitted = factory.LazyAttribute(lambda submission: dict(submission.registration.submitted))


class ContactImportFactory(DjangoModelFactory[ContactImport]):
    class Meta:
        model = ContactImport
        skip_postgeneration_save = True

    filename = "people.csv"
    columns = factory.LazyFunction(lambda: ["E-mail"])
    mapping = factory.LazyFunction(lambda: ["email"])
    sample = factory.LazyFunction(lambda: [["a@example.com"]])
    total = 1
    created_at = from_now()

    @factory.post_generation
    def file(self: ContactImport, create: bool, content: bytes | None, **_: object) -> None:
        if create:
            content = content or b"E-mail\na@example.com\n"
            ContactImport.objects.filter(pk=self.pk).update(size=len(content))
            ImportChunk.objects.create(contact_import=self, number=0, content=content)


class SegmentFactory(DjangoModelFactory[Segment]):
    class Meta:
        model = Segment

    name = factory.Sequence(lambda n: f"Segment {n}")
    query = "came=1"
    created_at = from_now()


class MergeFactory(DjangoModelFactory[Merge]):
    """A merge that can still be listed; one to be undone is created by `contacts.merge`."""

    class Meta:
        model = Merge

    survivor = factory.SubFactory(ContactFactory)
    gone_id = factory.Sequence(lambda n: 10**12 + n)
    name = factory.Sequence(lambda n: f"First{n} Last{n}")
    created_by = factory.SubFactory(UserFactory)
    created_at = from_now()
    journal = factory.LazyFunction(lambda: {"rows": []})


class WebhookSetupFactory(DjangoModelFactory[WebhookSetup]):
    class Meta:
        model = WebhookSetup

    connection = factory.SubFactory(ConnectionFactory)
    state = WebhookSetup.State.ON
    on_since = from_now()
    webhook_keys = factory.LazyFunction(lambda: ["w1", "w2"])


class MailTemplateFactory(DjangoModelFactory[MailTemplate]):
    class Meta:
        model = MailTemplate

    name = factory.Sequence(lambda n: f"Template {n}")
    language = "en"
    subject = "Hello {first_name}"
    text = "Welcome to our webinar."


class MailingFactory(DjangoModelFactory[Mailing]):
    class Meta:
        model = Mailing

    subject = "Hello"
    text = "Text"
    created_at = from_now()


class RecipientFactory(DjangoModelFactory[Recipient]):
    class Meta:
        model = Recipient

    mailing = factory.SubFactory(MailingFactory)
    contact = factory.SubFactory(ContactFactory)


class OptOutFactory(DjangoModelFactory[OptOut]):
    """An address that gets no mailing, without a contact by default."""

    class Meta:
        model = OptOut

    class Params:
        address = factory.Sequence(lambda n: f"unsubscribed{n}@example.com")

    email_hash = factory.LazyAttribute(lambda opt_out: email_hash(opt_out.address))
    opted_out_at = from_now()


class TagFactory(DjangoModelFactory[Tag]):
    class Meta:
        model = Tag

    name = factory.Sequence(lambda n: f"Tag {n}")


class ConsentFactory(DjangoModelFactory[Consent]):
    class Meta:
        model = Consent

    contact = factory.SubFactory(ContactFactory)
    granted = True
    source = Consent.Source.IMPORT
    decided_at = from_now()
