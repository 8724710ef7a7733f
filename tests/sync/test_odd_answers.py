"""GoTo's answers contain errors: the sync reports it clearly or continues, writes nothing
partially, and the next one is complete."""

import os
from collections.abc import Callable

import pytest

from contacts.models import Contact
from simulators.gotowebinar.process import SimulatorProcess
from sync import runs
from sync.models import SyncRun
from tests.fixtures.goto import run_sync
from webinars.models import Registration, Webinar

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]
# Other oddities: ODDITIES=500-600 pytest tests/sync/test_odd_answers.py
FIRST, _, LAST = os.environ.get("ODDITIES", "0-40").partition("-")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platforms.gotowebinar.retry.sleep", lambda seconds: None)


def test_for_any_answer_of_goto(
    simulator: SimulatorProcess, webinar: Callable[[str], Webinar]
) -> None:
    chosen = [webinar("required"), webinar("past")]
    for seed in range(int(FIRST), int(LAST)):
        odd = {"kind": "odd", "seed": seed, "count": 3, "path": "G2W", "after": seed % 7}
        for one in chosen:
            simulator.control("POST", "fail", odd)
            run = run_sync(one)
            assert run.state in (SyncRun.State.DONE, SyncRun.State.FAILED), seed
            # An error that is not GoTo's would be named by its class.
            assert run.error_code != "unexpected", (seed, run.error)
            simulator.control("POST", "fail/clear")
        simulator.control("POST", "fail", odd)
        run = runs.sync_list(chosen[0].connection, trigger=SyncRun.Trigger.COMMAND)
        assert run.error_code != "unexpected", (seed, run.error)
        simulator.control("POST", "fail/clear")
        if seed % 10 == 9:
            runs.sync_list(chosen[0].connection, trigger=SyncRun.Trigger.COMMAND)
            for one in chosen:
                in_the_end_all_are_here(simulator, one)


def in_the_end_all_are_here(simulator: SimulatorProcess, webinar: Webinar) -> None:
    run = run_sync(webinar)
    assert run.state == SyncRun.State.DONE, run.error
    there = {one["email"].casefold() for one in simulator.truth(webinar.key)["registrants"]}
    rows = Registration.objects.filter(webinar=webinar, cancelled_at=None)
    here = set(rows.values_list("contact__email_key", flat=True))
    assert there <= here
    # No contact was created from an answer without a name or an address.
    assert not Contact.objects.filter(email_key="").exists()
    assert not Contact.objects.exclude(email_key__contains="@").exists()
