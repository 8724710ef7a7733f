"""The periodic jobs, and their installation into the job queue's table of schedules."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop
from django_q.models import Schedule


@dataclass(frozen=True)
class Job:
    """A periodic job: its name for people, translated when shown, its function and its interval."""

    name: str
    function: str
    schedule_type: str
    minutes: int | None = None


MINUTES, HOURLY, DAILY = Schedule.MINUTES, Schedule.HOURLY, Schedule.DAILY
JOBS = (
    # Rule 1: every webinar with sync on is synced every 15 minutes.
    Job(gettext_noop("Sync webinars"), "sync.tasks.sync_round", MINUTES, 15),
    # Finds within a minute what a lost task left pending.
    Job(gettext_noop("Send registrations to GoToWebinar"), "sync.tasks.sweep_pushes", MINUTES, 1),
    Job(gettext_noop("Give free seats to waiting lists"), "sync.tasks.promote_waiting", MINUTES, 5),
    # Imports that a killed worker left.
    Job(gettext_noop("Continue imports"), "contact_imports.tasks.sweep", MINUTES, 1),
    # People held up at the form wait for it.
    Job(
        gettext_noop("Send confirmation links"),
        "registration_forms.tasks.send_confirmation_links",
        MINUTES,
        1,
    ),
    # Emails with a due retry, and what killed workers left.
    Job(gettext_noop("Send emails"), "mailings.tasks.sweep", MINUTES, 1),
    # At the lowest priority, and for less than a minute.
    Job(gettext_noop("Read details of registrations"), "sync.tasks.read_details", MINUTES, 1),
    # What lost tasks and killed workers left, and retries.
    Job(gettext_noop("Deliver events"), "core.tasks.deliver_due_events", MINUTES, 1),
    Job(gettext_noop("Mark internal people"), "webinars.tasks.mark_internal", MINUTES, 1),
    # Complete webhooks are checked hourly; others each time.
    Job(gettext_noop("Check webhooks"), "platforms.tasks.set_up_webhooks", MINUTES, 1),
    Job(
        gettext_noop("Report refused connections"),
        "platforms.tasks.report_refused_sign_ins",
        MINUTES,
        1,
    ),
    Job(
        gettext_noop("Report guessed passwords"),
        "accounts.tasks.report_password_guessing",
        MINUTES,
        1,
    ),
    # What lost tasks and killed workers left, attendance that is due, and lookups in HubSpot.
    Job(gettext_noop("Send webinars to HubSpot"), "destinations.tasks.sweep", MINUTES, 1),
    Job(gettext_noop("Refresh lists of webinars"), "sync.tasks.refresh_lists", HOURLY),
    Job(
        gettext_noop("Read HubSpot properties"), "destinations.tasks.read_hubspot_properties", DAILY
    ),
    Job(gettext_noop("Delete contacts by data retention"), "contacts.tasks.apply_retention", DAILY),
    Job(gettext_noop("Remove old records"), "operations.tasks.clean_up", DAILY),
)


def install() -> list[str]:
    """Create the missing schedules and return their names.

    The function and the name of a job belong to the code and are corrected; its interval belongs to
    the installation, so a changed one is kept. Duplicates, from two machines set up at the same
    moment, are merged.
    """
    made = []
    with transaction.atomic():
        for job in JOBS:
            either = Q(name=job.name) | Q(func=job.function)
            found = list(Schedule.objects.filter(either).order_by("pk"))
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
            if (kept.name, kept.func) != (job.name, job.function):
                Schedule.objects.filter(pk=kept.pk).update(name=job.name, func=job.function)
    return made
