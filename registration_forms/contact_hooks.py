"""How submissions follow the people they are about."""

from collections.abc import Collection

from contacts.contact_hooks import ContactHooks, People, register
from core.emails import email_key
from registration_forms.models import Submission


@register
class RegistrationFormHooks(ContactHooks):
    def known_as(self, contact_ids: Collection[int]) -> People:
        rows = Submission.objects.filter(registration__contact__in=contact_ids)
        emails, names = set(), set()
        for given in rows.values_list("given", flat=True):
            emails.add(email_key(str(given.get("email", ""))))
            names |= {str(given.get(name, "")) for name in ("first_name", "last_name")}
        return People(emails=frozenset(emails - {""}), names=frozenset(names - {""}))
