"""Changes between an installation and HubSpot during faults: people register, cancel, are merged,
deleted and erased, on both sides, and processes are killed.

Each person has a role that determines these changes, so that the expected final state of HubSpot is
known. All writes here are done as the product does them.
"""

import datetime as dt
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from contacts.deletion import delete_contacts, erase
from contacts.merge import merge
from contacts.models import Contact
from core.models import OutboxDelivery, QueuedJob
from core.queue import LOST_AFTER, enqueue
from destinations.hubspot import access
from destinations.hubspot.switch import handover_of, switch_on
from destinations.models import (
    HubSpotContact,
    MarketingEvent,
    Participation,
    Portal,
    WebinarHandover,
)
from simulators.hubspot.process import HubSpotProcess
from tests.factories import (
    AttendanceFactory,
    ContactFactory,
    RegistrationFactory,
    SessionFactory,
    WebinarFactory,
)
from tests.installation import Installation
from webinars.models import Registration, Session, Webinar
from webinars.registration_events import registrations_changed

WORKERS = ("worker", "worker2")
DOMAIN = "people.example"
# The changes of people, by the last digits of their number: the others stay unchanged.
PLAIN, CANCELS = "plain", "cancels"
MERGED_THERE, ARCHIVED_THERE, ERASED_THERE = "merged there", "archived there", "erased there"
DELETED_HERE, ERASED_HERE, MERGED_HERE = "deleted here", "erased here", "merged here"
TWINS_THERE = "twins there"
ROLES = (
    *[CANCELS] * 4,
    *[MERGED_THERE] * 3,
    *[ARCHIVED_THERE, ERASED_THERE, DELETED_HERE, ERASED_HERE],
    *[MERGED_HERE] * 2,
    *[TWINS_THERE] * 2,
)
OF = 30
# People who can register again, regardless of changes in HubSpot.
STAYING = (PLAIN, CANCELS, MERGED_THERE, ARCHIVED_THERE, ERASED_THERE)
# The jobs of each minute that find due work.
SWEEPS = ("destinations.tasks.sweep", "core.tasks.deliver_due_events")
DAILY = {"status": "error", "message": "You have reached your daily limit.", "policyName": "DAILY"}
FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 429},
    {"status": 429, "retry_after": "1"},
    {"status": 429, "body": DAILY},
    {"status": 500},
    {"status": 502, "after_effect": True},
    {"status": 503},
    {"status": 504, "after_effect": True},
    {"status": 423},
    {"status": 477},
    {"drop": True},
    {"after_effect": True},
    {"after_effect": True},
)
PATHS = (
    "contacts/batch/read", "contacts/batch/create", "/events/", "attendance/", "participations/",
    "",
)  # fmt: skip


@dataclass
class Person:
    """A person, and their expected data in HubSpot: (webinar, state, time in ms)."""

    number: int
    role: str
    wanted: set[tuple[str, str, int]] = field(default_factory=set)
    contact_id: int = 0
    # When it happened to them, in HubSpot's time (ms).
    happened_at: int = 0

    @property
    def email(self) -> str:
        return f"person{self.number}@{DOMAIN}"

    @property
    def known_before(self) -> bool:
        """In HubSpot from the beginning; every second one with another primary address."""
        return self.number % 7 == 0


class HubSpotScenario:
    """Six webinars, switched on, and `people` who register one after the other."""

    def __init__(
        self,
        hubspot: HubSpotProcess,
        installation: Installation,
        chance: random.Random,
        people: int,
    ) -> None:
        self.hubspot, self.installation, self.chance = hubspot, installation, chance
        self.happened: Counter[str] = Counter()
        self.tokens = [str(hubspot.ready["access_token"])]
        roles = dict(enumerate(ROLES))
        self.people = [Person(n, roles.get(n % OF, PLAIN)) for n in range(people)]
        self._coming = list(self.people)
        self.by_contact: dict[int, Person] = {}
        self.unhappened = [person for person in self.people if person.role != PLAIN]
        self.merged_ids: set[str] = set()
        self._change_in_hubspot()
        self.before = {row["id"]: row["history"] for row in hubspot.truth()["contacts"]}
        portal = access.connect(self.tokens[0])
        self.webinars, self._sessions = self._write_webinars()
        for webinar in self.webinars:
            row = handover_of(portal, webinar)
            row.previewed_at = timezone.now()
            row.save()
            switch_on(row)

    def _change_in_hubspot(self) -> None:
        for person in self.people:
            if person.known_before:
                body: dict[str, Any] = {"email": person.email}
                if person.number % 2:
                    body = {
                        "email": f"private{person.number}@{DOMAIN}",
                        "additional_emails": [person.email],
                    }
                theirs = {"firstname": "Theirs", "city": "Oslo"}
                self.hubspot.control("POST", "contact", {**body, "properties": theirs})

    def _write_webinars(self) -> tuple[list[Webinar], dict[int, Session]]:
        coming = [WebinarFactory.create() for _ in range(3)]
        now = timezone.now().replace(microsecond=0)
        past = [
            WebinarFactory.create(starts_at=now - dt.timedelta(days=days)) for days in (3, 4, 5)
        ]
        return [*coming, *past], {
            webinar.pk: SessionFactory.create(webinar=webinar) for webinar in past
        }

    # -- people ------------------------------------------------------------------------------------

    def register(self, count: int) -> None:
        """Register the next people, for one to three webinars each."""
        some, self._coming = self._coming[:count], self._coming[count:]
        if not some:
            return
        with transaction.atomic():
            made = [pk for person in some for pk in self._register(person)]
            registrations_changed(Registration.objects.filter(pk__in=made))
        self.happened["registered"] += len(some)

    def register_again(self) -> None:
        """Register an existing person for a further webinar, regardless of earlier changes."""
        came = [p for p in self.people if p.contact_id and p.role in STAYING]
        with transaction.atomic():
            made = self._register(self.chance.choice(came))
            registrations_changed(Registration.objects.filter(pk__in=made))
        self.happened["registered again"] += bool(made)

    def _register(self, person: Person) -> list[int]:
        if not person.contact_id:
            person.contact_id = ContactFactory.create(email=person.email).pk
        made = []
        known = {key for key, *_ in person.wanted}
        for webinar in self.chance.sample(self.webinars, self.chance.randint(1, 3)):
            if webinar.key in known:
                continue
            session = self._sessions.get(webinar.pk)
            at = session.started_at if session else timezone.now().replace(microsecond=0)
            registered_at = at - dt.timedelta(days=1, seconds=person.number)
            row = RegistrationFactory.create(
                webinar=webinar,
                contact=Contact.objects.get(pk=person.contact_id),
                registered_at=registered_at,
            )
            person.wanted.add((webinar.key, "REGISTERED", _ms(registered_at)))
            if session and self.chance.random() < 0.6:
                AttendanceFactory.create(session=session, registration=row)
                person.wanted.add((webinar.key, "ATTENDED", _ms(session.started_at)))
            made.append(row.pk)
        return made

    @property
    def had_everything(self) -> bool:
        """Whether everyone has registered and the portal was connected again."""
        return not self._coming and self.happened["reconnected"] > 0

    def make_random_changes(self, times: int) -> None:
        """Apply the intended change of this many people, among those who are in HubSpot."""
        for _ in range(times):
            self._make_random_change()

    def _make_random_change(self) -> None:
        linked = HubSpotContact.objects.linked().values_list("contact", flat=True)
        known = set(linked.filter(contact__in=[p.contact_id for p in self.unhappened]))
        ready = [
            person
            for person in self.unhappened
            # A person deleted here may not be in HubSpot yet.
            if person.contact_id in known
            or (person.contact_id and person.role in (DELETED_HERE, ERASED_HERE, CANCELS))
        ]
        if not ready:
            return
        person = self.chance.choice(ready)
        done = [person]
        if person.role in (MERGED_HERE, TWINS_THERE):
            twin = self.twin_of(person)
            if twin not in ready:
                return
            done.append(twin)
        self.unhappened = [each for each in self.unhappened if each not in done]
        self._acts()[person.role](*done)
        for each in done:
            each.happened_at = int(time.time() * 1000)
        self.happened[person.role] += 1

    def twin_of(self, person: Person) -> Person:
        """Return with whom a person is merged: the two have adjacent numbers."""
        number = person.number + (1 if person.number % 2 else -1)
        return self.people[number] if number < len(self.people) else person

    def _acts(self) -> dict[str, Callable[..., object]]:
        return {
            CANCELS: self._cancel,
            MERGED_THERE: self._merge_there,
            ARCHIVED_THERE: lambda person: self._control("archive", {"email": person.email}),
            ERASED_THERE: lambda person: self._control("erase", {"email": person.email}),
            DELETED_HERE: lambda person: delete_contacts(
                Contact.objects.filter(pk=person.contact_id)
            ),
            ERASED_HERE: lambda person: erase(person.email),
            MERGED_HERE: lambda one, other: merge(one.contact_id, other.contact_id, [], None),
            TWINS_THERE: self._merge_twins,
        }

    def _control(self, path: str, body: dict[str, Any]) -> Any:
        return self.hubspot.control("POST", path, body)

    def _cancel(self, person: Person) -> None:
        rows = Registration.objects.filter(
            contact=person.contact_id, webinar__in=self.webinars[:3], cancelled_at=None
        )
        at = timezone.now().replace(microsecond=0)
        with transaction.atomic():
            keys = list(rows.values_list("pk", "webinar__key"))
            Registration.objects.filter(pk__in=[pk for pk, _ in keys]).update(cancelled_at=at)
            registrations_changed(Registration.objects.filter(pk__in=[pk for pk, _ in keys]))
        person.wanted |= {(key, "CANCELLED", _ms(at)) for _, key in keys}

    def _merge_there(self, person: Person) -> None:
        """A colleague merges a duplicate in HubSpot."""
        stranger = {"email": f"other{person.number}@{DOMAIN}", "properties": {"city": "Bergen"}}
        self._control("contact", stranger)
        self._merge({"primary": stranger["email"], "other": person.email})

    def _merge_twins(self, one: Person, other: Person) -> None:
        self._merge({"primary": one.email, "other": other.email})

    def _merge(self, body: dict[str, Any]) -> None:
        self.merged_ids |= set(self._control("merge", body)["merged"])

    # -- what goes wrong ---------------------------------------------------------------------------

    def misbehave(self) -> None:
        """Let some of HubSpot's next answers fail."""
        fault = self.chance.choice(FAULTS)
        often = self.chance.randint(1, 3)
        self._control("fail", {"next": often, "path": self.chance.choice(PATHS), **fault})
        name = fault.get("status", "dropped")
        self.happened[f"HubSpot: {name}{' after effect' if fault.get('after_effect') else ''}"] += (
            often
        )

    def kill_one(self) -> None:
        """Kill a worker; its claims remain until they expire."""
        name = self.chance.choice(WORKERS)
        self.installation.kill(name)
        self.installation.start(name)
        self.happened["kills"] += 1

    def kill_all(self) -> None:
        """Kill all workers, and move the clock until all claims have expired."""
        for name in WORKERS:
            self.installation.kill(name)
        self.nothing_is_claimed()
        for name in WORKERS:
            self.installation.start(name)
        self.happened["kills"] += len(WORKERS)

    def nothing_is_claimed(self) -> None:
        now = timezone.now()
        WebinarHandover.objects.exclude(claim="").update(claimed_until=now)
        OutboxDelivery.objects.exclude(claim="").update(next_try_at=now)
        QueuedJob.objects.update(queued_at=now - LOST_AFTER)

    def revoke(self) -> None:
        """HubSpot refuses the token, which is noticed; later it is replaced."""
        self._control("revoke", {})
        self.happened["revoked"] += 1

    def reconnect(self) -> None:
        """Connect with another token, retrying while HubSpot fails."""
        self._control("revoke", {"on": False})
        token = str(self._control("rotate", {})["access_token"])
        self.tokens.append(token)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                access.connect(token)
            except Exception:
                time.sleep(0.5)
                continue
            if Portal.objects.get().state == Portal.State.CONNECTED:
                self.happened["reconnected"] += 1
                return
        raise TimeoutError("HubSpot was not connected again.")

    def time_passes(self) -> None:
        """A day, an hour, a minute: all waiting work becomes due."""
        now = timezone.now()
        Portal.objects.update(blocked_until=None, daily_remaining=None)
        WebinarHandover.objects.update(next_try_at=None)
        MarketingEvent.objects.update(next_try_at=None)
        OutboxDelivery.objects.filter(claim="").update(next_try_at=now)
        Participation.objects.sent().filter(next_check_at__gt=now).update(next_check_at=now)
        for sweep in SWEEPS:
            enqueue(sweep)

    def of_role(self, *roles: str) -> Iterable[Person]:
        """Return those to whom the change was applied."""
        return [p for p in self.people if p.role in roles and p.happened_at]


def _ms(at: dt.datetime) -> int:
    return int(at.timestamp() * 1000)
