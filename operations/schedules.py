"""The periodic jobs, as data, and their installation into the job queue's table of schedules."""

from dataclasses import dataclass

from django.db import transaction
from django_q.models import Schedule


@dataclass(frozen=True)
class Job:
    """One periodic job: what a person reads, what runs, and how often."""

    name: str
    function: str
    schedule_type: str
    minutes: int | None = None


JOBS = (
    # Rule 1: every webinar that is switched on is brought level each quarter of an hour.
    Job("Bring webinars level", "sync.tasks.sync_round", Schedule.MINUTES, 15),
    # What a lost task left pending is found within a minute.
    Job("Push waiting registrations", "sync.tasks.sweep_pushes", Schedule.MINUTES, 1),
    Job("Let people in from waiting lists", "sync.tasks.promote_waiting", Schedule.MINUTES, 5),
    # Mails whose next try has come, and what a worker that died has left.
    Job("Continue imports", "sync.tasks.sweep_imports", Schedule.MINUTES, 1),
    # Whoever is held up at the form waits for it.
    Job("Send confirmation links", "sync.tasks.send_confirmation_links", Schedule.MINUTES, 1),
    Job("Continue mailings", "mailings.tasks.sweep", Schedule.MINUTES, 1),
    # As long as nobody else needs calls, and for less than a minute.
    Job("Read details of registrations", "sync.tasks.read_details", Schedule.MINUTES, 1),
    Job("Mark internal people", "sync.tasks.mark_internal", Schedule.MINUTES, 1),
    # What is set up is looked at hourly; what is not, each time.
    Job("Keep webhooks set up", "sync.tasks.keep_webhooks", Schedule.MINUTES, 1),
    Job("Write about refused sign-ins", "sync.tasks.tell_operators", Schedule.MINUTES, 1),
    Job("Refresh the lists of webinars", "sync.tasks.refresh_lists", Schedule.HOURLY),
    Job("Forget people", "sync.tasks.forget_people", Schedule.DAILY),
    Job("Clear out old sync runs", "sync.tasks.clean_up", Schedule.DAILY),
)


def install() -> list[str]:
    """Make the schedules that are missing and return their names.

    What a job runs belongs to the code and is put right; how often it runs belongs to the
    installation, so an interval that a person changed stays. Twice the same job, from two machines
    that were set up at the same moment, becomes one again.
    """
    made = []
    with transaction.atomic():
        for job in JOBS:
            found = list(Schedule.objects.filter(name=job.name).order_by("pk"))
            if not found:
                Schedule.objects.create(
                    name=job.name,
                    func=job.function,
                    schedule_type=job.schedule_type,
                    minutes=job.minutes,
                )
                made.append(job.name)
                continue
            kept, *doubles = found
            for double in doubles:
                double.delete()
            if kept.func != job.function:
                Schedule.objects.filter(pk=kept.pk).update(func=job.function)
    return made
