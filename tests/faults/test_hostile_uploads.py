"""Eight concurrent uploads of each file that is designed to exhaust resources, while people use the
form.

`make test-faults` tries all of these files; by default it tries some.
"""

import os
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db import connection

from contact_imports.models import ContactImport
from registration_forms.links import form_path
from simulators.gotowebinar.process import SimulatorProcess
from tests.contact_imports.hostile_files import HOSTILE
from tests.faults.conftest import HERE, key_of, until
from tests.faults.crowd import STAMP
from tests.faults.test_concurrent_refresh import signed_in
from tests.installation import Installation
from webinars.models import Webinar

SECONDS = float(os.environ.get("FAULT_SECONDS", "8"))
AT_ONCE = 8
# One that is refused by its unpacked size, one by its content, one by its first bytes, one by its
# columns, and one of those that take longest.
SOME = (
    "many large sheets", "a string of 1.5 GB", "one cell in the last row",
    "20,000 columns and 20,000 lines", "many shared strings",
)  # fmt: skip
# The cost of reading a file does not depend on the database.
FEW = SOME[:2] if connection.vendor == "sqlite" else SOME[:1]
KINDS = list(HOSTILE if SECONDS > 60 else SOME if SECONDS >= 60 else FEW)
State = ContactImport.State
# Half a dozen people a second, as after an email to thousands.
_BETWEEN_SECONDS = 0.15
# Before each file: other load on the machine is in both numbers.
_IDLE_SECONDS = 3.0


class People:
    """Open the form and submit it, repeatedly. The times are appended to `seconds`; assign another
    list to measure again."""

    def __init__(self, url: str) -> None:
        self.seconds: list[float] = []
        self.statuses: set[int] = set()
        self._url = url
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on)

    def __enter__(self) -> "People":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _go_on(self) -> None:
        number = 0
        with requests.Session() as session:
            while not self._over.wait(_BETWEEN_SECONDS):
                number += 1
                seconds, begun = self.seconds, time.monotonic()
                stamp = STAMP.search(session.get(self._url, timeout=60).text)
                assert stamp is not None
                filled = {
                    "first_name": "Fay", "last_name": "Form", "stamp": stamp[1],
                    "email": f"fay{number}@example.com",
                }  # fmt: skip
                answer = session.post(self._url, data=filled, allow_redirects=False, timeout=60)
                seconds.append(time.monotonic() - begun)
                self.statuses.add(answer.status_code)


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]


@pytest.fixture
def browsers(installation: Installation) -> Iterator[list[requests.Session]]:
    browser = signed_in(installation)
    browser.get(f"{installation.url}/contacts/import/", timeout=30)
    copies = []
    for _ in range(AT_ONCE):
        copy = requests.Session()
        copy.cookies.update(browser.cookies)
        copies.append(copy)
    yield copies


def upload(browser: requests.Session, url: str, name: str, content: bytes) -> int:
    token = browser.cookies["csrftoken"]
    answer = browser.post(
        f"{url}/contacts/import/",
        {"csrfmiddlewaretoken": token},
        files={"file": (name, content)},
        headers={"Referer": url},
        timeout=60,
    )
    return answer.status_code


def test_visitors_of_the_form_are_not_affected(
    installation: Installation, simulator: SimulatorProcess, browsers: list[requests.Session]
) -> None:
    webinar = Webinar.objects.using(HERE).get(key=key_of(simulator))
    simulator.control("POST", "set-limit", {"webinar": webinar.key, "limit": 50_000})
    form = f"{installation.url}{form_path(webinar)}"
    files = {kind: (HOSTILE[kind][0], HOSTILE[kind][1]()) for kind in KINDS}
    reading = ContactImport.objects.using(HERE).filter(state=State.READING)
    idle: list[float] = []
    under_load: list[list[float]] = []
    with People(form) as people, ThreadPoolExecutor(AT_ONCE) as pool:
        # Everything that is created once, for the first person, exists.
        until(lambda: len(people.seconds) > 10)
        for kind, (name, content) in files.items():
            people.seconds = idle
            time.sleep(_IDLE_SECONDS)
            now: list[float] = []
            people.seconds = now
            sent = [pool.submit(upload, one, installation.url, name, content) for one in browsers]
            assert {done.result() for done in sent} == {200}
            until(lambda: not reading.exists(), 600)
            people.seconds = idle
            print(f"{kind}: {len(now)} people, the slowest within {max(now, default=0):.2f} s")
            under_load.append(now)
    # Including visitors who were at the form when the workers were done.
    busy = [second for seconds in under_load for second in seconds]
    print(f"{len(files)} files, eight at once; seconds of the form, p95: idle {p95(idle):.3f} "
          f"({len(idle)}), under load {p95(busy):.3f} ({len(busy)})")  # fmt: skip
    assert people.statuses == {302}
    items = ContactImport.objects.using(HERE)
    assert items.count() == AT_ONCE * len(files)
    assert set(items.values_list("state", flat=True)) == {State.FAILED}
    if len(files) > len(SOME):
        # During a full test run the machine has other load, more or less.
        assert p95(busy) <= 2 * p95(idle)
