"""One process of a cluster is killed, as the operating system does when memory runs out."""

import os
import random
import signal

from registration_forms.links import form_path
from simulators.gotowebinar.process import SimulatorProcess
from tests.faults.conftest import HERE, key_of, registrations, until
from tests.faults.crowd import Crowd
from tests.installation import Installation
from webinars.models import Registration, Webinar

State = Registration.State


def test_the_others_continue_whichever_was_killed(
    simulator: SimulatorProcess, installation: Installation
) -> None:
    """Idle workers wait for each other at a lock that a killed one does not release."""
    webinar = Webinar.objects.using(HERE).get(key=key_of(simulator))
    form = f"{installation.url}{form_path(webinar)}"

    def arrives(person: str) -> None:
        Crowd(form, [person], threads=1, per_second=1).wait()
        there = registrations(webinar).filter(contact__email=person, state=State.REGISTERED)
        until(there.exists)

    arrives("before@example.com")
    for number in range(4):
        # The first supervises the others: without it the whole process ends.
        sentinel, *workers = installation.children("pusher")
        killed = workers[number] if number < 3 else random.choice(workers)
        os.kill(killed, signal.SIGKILL)
        until(lambda killed=killed: killed not in installation.children("pusher"))  # type: ignore[misc]
        arrives(f"after{number}@example.com")
        assert installation.is_running("pusher")
