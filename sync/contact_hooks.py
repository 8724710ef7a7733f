"""The contact hooks of reconciliations and sync runs."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from contacts.contact_hooks import ContactHooks, People, register
from sync.models import DryRun, Reconciliation, ReconciliationDifference, SyncRun


@register
class SyncHooks(ContactHooks):
    def scrub(self, people: People) -> Mapping[str, int]:
        """Remove name, address and key; that someone differed, and why, still counts."""
        differences = _differences_of(people)
        scrubbed = {
            ReconciliationDifference._meta.label: differences.update(
                email="", email_key="", name="", registrant_key=""
            )
        }
        # Our own sentences are codes and numbers: only the platform's message can name someone.
        for model in (SyncRun, Reconciliation, DryRun):
            rows = model._base_manager.exclude(platform_message="")
            named = [
                pk
                for pk, words in rows.values_list("pk", "platform_message")
                if people.are_named_in(words)
            ]
            scrubbed[model._meta.label] = rows.filter(pk__in=named).update(platform_message="")
        return scrubbed

    def rows_about(self, people: People) -> Iterable[QuerySet[Any]]:
        yield _differences_of(people)


def _differences_of(people: People) -> QuerySet[ReconciliationDifference]:
    return ReconciliationDifference.objects.filter(
        Q(email_key__in=people.emails)
        | Q(registrant_key__in=people.registrant_keys)
        | Q(registration__contact__in=people.ids)
    )
