"""The contact hooks of submissions."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet

from contacts.contact_hooks import ContactHooks, People, register
from contacts.tombstones import email_hash
from core.emails import email_key
from registration_forms.models import AddressConfirmation, Submission


@register
class RegistrationFormHooks(ContactHooks):
    def known_as(self, contact_ids: Collection[int]) -> People:
        rows = Submission.objects.filter(registration__contact__in=contact_ids)
        emails, names = set(), set()
        for submitted in rows.values_list("submitted", flat=True):
            emails.add(email_key(str(submitted.get("email", ""))))
            names |= {str(submitted.get(name, "")) for name in ("first_name", "last_name")}
        return People(emails=frozenset(emails - {""}), names=frozenset(names - {""}))

    def scrub(self, people: People) -> Mapping[str, int]:
        """Delete pending confirmation links: the person may ask again."""
        return {AddressConfirmation._meta.label: _links_to(people).delete()[0]}

    def rows_about(self, people: People) -> Iterable[QuerySet[Any]]:
        yield _links_to(people)


def _links_to(people: People) -> QuerySet[AddressConfirmation]:
    hashes = [email_hash(email) for email in people.emails]
    return AddressConfirmation.objects.filter(email_hash__in=hashes)
