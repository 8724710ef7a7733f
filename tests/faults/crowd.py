"""Visitors of the form: each opens it, submits, and retries until there is an answer."""

import re
import threading
import time
from collections.abc import Iterable, Iterator

import requests

STAMP = re.compile(r'name="stamp" value="([^"]+)"')
# No visitor retries for longer. Long, because a killed process may be unavailable for minutes on a
# busy machine, and a visitor without an answer proves nothing.
_WAIT_SECONDS = 180.0
_BETWEEN = 0.2


class Crowd:
    """Submits `people` (their email addresses) at `url` from several threads, at this rate.

    `answered` contains those who saw their answer page, `unexpected` the unexpected answers.
    """

    def __init__(self, url: str, people: Iterable[str], *, threads: int, per_second: float) -> None:
        self.answered: set[str] = set()
        self.unexpected: list[str] = []
        self.reposted = 0
        self._url = url
        self._lock = threading.Lock()
        self._given_up = threading.Event()
        self._coming = self._in_step(people, 1 / per_second)
        self._threads = [
            threading.Thread(target=self._post_all, daemon=True) for _ in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        """Return when everyone has submitted."""
        for thread in self._threads:
            thread.join()

    def give_up(self) -> None:
        """Stop all visitors: what they wait for will not happen."""
        self._given_up.set()

    @property
    def is_busy(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def _in_step(self, people: Iterable[str], step: float) -> Iterator[str]:
        began = time.monotonic()
        for number, person in enumerate(people):
            time.sleep(max(0.0, began + number * step - time.monotonic()))
            yield person

    def _next(self) -> str | None:
        with self._lock:
            return next(self._coming, None)

    def _post_all(self) -> None:
        with requests.Session() as session:
            while not self._given_up.is_set() and (person := self._next()) is not None:
                self._post_until_answered(session, person)

    def _post_until_answered(self, session: requests.Session, person: str) -> None:
        deadline = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < deadline and not self._given_up.is_set():
            try:
                status = self._post(session, person)
            except requests.RequestException:
                status = 0
            if status == 302:
                self.answered.add(person)
                return
            if 0 < status < 500:
                self.unexpected.append(f"{person}: {status}")
                return
            self.reposted += 1
            time.sleep(_BETWEEN)
        self.unexpected.append(f"{person}: no answer")

    def _post(self, session: requests.Session, person: str) -> int:
        """Open the form and submit it; return the status of the answer, 0 for no form."""
        page = session.get(self._url, timeout=25)
        stamp = STAMP.search(page.text)
        if stamp is None:
            return page.status_code if page.status_code >= 400 else 0
        name = person.partition("@")[0]
        filled = {"first_name": "Chaos", "last_name": name, "email": person, "stamp": stamp[1]}
        return session.post(self._url, data=filled, allow_redirects=False, timeout=25).status_code
