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


MINUTES, HOURLY, DAILY = Schedule.MINUTES, Schedule.HOURLY, Schedule.DAILY
JOBS = (
    # Rule 1: every webinar that is switched on is synced each quarter of an hour.
    Job("Sync webinars", "sync.tasks.sync_round", MINUTES, 15),
    # What a lost task left pending is found within a minute.
    Job("Push waiting registrations", "sync.tasks.sweep_pushes", MINUTES, 1),
    Job("Assign free seats to waiting lists", "sync.tasks.promote_waiting", MINUTES, 5),
    # Mails whose next try has come, and what a worker that died has left.
    Job("Continue imports", "contact_imports.tasks.sweep", MINUTES, 1),
    # Anyone who is held up at the form waits for it.
    Job("Send confirmation links", "registration_forms.tasks.send_confirmation_links", MINUTES, 1),
    Job("Continue sending emails", "mailings.tasks.sweep", MINUTES, 1),
    # As long as no one else needs calls, and for less than a minute.
    Job("Read details of registrations", "sync.tasks.read_details", MINUTES, 1),
    # What a lost task or a killed worker has left, and what is tried again.
    Job("Hand events over", "core.tasks.deliver_due_events", MINUTES, 1),
    Job("Mark internal people", "webinars.tasks.mark_internal", MINUTES, 1),
    # What is set up is looked at hourly; what is not, each time.
    Job("Keep webhooks set up", "platforms.tasks.set_up_webhooks", MINUTES, 1),
    Job("Write about refused sign-ins", "platforms.tasks.report_refused_sign_ins", MINUTES, 1),
    Job("Write about guessed passwords", "accounts.tasks.report_password_guessing", MINUTES, 1),
    # What a lost task or a killed worker has left, attendance whose time has come, and what is to
    # be looked for in HubSpot.
    Job("Hand webinars over to HubSpot", "destinations.tasks.sweep", MINUTES, 1),
    Job("Refresh the lists of webinars", "sync.tasks.refresh_lists", HOURLY),
    Job("Read HubSpot's properties", "destinations.tasks.read_hubspot_properties", DAILY),
    Job("Forget people", "contacts.tasks.apply_retention", DAILY),
    Job("Clear out old sync runs", "operations.tasks.clean_up", DAILY),
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
