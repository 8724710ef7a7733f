"""Any events in any order: finally the rules hold (docs/concepts.md)."""

import datetime as dt
import itertools
import os
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from contacts.deletion import delete_contacts
from contacts.models import Activity, Contact, Tombstone
from contacts.tombstones import email_hash
from core.emails import email_key
from platforms.client_factory import client_for
from platforms.models import Connection, WebhookEvent, WebhookSecret
from registration_forms.registrations import FormData, submit
from simulators.gotowebinar.process import SimulatorProcess
from sync import runs, tasks
from sync.models import Reason, SyncRun
from sync.push.push import push
from sync.reconciliation.differences import compare
from sync.scheduling import due_webinars
from sync.webhooks import process
from tests.factories import WebhookSetupFactory
from tests.fixtures.goto import run_sync
from webinars import sessions
from webinars.audiences import Audience, members
from webinars.models import Registration, Webinar

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
State = Registration.State
PEOPLE = st.integers(0, 5)
NUMBERS = itertools.count()
# GoTo reports times in whole seconds, and many steps happen within one.
APART = dt.timedelta(seconds=2)
# More of them: ORDERS=1000 pytest tests/sync/test_any_order.py
ORDERS = int(os.environ.get("ORDERS", "30"))


class Machine(RuleBasedStateMachine):
    """Six people, one webinar with a few seats; each step is an action of a person."""

    simulator: SimulatorProcess
    connection: Connection

    def __init__(self) -> None:
        super().__init__()
        self.number = next(NUMBERS)
        self.edited: dict[str, str] = {}
        self.deleted: set[str] = set()
        self.erased: set[str] = set()
        # Deleted, and not registered again since: these must not be here.
        self.gone: set[str] = set()

    @initialize(seats=st.integers(2, 5), early=st.sets(PEOPLE, min_size=1, max_size=3))
    def begin(self, seats: int, early: set[int]) -> None:
        made = self.control("new-webinar", {"subject": f"Number {self.number}", "limit": seats})
        self.key = made["webinarKey"]
        runs.sync_list(self.connection, trigger=SyncRun.Trigger.COMMAND)
        Webinar.objects.filter(key=self.key).update(sync_enabled=True, form_enabled=True)
        self.webinar = Webinar.objects.select_related("connection").get(key=self.key)
        # Some exist from the start, so that colleagues can edit and delete them.
        for person in early:
            self.registers_there(person, shouted=False)
        run_sync(self.webinar)

    def email(self, person: int) -> str:
        return f"p{person}.of{self.number}@example.com"

    def control(self, path: str, body: dict[str, Any]) -> Any:
        return self.simulator.control("POST", path, body)

    def there(self) -> list[str]:
        return [one["email"] for one in self.simulator.truth(self.key)["registrants"]]

    # -- at GoTo -------------------------------------------------------------------------------

    @rule(person=PEOPLE, shouted=st.booleans())
    def registers_there(self, person: int, shouted: bool) -> None:
        email = self.email(person)
        if email not in map(str.casefold, self.there()):
            submitted = {"firstName": "There", "lastName": f"P{person}"}
            written = email.upper() if shouted else email
            self.control("register", {"webinar": self.key, "email": written, **submitted})
            self.comes_back(self.email(person))

    @rule(person=PEOPLE)
    def cancels_there(self, person: int) -> None:
        for email in self.there():
            if email.casefold() == self.email(person):
                self.control("cancel", {"webinar": self.key, "email": email})

    @rule()
    def the_limit_is_raised(self) -> None:
        self.control("raise-limit", {"webinar": self.key, "by": 1})

    @rule(person=PEOPLE, lacks=st.sampled_from(["firstName", "lastName"]))
    def someone_without_a_name_registers_there(self, person: int, lacks: str) -> None:
        submitted = {"firstName": "No", "lastName": "Name"} | {lacks: "  "}
        email = f"nameless{person}.of{self.number}@example.com"
        if email not in self.there():
            self.control("register", {"webinar": self.key, "email": email, **submitted})

    @rule(people=st.sets(PEOPLE))
    def a_session_runs(self, people: set[int]) -> None:
        chosen = {self.email(person) for person in people}
        came = [{"email": email} for email in self.there() if email.casefold() in chosen]
        self.control("start-session", {"webinar": self.key})
        self.control("end-session", {"webinar": self.key, "attendees": came})

    # -- here ----------------------------------------------------------------------------------

    @rule(person=PEOPLE)
    def posts_the_form(self, person: int) -> None:
        submitted = {"first_name": "Here", "last_name": f"P{person}", "email": self.email(person)}
        submission = submit(self.webinar, FormData(submitted))
        # Rule 6: every submission is stored, even for a full webinar. Rule 5: those of erased
        # people too.
        assert submission.registration.contact.email_key == self.email(person)
        self.comes_back(self.email(person))
        self.gone.discard(self.email(person))

    @rule()
    def waiting_ones_are_pushed(self) -> None:
        for pk in self._rows().filter(state=State.PENDING).values_list("pk", flat=True):
            push(pk)

    @rule()
    def free_seats_are_filled(self) -> None:
        tasks.promote(self.webinar.pk)

    @rule(person=PEOPLE, name=st.sampled_from(["Ada", "Grace", "Edith"]))
    def a_colleague_edits(self, person: int, name: str) -> None:
        if self._contact(person).update(first_name=name):
            self.edited[self.email(person)] = name

    @rule(person=PEOPLE, permanent=st.sampled_from([False, False, True]))
    def a_colleague_deletes(self, person: int, permanent: bool) -> None:
        """An existing contact is deleted: `person` chooses among them."""
        here = [number for number in range(6) if self._contact(number).exists()]
        person = here[person % len(here)] if here else person
        if delete_contacts(self._contact(person), permanent=permanent):
            self.edited.pop(self.email(person), None)
            self.deleted.add(self.email(person))
            self.gone.add(self.email(person))
            self._move_deletion(self.email(person), APART)
            if permanent:
                self.erased.add(self.email(person))

    def comes_back(self, email: str) -> None:
        """A new registration is newer than the deletion, unless the person was erased."""
        self._move_deletion(email, -APART)
        self.gone -= {email} - self.erased

    def _move_deletion(self, email: str, by: dt.timedelta) -> None:
        stones = Tombstone.objects.filter(email_hash=email_hash(email))
        stones.update(deleted_at=timezone.now() + by)

    # -- between -------------------------------------------------------------------------------

    @rule(on=st.booleans())
    def a_colleague_turns_the_switch(self, on: bool) -> None:
        Webinar.objects.filter(key=self.key).update(sync_enabled=on)

    @rule()
    def the_schedule_syncs(self) -> None:
        """Rule 1: what is switched on, and nothing else."""
        for webinar in due_webinars(timezone.now()).filter(key=self.key):
            assert webinar.sync_enabled
            run_sync(webinar)

    @rule(after=st.integers(0, 4))
    def a_sync_is_interrupted(self, after: int) -> None:
        fault = {"path": self.key, "kind": "status", "status": 400, "after": after, "count": 50}
        self.control("fail", fault)
        run_sync(self.webinar)
        self.control("fail/clear", {})

    @rule(twice=st.booleans(), lost=st.sampled_from([0.0, 0.5]))
    def events_are_processed(self, twice: bool, lost: float) -> None:
        """Some are lost, some arrive twice, and none is trusted without the API; none adds anyone
        if the webinar is switched off (rule 1)."""
        off, before = not self._is_on(), self._rows().count()
        for event in WebhookEvent.objects.filter(done_at=None, webinar_key=self.key):
            if event.pk % 2 and lost:
                event.delete()
        process.process(self.connection, sleep=lambda seconds: None)
        assert not off or self._rows().count() == before
        if twice:
            WebhookEvent.objects.filter(webinar_key=self.key).update(done_at=None)

    @rule(person=PEOPLE)
    def goto_posts_an_event(self, person: int) -> None:
        for one in self.simulator.truth(self.key)["registrants"]:
            if one["email"].casefold() == self.email(person):
                WebhookEvent.objects.get_or_create(
                    connection=self.connection,
                    event_key=f"{self.number}-{one['registrantKey']}",
                    defaults={
                        "name": "registrant.added",
                        "webinar_key": self.key,
                        "registrant_key": one["registrantKey"],
                        "email_key": email_key(one["email"]),
                        "occurred_at": timezone.now(),
                    },
                )

    # -- and in the end ------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "webinar"):
            return
        self.waiting_ones_are_pushed()
        run_sync(self.webinar)
        self._no_one_without_a_name_is_stored()
        self._deleted_people_stay_away()
        self._audiences_are_those_of_goto()
        self._lists_differ_for_reasons_only()
        self._nothing_is_left_to_do()
        self._people_are_as_colleagues_left_them()
        self._each_entry_is_stored_once()

    def _lists_differ_for_reasons_only(self) -> None:
        """Rules 4, 5 and 9."""
        found = compare(self.webinar, client_for(self.connection))
        assert found.adds_up
        reasons = {item.reason for item in found.differences}
        assert reasons <= {
            Reason.CANCELLED,
            Reason.DELETED,
            Reason.OVERFLOW,
            Reason.REJECTED,
            Reason.NAMELESS,
            Reason.WALK_IN,
        }
        # They attended, and cancelled before any sync had seen them on the list.
        truth = self.simulator.truth(self.key)
        came = {person["email"].casefold() for person in truth["attended"]}
        without = came - set(map(str.casefold, self.there()))
        walked_in = {i.email for i in found.differences if i.reason == Reason.WALK_IN}
        assert {email.casefold() for email in walked_in} <= without
        deleted = {i.email for i in found.differences if i.reason == Reason.DELETED}
        assert not deleted & set(self._rows().values_list("contact__email_key", flat=True))

    def _no_one_without_a_name_is_stored(self) -> None:
        """Rule 2."""
        assert not self._rows().filter(contact__email_key__startswith="nameless").exists()

    def _deleted_people_stay_away(self) -> None:
        """Rule 5: only a newer registration restores a contact, and that one does."""
        here = set(Contact.objects.values_list("email_key", flat=True))
        assert not here & self.gone
        listed = set(map(str.casefold, self.there())) & {self.email(n) for n in range(6)}
        assert listed - here <= self.gone

    def _audiences_are_those_of_goto(self) -> None:
        """Rule 8: except people without a name, and those deleted here."""
        truth = self.simulator.truth(self.key)
        there = {p["email"].casefold() for p in truth["registrants"] if p["lastName"].strip()}
        there = {email for email in there if not email.startswith("nameless")}
        came = {p["email"].casefold() for p in truth["attended"]}
        here = {name: self._members(name) for name in Audience}
        on_the_list = here[Audience.REGISTERED] - here[Audience.CANCELLED]
        assert on_the_list <= there and there - on_the_list <= self.gone
        assert here[Audience.ATTENDED] <= came
        assert came - here[Audience.ATTENDED] <= self.deleted
        # Each session is days before the webinar's date: a rehearsal.
        assert here[Audience.NO_SHOW] == set()
        self._no_shows_registered_before_the_end(here)
        assert not here[Audience.OVERFLOW] & there
        assert not here[Audience.PENDING]

    def _no_shows_registered_before_the_end(self, here: dict[Audience, set[str]]) -> None:
        """As if the sessions counted, and their reports were complete."""
        held = list(self.webinar.sessions.all())
        for session in held:
            sessions.decide(session, counts=True)
        Webinar.objects.filter(key=self.key).update(attendance_pending_until=None)
        ended = max((session.ended_at for session in held), default=timezone.now())
        late = self._rows().filter(registered_at__gte=ended)
        too_late = set(late.values_list("contact__email_key", flat=True))
        absent = here[Audience.REGISTERED] - here[Audience.ATTENDED] - too_late
        assert self._members(Audience.NO_SHOW) == (absent if held else set())
        for session in held:
            sessions.decide(session, counts=False)
        self.webinar.refresh_from_db()

    def _members(self, audience: Audience) -> set[str]:
        people = members(self.webinar, audience).values_list("contact__email_key", flat=True)
        return set(people)

    def _is_on(self) -> bool:
        return Webinar.objects.get(key=self.key).sync_enabled

    def _nothing_is_left_to_do(self) -> None:
        """A second sync writes nothing new."""
        before = sorted(self._rows().values_list("pk", "state", "registrant_key", "cancelled_at"))
        lines = Activity.objects.count()
        run = run_sync(self.webinar)
        assert (run.new_contacts, run.new_registrations, run.new_activities) == (0, 0, 0)
        after = sorted(self._rows().values_list("pk", "state", "registrant_key", "cancelled_at"))
        assert (after, Activity.objects.count()) == (before, lines)

    def _people_are_as_colleagues_left_them(self) -> None:
        """Rule 3: no one is changed by a sync."""
        for email, name in self.edited.items():
            assert Contact.objects.get(email_key=email).first_name == name

    def _each_entry_is_stored_once(self) -> None:
        """Rule 7, and 6: there are never more than there are seats, of those that we sent."""
        for row in self._rows().filter(state=State.REGISTERED):
            # A person who found it full first was promoted, or registered on GoTo.
            came = Activity.objects.filter(contact=row.contact_id, webinar_key=self.key)
            assert came.filter(kind__in=["registered", "promoted"]).count() == 1
        waiting = self._rows().filter(state=State.OVERFLOW)
        assert all(row.contact_id for row in waiting)

    def _rows(self) -> Any:
        return Registration.objects.filter(webinar__key=self.key)

    def _contact(self, person: int) -> Any:
        return Contact.objects.filter(email_key=self.email(person))


@pytest.mark.rule(5)
def test_in_any_order_the_rules_hold_in_the_end(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    Machine.simulator, Machine.connection = simulator, connection
    WebhookSecret.objects.create(client_id=django_settings.GOTO_CLIENT_ID, value="x")
    WebhookSetupFactory.create(connection=connection, webhook_keys=[])
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=ORDERS,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
