"""The periodic jobs are data: installing them twice changes nothing."""

import importlib
from io import StringIO

import pytest
from django.core.management import call_command
from django_q.models import Schedule

from operations import schedules

pytestmark = pytest.mark.django_db


def rows() -> list[dict[str, object]]:
    return list(Schedule.objects.order_by("pk").values())


def test_installs_each_job_once() -> None:
    assert schedules.install() == [job.name for job in schedules.JOBS]
    assert Schedule.objects.count() == len(schedules.JOBS)


def test_twice_changes_nothing() -> None:
    schedules.install()
    before = rows()
    assert schedules.install() == []
    assert rows() == before


def test_a_changed_interval_stays_and_a_changed_function_is_restored() -> None:
    schedules.install()
    Schedule.objects.filter(func="sync.tasks.sync_round").update(minutes=5, func="old.name")
    schedules.install()
    assert Schedule.objects.get(func="sync.tasks.sync_round").minutes == 5


def test_duplicates_are_merged_again() -> None:
    schedules.install()
    first = Schedule.objects.get(func="sync.tasks.sweep_pushes")
    Schedule.objects.create(name=first.name, func=first.func, schedule_type=first.schedule_type)
    schedules.install()
    assert Schedule.objects.get(func="sync.tasks.sweep_pushes").pk == first.pk


@pytest.mark.parametrize("job", schedules.JOBS, ids=lambda job: job.function)
def test_each_job_can_be_called(job: schedules.Job) -> None:
    module, name = job.function.rsplit(".", 1)
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.rule(1)
def test_webinars_are_synced_every_quarter_of_an_hour() -> None:
    schedules.install()
    job = Schedule.objects.get(func="sync.tasks.sync_round")
    assert (job.schedule_type, job.minutes) == (Schedule.MINUTES, 15)


def test_the_command_shows_what_it_did() -> None:
    output = StringIO()
    call_command("install_schedules", stdout=output)
    call_command("install_schedules", stdout=output)
    first, second = output.getvalue().splitlines()
    assert first.startswith("Installed: Sync webinars, ")
    assert second == "All were there already."
