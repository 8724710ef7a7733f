"""The periodic jobs, and their installation into the job queue's table of schedules."""

from dataclasses import dataclass

from django.db import transaction
from django_q.models import Schedule


@dataclass(frozen=True)
class Job:
    """A periodic job: its name for people, its function, and its interval."""

    name: str
    function: str
    schedule_type: str
    minutes: int | None = None


MINUTES, HOURLY, DAILY = Schedule.MINUTES, Schedule.HOURLY, Schedule.DAILY
JOBS = (
    # Rule 1: every webinar with sync on is synced every 15 minutes.
    Job("Sync webinars", "sync.tasks.sync_round", MINUTES, 15),
    # Finds within a minute what a lost task left pending.
    Job("Push waiting registrations", "sync.tasks.sweep_pushes", MINUTES, 1),
    Job("Assign free seats to waiting lists", "sync.tasks.promote_waiting", MINUTES, 5),
    # Emails with a due retry, and what killed workers left.
    Job("Continue imports", "contact_imports.tasks.sweep", MINUTES, 1),
    # People held up at the form wait for it.
    Job("Send confirmation links", "registration_forms.tasks.send_confirmation_links", MINUTES, 1),
    Job("Continue sending emails", "mailings.tasks.sweep", MINUTES, 1),
    # At the lowest priority, and for less than a minute.
    Job("Read details of registrations", "sync.tasks.read_details", MINUTES, 1),
    # What lost tasks and killed workers left, and retries.
    Job("Hand events over", "core.tasks.deliver_due_events", MINUTES, 1),
    Job("Mark internal people", "webinars.tasks.mark_internal", MINUTES, 1),
    # Complete webhooks are checked hourly; others each time.
    Job("Keep webhooks set up", "platforms.tasks.set_up_webhooks", MINUTES, 1),
    Job("Write about refused sign-ins", "platforms.tasks.report_refused_sign_ins", MINUTES, 1),
    Job("Write about guessed passwords", "accounts.tasks.report_password_guessing", MINUTES, 1),
    # What lost tasks and killed workers left, attendance that is due, and lookups in HubSpot.
    Job("Hand webinars over to HubSpot", "destinations.tasks.sweep", MINUTES, 1),
    Job("Refresh the lists of webinars", "sync.tasks.refresh_lists", HOURLY),
    Job("Read HubSpot's properties", "destinations.tasks.read_hubspot_properties", DAILY),
    Job("Forget people", "contacts.tasks.apply_retention", DAILY),
    Job("Clear out old sync runs", "operations.tasks.clean_up", DAILY),
)


def install() -> list[str]:
    """Create the missing schedules and return their names.

    The function of a job belongs to the code and is corrected; its interval belongs to the
    installation, so a changed one is kept. Duplicates, from two machines set up at the same moment,
    are merged.
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
