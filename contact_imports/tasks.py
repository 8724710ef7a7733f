"""Entry points of the background jobs of imports."""

from django.utils import timezone

from contact_imports import jobs
from contact_imports.models import ContactImport
from core.queue import hint, job


def queue(item: ContactImport) -> None:
    """Queue the next step of an uploaded file."""
    hint("contact_imports.tasks.import_contacts", item.pk)


def import_contacts(import_id: int) -> str:
    """Check or write one uploaded file of contacts, as a user requested."""
    return jobs.run_import(import_id)


@job
def sweep() -> int:
    """Continue imports after lost tasks and killed workers (each minute)."""
    ids = list(jobs.waiting(timezone.now()).values_list("pk", flat=True))
    for pk in ids:
        jobs.run_import(pk)
    return len(ids)
