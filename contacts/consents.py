"""Marketing consent: the one definition that lists, pages, files and segments use.

The newest yes or no of a person counts, whatever its source. Someone who has unsubscribed has not
agreed, whatever they agreed to before or a file says later: an opt-out wins (rule 11 of
docs/concepts.md).
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from contacts.models import Consent
from contacts.opt_outs import has_opted_out, opted_out

Source = Consent.Source


@dataclass(frozen=True, slots=True)
class LatestConsent:
    """A person's last yes or no and its source; `granted` is None if they were never asked."""

    granted: bool | None = None
    decided_at: dt.datetime | None = None
    source: str = ""
    text_version: str = ""

    @property
    def source_label(self) -> str:
        return str(Source(self.source).label) if self.source in Source.values else self.source


def agree(contact_id: int, *, decided_at: dt.datetime, text_version: str) -> None:
    """Save that a contact agreed in our form, and to which text."""
    Consent.objects.create(
        contact_id=contact_id,
        granted=True,
        source=Source.FORM,
        decided_at=decided_at,
        text_version=text_version,
    )


def latest_consents(contact_ids: Collection[int]) -> dict[int, LatestConsent]:
    """Return the last yes or no of each contact that gave one. Opt-outs, which win, are looked up
    separately."""
    # Of a yes and a no at the same moment the no counts: it comes last here.
    rows = Consent.objects.filter(contact__in=contact_ids).order_by("decided_at", "-granted", "pk")
    return {
        row.contact_id: LatestConsent(row.granted, row.decided_at, row.source, row.text_version)
        for row in rows
    }


def agreed_at(contact_ids: Collection[int], unwilling: Collection[int]) -> dict[int, dt.datetime]:
    """Return when each contact that has agreed did so. `unwilling` are those who opted out."""
    return {
        pk: consent.decided_at
        for pk, consent in latest_consents(contact_ids).items()
        if consent.granted and consent.decided_at is not None and pk not in unwilling
    }


def in_words(contact_ids: Collection[int]) -> dict[int, str]:
    """Return what lists show of those contacts of whom anything is known: whether they agreed, and
    that they opted out, which wins."""
    words = {
        pk: _("Yes") if latest.granted else _("No")
        for pk, latest in latest_consents(contact_ids).items()
    }
    return words | dict.fromkeys(opted_out(contact_ids), _("Unsubscribed"))


def has_agreed(contact: str = "pk") -> Q:
    """Return the condition that a person has agreed to marketing; `contact` is the field with the
    contact's key."""
    later_no = Consent.objects.filter(
        contact=OuterRef("contact"), granted=False, decided_at__gte=OuterRef("decided_at")
    )
    holding = Consent.objects.filter(~Exists(later_no), contact=OuterRef(contact), granted=True)
    return Q(Exists(holding)) & ~Q(has_opted_out(contact))


def decided_outside_forms(contact: str = "pk") -> Exists:
    """Return the condition that a person agreed outside of a webinar's form."""
    rows = Consent.objects.filter(contact=OuterRef(contact), granted=True)
    return Exists(rows.exclude(source=Source.FORM))
