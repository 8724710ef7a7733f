"""The contact hooks of webhook events."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, Now

from contacts.contact_hooks import ContactHooks, People, register
from platforms.models import WebhookEvent


@register
class PlatformHooks(ContactHooks):
    def scrub(self, people: People) -> Mapping[str, int]:
        """Keep that an event was received, so that it is not processed again, and empty its
        content. Pending events are done."""
        rows = _events_of(people)
        return {
            WebhookEvent._meta.label: rows.update(
                email_key="", registrant_key="", body="", problem_code="",
                done_at=Coalesce("done_at", Now()),
            )
        }  # fmt: skip

    def rows_about(self, people: People) -> Iterable[QuerySet[Any]]:
        yield _events_of(people)


def _events_of(people: People) -> QuerySet[WebhookEvent]:
    return WebhookEvent.objects.filter(
        Q(email_key__in=people.emails) | Q(registrant_key__in=people.registrant_keys)
    )
