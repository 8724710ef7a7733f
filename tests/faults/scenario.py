"""Activity in an installation: people at the form and at GoTo, a mailing, an import, syncs, a
deployment."""

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import requests
from django.db import OperationalError, connections

from contact_imports.models import ContactImport
from mailings.models import Mailing
from platforms.models import Connection, WebhookSetup
from simulators.gotowebinar.process import SimulatorProcess
from tests.faults import next_version
from tests.faults.conftest import HERE, key_of, until
from tests.faults.servers import Postgres
from tests.faults.test_concurrent_refresh import press, signed_in
from tests.faults.test_random_kills import sync_again
from tests.installation import Installation
from webinars.models import Webinar

T = TypeVar("T")
IMPORTED = 3000
# The webinars: an upcoming one, and one that many attended.
LABELS = ("upcoming", "big")
# These happen after this many kills, regardless of the duration.
_DEPLOY, _KILL_DATABASE = 1, 3


class Scenario:
    """Starts on creation; `resume` does one thing after each kill.

    `database` is the PostgreSQL that may be killed; None on SQLite. `happened` counts.
    """

    def __init__(
        self,
        simulator: SimulatorProcess,
        installation: Installation,
        database: Postgres | None,
        chance: random.Random,
    ) -> None:
        self.simulator, self.installation, self.chance = simulator, installation, chance
        self._database = database
        self._next = next_version.make(installation.folder, installation)
        self.coming, self.past = (
            Webinar.objects.using(HERE).get(key=key_of(simulator, label)) for label in LABELS
        )
        # No one waits for a seat here: `test_random_kills` covers that.
        simulator.control("POST", "set-limit", {"webinar": self.coming.key, "limit": 50_000})
        self.browser = signed_in(installation)
        self.happened: Counter[str] = Counter()

    # -- what people do ------------------------------------------------------------------------

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

    def switch_on_webhooks(self) -> None:
        """Webhooks on; some of GoTo's events are lost, all arrive twice and out of order."""
        connection = Connection.objects.using(HERE).get()
        press(self.browser, f"{self.installation.url}/connections/{connection.pk}/webhooks/on/")
        until(lambda: WebhookSetup.objects.using(HERE).filter(state="on").exists())
        faults = {"duplicate": 1, "lose": 0.3, "reorder": True}
        self.simulator.control("POST", "webhooks", faults)

    def write(self) -> int:
        """Send a mailing to all who were registered for the past webinar."""
        page = self.post(f"/mailings/to/{self.past.pk}/registered/")
        number = int(page.url.rstrip("/").rsplit("/", 1)[1])
        letter = {"subject": "Hello", "text": "Hello {first_name}", "language": "en"}
        assert self.post(f"/mailings/{number}/", data=letter).ok
        self.post(f"/mailings/{number}/send/", data={"sure": "yes"})
        drafts = Mailing.objects.using(HERE).filter(pk=number, state=Mailing.State.DRAFT)
        assert not read(drafts.exists)
        return number

    def upload_file(self) -> int:
        """Import people from a file, as far as the workers get."""
        people = "".join(f"file{n}@example.com,Fay,File{n}\n" for n in range(IMPORTED))
        file = ("people.csv", f"E-mail,First name,Last name\n{people}")
        page = self.post("/contacts/import/", files={"file": file})
        number = int(page.url.rstrip("/").rsplit("/", 1)[1])
        deadline = time.monotonic() + 10
        while self.is_being_read(number) and time.monotonic() < deadline:
            time.sleep(0.2)
        self.check_file(number)
        return number

    def is_being_read(self, number: int) -> bool:
        item = ContactImport.objects.using(HERE).filter(pk=number)
        return read(item.filter(state=ContactImport.State.READING).exists)

    def check_file(self, number: int) -> None:
        """Check a file; nothing happens while it is being read."""
        columns = {"column0": "email", "column1": "first_name", "column2": "last_name"}
        self.post(f"/contacts/import/{number}/check/", data=columns)

    @property
    def had_everything(self) -> bool:
        """Whether what happens only once has happened: on a busy machine it may take a while."""
        killed = self._database is None or self.happened["databases killed"]
        return bool(self.happened["deployments"] and killed)

    # -- what happens besides ------------------------------------------------------------------

    def resume(self, killed: str) -> None:
        """Something happens after each kill, and a sync is requested."""
        self.happened["kills"] += 1
        act = self.chance.choice(("register", "cancel", "clock", "cut", "database"))
        if act == "register":
            self._control("register-many", {"webinar": self.coming.key, "count": 3})
        elif act == "cancel":
            there = self.simulator.truth(self.coming.key)["registrants"]
            seeded = [one for one in there if not one["email"].startswith("person")]
            chosen = self.chance.choice(seeded)
            self._control("cancel", {"webinar": self.coming.key, "email": chosen["email"]})
        elif act == "clock":
            self._control("move-clock", {"seconds": self.chance.choice((-900, 900))})
        elif act == "cut":
            self._cut()
        if act == "database" or self.happened["kills"] == _KILL_DATABASE:
            self._kill_database()
        if self.happened["kills"] == _DEPLOY:
            self._deploy()
        self.happened[act] += 1
        sync_again(killed.rstrip("2"), self.chance.choice((self.coming, self.past)))

    def _cut(self) -> None:
        """All connections to PostgreSQL are closed at once, except ours."""
        if self._database is not None:
            with connections[HERE].cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND application_name <> %s",
                    [HERE],
                )

    def _kill_database(self) -> None:
        """All processes of PostgreSQL are killed, and it restarts after a while."""
        if self._database is not None:
            self._database.kill()
            time.sleep(self.chance.uniform(0, 2))
            self._database.start()
            connections[HERE].close()
            self.happened["databases killed"] += 1

    def _deploy(self) -> None:
        """The next version's migration while this one runs; then two processes change to the next
        version, and two stay."""
        self.installation.manage("migrate", "-v0", home=self._next)
        for name in ("web", "worker2"):
            self.installation.upgrade(name, self._next)
            self.installation.kill(name)
        self.happened["deployments"] += 1

    def _control(self, path: str, body: dict[str, Any]) -> None:
        self.simulator.control("POST", path, body)


def read(find: Callable[[], T]) -> T:
    """Return what `find` reads from the installation's database, which may have been killed since
    the last time."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return find()
        except OperationalError:
            assert time.monotonic() < deadline
            connections[HERE].close()
            time.sleep(0.2)
