"""The entry points of the background jobs of imports."""

from django.utils import timezone

from contact_imports import jobs
from contact_imports.models import ContactImport
from core.queue import hint, job


def queue(item: ContactImport) -> None:
    """Have an uploaded file checked or written, as its state says."""
    hint("contact_imports.tasks.import_contacts", item.pk)


def import_contacts(import_id: int) -> str:
    """Check or write one uploaded file of contacts, as someone asked."""
    return jobs.run_import(import_id)


@job
def sweep() -> int:
    """Do what a lost task or a killed worker left of uploaded files (each minute)."""
    ids = list(jobs.waiting(timezone.now()).values_list("pk", flat=True))
    for pk in ids:
        jobs.run_import(pk)
    return len(ids)
