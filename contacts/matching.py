"""Who is here, by address: their own, or one they had before two contacts were merged (rule 3)."""

from collections.abc import Collection

from django.db.models import F, Q

from contacts.models import AlternateEmail, Contact
from core.prefix_search import BeginsWith

# Nobody looks through more people whose further addresses begin alike.
_SHOWN = 200


def ids_by_email(keys: Collection[str]) -> dict[str, int]:
    """Return the contact's id by e-mail key, for those of `keys` who are here."""
    found = dict(Contact.objects.filter(email_key__in=keys).values_list("email_key", "pk"))
    rest = [key for key in keys if key not in found]
    if rest:
        further = AlternateEmail.objects.filter(email_key__in=rest)
        found |= dict(further.values_list("email_key", "contact_id"))
    return found


def contacts_by_email(keys: Collection[str]) -> dict[str, Contact]:
    """Return the contacts by e-mail key, for those of `keys` who are here."""
    ids = ids_by_email(keys)
    people = Contact.objects.in_bulk(set(ids.values()))
    return {key: people[pk] for key, pk in ids.items() if pk in people}


def address_begins(key: str) -> Q:
    """Return the condition on `Contact` that an address of theirs begins with `key`.

    Further addresses are looked up here and now: in one condition with the others, the database
    would read everybody.
    """
    begins = BeginsWith(F("email_key"), key)
    own = Q(begins)
    further = AlternateEmail.objects.filter(begins)
    also = list(further.values_list("contact_id", flat=True)[:_SHOWN])
    return own | Q(pk__in=also) if also else own
