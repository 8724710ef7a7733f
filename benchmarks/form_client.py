"""Clients that submit a form, and a watcher of when each person is registered."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import requests

from contacts.models import Activity
from registration_forms.links import form_path
from tests.faults.crowd import STAMP
from webinars.models import Webinar

# The number of concurrent clients.
THREADS = 8
_MOST_SECONDS = 300
_mine = threading.local()


class Form:
    """The form of one webinar, as posting threads see it."""

    def __init__(self, url: str, webinar: Webinar) -> None:
        self.webinar = webinar
        self.path = form_path(webinar)
        self._host = urlsplit(url).netloc
        stamp = STAMP.search(requests.get(url + self.path).text)
        assert stamp is not None
        self._stamp = stamp[1]

    def post(self, email: str, path: str = "") -> int:
        """Submit one person; return the status of the answer."""
        filled = {"first_name": "Ada", "last_name": "Bench", "email": email, "stamp": self._stamp}
        connection = self._connection()
        connection.request(
            "POST",
            path or self.path,
            urlencode(filled),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def _connection(self) -> HTTPConnection:
        """Each thread has its own persistent connection."""
        if getattr(_mine, "host", "") != self._host:
            _mine.host, _mine.connection = self._host, HTTPConnection(self._host, timeout=60)
        connection: HTTPConnection = _mine.connection
        return connection


class Watch:
    """Records, polling continuously, who of `people` is registered."""

    def __init__(self, webinar: Webinar, people: list[str]) -> None:
        self.seen: dict[str, float] = {}
        self._people = set(people)
        self._lines = Activity.objects.filter(
            webinar_key=webinar.key, kind=Activity.Kind.REGISTERED
        )
        last = self._lines.order_by("pk").last()
        self._after = last.pk if last else 0

    def poll(self) -> None:
        # A row inserted earlier may be committed later: the newest few are read again.
        new = self._lines.filter(pk__gt=self._after - 50).order_by("pk")
        now = time.perf_counter()
        for pk, email in new.values_list("pk", "contact__email_key"):
            self._after = max(self._after, pk)
            if email in self._people:
                self.seen.setdefault(email, now)

    @property
    def complete(self) -> bool:
        return len(self.seen) == len(self._people)

    def until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _MOST_SECONDS
        while not done():
            if time.monotonic() > deadline:
                raise SystemExit(f"only {len(self.seen)} arrived in {_MOST_SECONDS} seconds")
            self.poll()
            time.sleep(0.02)


def send(form: Form, people: list[str], rate: int, sent: dict[str, float]) -> None:
    """Submit `people` at a fixed rate, regardless of earlier answers; record when each was sent."""

    def one(email: str) -> None:
        sent[email] = time.perf_counter()
        assert form.post(email) == 302

    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        answers = []
        for number, email in enumerate(people):
            time.sleep(max(0.0, began + number / rate - time.perf_counter()))
            answers.append(pool.submit(one, email))
        for answer in answers:
            answer.result()


def post_for(seconds: float, post: Callable[[int], bool]) -> int:
    """Submit from all threads for this many seconds; return how many were answered correctly."""
    until = time.perf_counter() + seconds

    def many(thread: int) -> int:
        count = 0
        while time.perf_counter() < until:
            assert post(thread * 1_000_000 + count)
            count += 1
        return count

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(many, range(THREADS)))
