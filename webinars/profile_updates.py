"""Apply or dismiss submitted values that differ from contacts, by a user's decision only (rule 3).

A decision includes the values that were shown: if either has changed since, nothing is written and
the user is informed. So submitting a decision twice changes nothing the second time.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import override

from contacts import events
from contacts.activities import record_activities
from contacts.models import Activity, Contact
from core.audit import log_field_changes
from webinars.models import Registration
from webinars.profile_differences import Difference, differences, label, plain

# How many registrations are written in one transaction, so that others get their turn.
_BATCH = 200
_TOKEN = re.compile(r"([0-9]{1,18}):[a-z_]+:[0-9a-f]+")


@dataclass(slots=True)
class Decided:
    """How many values were decided on, and the labels of those that had changed since."""

    count: int = 0
    changed: list[str] = field(default_factory=list)


def apply(tokens: Sequence[str], user_id: int) -> Decided:
    """Write the differences named by `tokens` into the contacts, and log who did it."""
    decided = Decided()
    for wanted in _batches(tokens):
        with transaction.atomic():
            _apply_batch(wanted, user_id, decided)
    return decided


def dismiss(tokens: Sequence[str]) -> Decided:
    """Dismiss the differences named by `tokens`: contacts stay as they are."""
    decided = Decided()
    for wanted in _batches(tokens):
        with transaction.atomic():
            _dismiss_batch(wanted, decided)
    return decided


def _batches(tokens: Sequence[str]) -> Iterator[dict[int, set[str]]]:
    """Yield tokens by the registration they name, without invalid ones."""
    wanted: dict[int, set[str]] = defaultdict(set)
    for token in tokens:
        found = _TOKEN.fullmatch(token)
        if found:
            wanted[int(found[1])].add(token)
    ids = sorted(wanted)
    for start in range(0, len(ids), _BATCH):
        yield {pk: wanted[pk] for pk in ids[start : start + _BATCH]}


def _locked(registrations: QuerySet[Registration]) -> Iterator[Registration]:
    """Yield registrations for writing, the newest first; those of one contact share its object."""
    contacts: dict[int, Contact] = {}
    rows = registrations.select_related("contact", "webinar").order_by("-registered_at", "-pk")
    for registration in rows.select_for_update(of=("self", "contact")):
        contact = registration.contact
        registration.contact = contacts.setdefault(contact.pk, contact)
        yield registration


def _seen(registration: Registration, tokens: set[str], decided: Decided) -> Iterator[Difference]:
    """Yield the differences of `tokens` whose values are still those that were shown."""
    now = {item.token: item for item in differences(registration)}
    for token in sorted(tokens):
        if token in now:
            yield now[token]
            continue
        name = token.split(":")[1]
        if name in {item.name for item in now.values()}:
            decided.changed.append(f"{registration.contact} ({label(name)})")


def _registrations_of(wanted: Iterable[int]) -> list[Registration]:
    """Return all registrations of the people of these registrations, for writing."""
    people = Registration.objects.filter(pk__in=wanted).values("contact")
    return list(_locked(Registration.objects.filter(contact__in=people)))


def _apply_batch(wanted: dict[int, set[str]], user_id: int, decided: Decided) -> None:
    every = _registrations_of(wanted)
    taken: dict[int, list[Difference]] = {}
    for registration in every:
        found = list(_seen(registration, wanted.get(registration.pk, set()), decided))
        for item in found:
            setattr(registration.contact, item.name, item.submitted)
        if found:
            taken[registration.pk] = found
            decided.count += len(found)
    if not taken:
        return
    sources = [registration for registration in every if registration.pk in taken]
    names: dict[Contact, list[str]] = defaultdict(list)
    for registration in sources:
        registration.contact.updated_at = timezone.now()
        names[registration.contact] += [item.name for item in taken[registration.pk]]
    fields = {name for changed in names.values() for name in changed}
    Contact.objects.bulk_update(names, [*sorted(fields), "updated_at"])
    record_activities(_line(source, taken[source.pk]) for source in sources)
    events.contacts_changed((contact.pk, changed) for contact, changed in names.items())
    # Stored as the admin stores them, which are translated when shown.
    with override(None):
        log_field_changes(
            user_id, [(contact, list(map(label, changed))) for contact, changed in names.items()]
        )
    _settle_older(every, taken)


def _settle_older(every: list[Registration], taken: dict[int, list[Difference]]) -> None:
    """Keep contacts from being changed back: what they gave before is no difference any more.

    `every` has the newest first, so that whatever comes after a value was taken is older.
    """
    settled: dict[int, set[str]] = defaultdict(set)
    changed = []
    for registration in every:
        names = settled[registration.contact_id]
        older = {name: plain(registration.submitted.get(name)) for name in names}
        if any(older.values()):
            registration.dismissed = registration.dismissed | {k: v for k, v in older.items() if v}
            changed.append(registration)
        names |= {item.name for item in taken.get(registration.pk, [])}
    Registration.objects.bulk_update(changed, ["dismissed"])


def _line(registration: Registration, taken: list[Difference]) -> Activity:
    now = timezone.now()
    return Activity(
        contact_id=registration.contact_id,
        key=f"taken_over:{registration.pk}:{now.isoformat()}",
        kind=Activity.Kind.PROFILE_UPDATED,
        happened_at=now,
        webinar_key=registration.webinar.key,
        webinar_subject=registration.webinar.subject,
        data={
            "changes": [
                {"property": item.name, "old": item.here, "new": item.submitted} for item in taken
            ]
        },
    )


def _dismiss_batch(wanted: dict[int, set[str]], decided: Decided) -> None:
    # Equal submitted values are decided together.
    every = _registrations_of(wanted)
    decisions = {
        (item.contact_id, item.name, item.submitted)
        for registration in every
        for item in _seen(registration, wanted.get(registration.pk, set()), decided)
    }
    decided.count += len(decisions)
    changed = []
    for registration in every:
        dismissed = {
            name: submitted
            for contact_id, name, submitted in decisions
            if contact_id == registration.contact_id
            and plain(registration.submitted.get(name)) == submitted
        }
        if dismissed:
            registration.dismissed = registration.dismissed | dismissed
            changed.append(registration)
    Registration.objects.bulk_update(changed, ["dismissed"])
