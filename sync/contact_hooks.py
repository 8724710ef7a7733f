"""How reconciliations and sync runs follow the people they are about."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from contacts.contact_hooks import ContactHooks, People, register
from sync.models import ComparisonDifference, SyncRun


@register
class SyncHooks(ContactHooks):
    def scrub(self, people: People) -> Mapping[str, int]:
        """Take out name, address and key; that somebody differed, and why, still adds up."""
        differences = _differences_of(people)
        runs = [
            pk
            for pk, *texts in SyncRun.objects.exclude(error="", goto_words="").values_list(
                "pk", "error", "goto_words"
            )
            if people.are_named_in(" ".join(texts))
        ]
        return {
            ComparisonDifference._meta.label: differences.update(
                email="", email_key="", name="", registrant_key=""
            ),
            SyncRun._meta.label: SyncRun.objects.filter(pk__in=runs).update(
                goto_words="", error=""
            ),
        }

    def rows_about(self, people: People) -> Iterable[QuerySet[Any]]:
        yield _differences_of(people)


def _differences_of(people: People) -> QuerySet[ComparisonDifference]:
    return ComparisonDifference.objects.filter(
        Q(email_key__in=people.emails)
        | Q(registrant_key__in=people.registrant_keys)
        | Q(registration__contact__in=people.ids)
    )
