"""Everything that goes on in an installation, while everything goes wrong.

`make test-faults` lets it go on for minutes; by itself it is short. FAULT_SEED chooses another
course of events.
"""

import datetime as dt
import json
import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import connections
from django.utils import timezone
from django_q.conf import Conf

from contacts.models import Activity, Contact
from mailings.models import Mailing, Recipient
from tests.chaos.conftest import HERE, until
from tests.chaos.havoc import PROCESSES, Havoc
from tests.chaos.people import Crowd
from tests.chaos.test_chaos import calm_down, each_line_stands_once, sync_again
from tests.chaos.test_refreshing_at_once import press, signed_in
from tests.installation import Installation
from webinars.models import Connection, ContactImport, Registration, SyncRun, WebhookSetup, Webinar
from webinars.simulator.process import SimulatorProcess

SECONDS = float(os.environ.get("FAULT_SECONDS", "15"))
SEED = int(os.environ.get("FAULT_SEED", "20261124"))
PER_SECOND = 8
IMPORTED = 3000
State = Registration.State


@pytest.fixture
def simulator() -> Any:
    with SimulatorProcess(webinars=12, registrants=150, latency_ms=20) as process:
        process.control("POST", "rate-limit", {"per_second": 50})
        yield process


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Mails land in files; the second worker runs the schedules too."""
    return {"EMAIL_URL": f"filemail:///{tmp_path / 'mails'}"}


class Story:
    """What goes on: people at the form and at GoTo, a mailing, an import, syncs."""

    def __init__(self, simulator: SimulatorProcess, installation: Installation) -> None:
        self.simulator, self.installation = simulator, installation
        self.chance = random.Random(SEED)
        keys = {item["label"]: str(item["webinarKey"]) for item in simulator.webinars()}
        self.coming, self.past = (self._take_in(keys[label]) for label in ("upcoming", "big"))
        # Nobody waits for a seat here: `test_chaos` sees to that.
        simulator.control("POST", "set-limit", {"webinar": self.coming.key, "limit": 50_000})
        self.browser = signed_in(installation)
        self.happened: Counter[str] = Counter()

    def _take_in(self, key: str) -> Webinar:
        self.installation.manage("sync_webinars", "--webinar", key, "--activate")
        Webinar.objects.using(HERE).filter(key=key).update(form_enabled=True)
        return Webinar.objects.using(HERE).get(key=key)

    def persist(self, act: Callable[[], requests.Response]) -> requests.Response:
        """Press again until there is an answer, as people do."""
        deadline = time.monotonic() + 90
        while True:
            try:
                answer = act()
                if answer.status_code < 500:
                    return answer
            except requests.RequestException:
                pass
            assert time.monotonic() < deadline
            time.sleep(0.3)

    def post(self, path: str, **more: Any) -> requests.Response:
        token = {"csrfmiddlewaretoken": self.browser.cookies["csrftoken"]}
        data = token | more.pop("data", {})
        url = f"{self.installation.url}{path}"
        return self.persist(lambda: self.browser.post(url, data, timeout=30, **more))

    def hear(self) -> None:
        """Webhooks on; some of GoTo's events are lost, all come twice and out of order."""
        connection = Connection.objects.using(HERE).get()
        press(self.browser, f"{self.installation.url}/goto/{connection.pk}/webhooks/on/")
        until(lambda: WebhookSetup.objects.using(HERE).filter(state="on").exists(), 60)
        astray = {"duplicate": 1, "lose": 0.3, "reorder": True}
        self.simulator.control("POST", "webhooks", astray)

    def write(self) -> int:
        """Send a mailing to all who were registered for the past webinar."""
        page = self.post(f"/mailings/to/{self.past.pk}/registered/")
        number = int(page.url.rstrip("/").rsplit("/", 1)[1])
        letter = {"subject": "Hello", "text": "Hello {first_name}", "language": "en"}
        assert self.post(f"/mailings/{number}/", data=letter).ok
        self.post(f"/mailings/{number}/send/", data={"sure": "yes"})
        assert Mailing.objects.using(HERE).get(pk=number).state != Mailing.State.DRAFT
        return number

    def bring_file(self) -> int:
        """Import people from a file."""
        people = "".join(f"file{n}@example.com,Fay,File{n}\n" for n in range(IMPORTED))
        file = ("people.csv", f"E-mail,First name,Last name\n{people}")
        page = self.post("/contacts/import/", files={"file": file})
        number = int(page.url.rstrip("/").rsplit("/", 1)[1])
        columns = {"column0": "email", "column1": "first_name", "column2": "last_name"}
        self.post(f"/contacts/import/{number}/check/", data=columns)
        return number

    def go_on(self, killed: str) -> None:
        """Something happens at GoTo after each kill, and a sync is asked for; on PostgreSQL, all
        connections are cut now and then."""
        self.happened["kills"] += 1
        act = self.chance.choice(("register", "cancel", "clock", "cut"))
        if act == "register":
            self._control("register-many", {"webinar": self.coming.key, "count": 3})
        elif act == "cancel":
            there = self.simulator.truth(self.coming.key)["registrants"]
            seeded = [one for one in there if not one["email"].startswith("person")]
            chosen = self.chance.choice(seeded)
            self._control("cancel", {"webinar": self.coming.key, "email": chosen["email"]})
        elif act == "clock":
            self._control("move-clock", {"seconds": self.chance.choice((-900, 900))})
        elif connections[HERE].vendor == "postgresql":
            with connections[HERE].cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND application_name <> %s",
                    [HERE],
                )
        self.happened[act] += 1
        if self.happened["kills"] == 3:
            self.migrate()
        sync_again(killed.rstrip("2"), self.chance.choice((self.coming, self.past)))

    def migrate(self) -> None:
        """The next version's migration, while this version's processes go on: it adds columns."""
        with connections[HERE].cursor() as cursor:
            for table in ("webinars_registration", "contacts_contact", "webinars_connection"):
                cursor.execute(
                    f"ALTER TABLE {table} ADD COLUMN tomorrow integer NOT NULL DEFAULT 0"
                )
        self.happened["migrations"] += 1

    def _control(self, path: str, body: dict[str, Any]) -> None:
        self.simulator.control("POST", path, body)


@pytest.fixture
def story(
    simulator: SimulatorProcess, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> Story:
    monkeypatch.setattr(Conf, "ORM", HERE)
    installation.manage("install_schedules")
    installation.add("worker2", like="worker")
    installation.start("worker2")
    story = Story(simulator, installation)
    story.hear()
    return story


def test_all_is_there_once_when_it_is_over(story: Story) -> None:
    print(f"seed {SEED}, {SECONDS:.0f} seconds")
    people = [f"person{number}@example.com" for number in range(int(SECONDS * PER_SECOND))]
    form = f"{story.installation.url}{story.coming.get_form_url()}"
    crowd = Crowd(form, people, threads=6, per_second=PER_SECOND)
    with Havoc(
        story.installation, story.simulator, story.chance, story.go_on, (*PROCESSES, "worker2")
    ) as havoc:
        mailing, file = story.write(), story.bring_file()
        crowd.wait()
    print(dict(havoc.done), dict(story.happened), f"{crowd.posted_again} posted again")
    assert story.happened["migrations"] == 1
    assert crowd.unexpected == [] and crowd.answered == set(people)

    story.installation.kill("worker2")
    no_claim_outlives_its_time()
    calm_down(story.installation)
    finish_file(story, file)
    finish_mailing(mailing)
    pending = Registration.objects.using(HERE).filter(state=State.PENDING)
    until(lambda: not pending.exists(), 90)
    for webinar in (story.coming, story.past):
        level_to_the_person(story, webinar)
    nobody_twice(story, people)
    each_line_stands_once(story.coming)
    assert (
        not SyncRun.objects.using(HERE)
        .filter(state=SyncRun.State.RUNNING, lease_until__lt=timezone.now())
        .exclude(webinar=None)
        .exists()
    )
    mails_once(story, mailing)
    imported = Contact.objects.using(HERE).filter(email__startswith="file")
    assert imported.count() == IMPORTED


def no_claim_outlives_its_time() -> None:
    """What killed processes held is free by the clock; here the time has passed."""
    past = timezone.now() - dt.timedelta(hours=1)
    Recipient.objects.using(HERE).filter(state=Recipient.State.SENDING).update(claimed_at=past)
    ContactImport.objects.using(HERE).filter(lease_until__isnull=False).update(lease_until=past)
    WebhookSetup.objects.using(HERE).update(working_until=None)


def finish_file(story: Story, number: int) -> None:
    """A file is written whole or not at all, whatever was killed meanwhile."""
    item = ContactImport.objects.using(HERE).filter(pk=number)
    until(lambda: item.filter(state=ContactImport.State.CHECKED).exists(), 120)
    story.post(f"/contacts/import/{number}/run/")
    until(lambda: item.filter(state=ContactImport.State.DONE).exists(), 120)


def finish_mailing(number: int) -> None:
    item = Mailing.objects.using(HERE).filter(pk=number)
    until(lambda: item.filter(state=Mailing.State.DONE).exists(), 180)


def level_to_the_person(story: Story, webinar: Webinar) -> None:
    """One sync later the two lists differ by nobody who has no reason, and audiences are true."""
    story.installation.manage("sync_webinars", "--webinar", webinar.key)
    found = json.loads(story.installation.ask("reconcile", webinar.key, "--json"))
    reasons = Counter(item["reason"] for item in found["differences"])
    print(webinar.subject, found["here"], found["goto"], dict(reasons))
    assert found["adds_up"]
    assert set(reasons) <= {"cancelled there", "same e-mail twice"}
    there = story.simulator.truth(webinar.key)
    here = Registration.objects.using(HERE).filter(webinar=webinar, cancelled_at=None)
    emails = {one["email"].casefold() for one in there["registrants"]}
    assert {row.contact.email_key for row in here.select_related("contact")} == emails
    attended = {
        row.contact.email_key
        for row in here.filter(sessions_attended__gt=0).select_related("contact")
    }
    assert attended == {one["email"].casefold() for one in there["attended"]} & emails


def nobody_twice(story: Story, people: list[str]) -> None:
    there = Counter(
        one["email"].casefold() for one in story.simulator.truth(story.coming.key)["registrants"]
    )
    assert {there[person] for person in people} == {1}


def mails_once(story: Story, number: int) -> None:
    """Nobody got two mails; who is said to have got one has."""
    text = "".join(path.read_text() for path in (story.installation.folder / "mails").iterdir())
    got = Counter(_readable(to) for to in re.findall(r"^To: (\S+)$", text, re.MULTILINE))
    rows = Recipient.objects.using(HERE).filter(mailing=number).select_related("contact")
    states: dict[str, set[str]] = {}
    for row in rows:
        states.setdefault(str(row.state), set()).add(row.contact.email)
    print({state: len(emails) for state, emails in states.items()}, got.total(), "mails")
    assert got and max(got.values()) == 1
    assert states["sent"] <= set(got) <= states["sent"] | states.get("unknown", set())
    assert set(states) <= {"sent", "unknown", "skipped"}
    lines = Activity.objects.using(HERE).filter(kind=Activity.Kind.MAILED)
    assert lines.count() == len(states["sent"])


def _readable(address: str) -> str:
    """Return an address as it stands here: a mail's header has domains in their ASCII form."""
    local, _, domain = address.partition("@")
    return f"{local}@{domain.encode().decode('idna')}" if "xn--" in domain else address
