"""Find contacts by address: their current one, or a former one (rule 3)."""

from collections.abc import Collection

from django.db.models import F, Q, QuerySet

from contacts.models import AlternateEmail, Contact
from contacts.models.contact import SEARCH_KEYS
from core.emails import email_key
from core.lookups import AnyOf
from core.prefix_search import LONGEST, BeginsWith, first_rows

# No one reads through more matches of a former address.
_SHOWN = 200


def ids_by_email(keys: Collection[str]) -> dict[str, int]:
    """Return the ids of existing contacts by email key, for `keys`."""
    found = dict(Contact.objects.filter(AnyOf("email_key", keys)).values_list("email_key", "pk"))
    rest = [key for key in keys if key not in found]
    if rest:
        further = AlternateEmail.objects.filter(AnyOf("email_key", rest))
        found |= dict(further.values_list("email_key", "contact_id"))
    return found


def contacts_by_email(keys: Collection[str]) -> dict[str, Contact]:
    """Return the existing contacts by email key, for `keys`."""
    ids = ids_by_email(keys)
    people = Contact.objects.in_bulk(set(ids.values()))
    return {key: people[pk] for key, pk in ids.items() if pk in people}


def address_begins(key: str) -> Q:
    """Return the condition on `Contact` that one of their addresses begins with `key`.

    Former addresses are looked up in a query of their own: combined into one condition, the
    database would read all contacts.
    """
    begins = BeginsWith(F("email_key"), key)
    own = Q(begins)
    further = AlternateEmail.objects.filter(begins)
    also = list(further.values_list("contact_id", flat=True)[:_SHOWN])
    return own | Q(pk__in=also) if also else own


def with_words(people: QuerySet[Contact], words: str) -> QuerySet[Contact]:
    """Return those of `people` of whom each word is a part of the name, the address or the
    organization; an address alone is looked up by its beginning."""
    wanted = words.split()
    if len(wanted) == 1 and "@" in wanted[0].lstrip("@"):
        return people.filter(address_begins(email_key(words)))
    for word in wanted:
        people = people.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email_key__icontains=word)
            | Q(organization__icontains=word)
        )
    return people


def begin_with(text: str, most: int) -> list[Contact]:
    """Return at most `most` contacts whose name, organization, or current or former address begins
    with `text`; each is looked up by an index."""
    people = Contact.objects.only("pk", "email", "first_name", "last_name", "organization")
    # "Lee, Ann" is how lists are sorted.
    found = first_rows(people, SEARCH_KEYS, text.replace(",", " "), most)
    typed = email_key(text)
    if typed and " " not in typed and len(typed) <= LONGEST:
        begins = BeginsWith(F("email_key"), typed)
        found += people.filter(begins).order_by()[:most]
        former = AlternateEmail.objects.filter(begins).order_by().select_related("contact")
        found += [address.contact for address in former[:most]]
    return list({person.pk: person for person in found}.values())[:most]
