"""Tags of contacts: parse them, create new ones, add and remove them."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db import transaction

from contacts.models import LONGEST_TAG, ContactTag, Tag, tag_key

# With more, the column is not one of tags. All tags are offered as a list.
MOST_OF_ONE = 50
MOST_OF_ALL = 1_000
_SEPARATOR = re.compile(r"[,;]")
_SIGNS = re.compile(r"[\x00-\x1f\x7f]")


def names_in(text: str) -> list[str]:
    """Return the names of tags in `text`, separated by commas or semicolons, without duplicates."""
    names = (" ".join(part.split()) for part in _SEPARATOR.split(text))
    found: dict[str, str] = {}
    for name in filter(None, names):
        found.setdefault(tag_key(name), name)
    return list(found.values())


def problem_of(names: Collection[str]) -> str:
    """Return what is wrong with names of tags ("long", "signs", "many"), or ""."""
    if len(names) > MOST_OF_ONE:
        return "many"
    if any(len(name) > LONGEST_TAG for name in names):
        return "long"
    return "signs" if any(_SIGNS.search(name) for name in names) else ""


def all_keys() -> set[str]:
    """Return the keys of all tags."""
    return set(Tag.objects.values_list("name_key", flat=True))


def have_room(here: Collection[str], names: Iterable[str]) -> bool:
    """Return whether tags with these names can be added beside those with the keys `here`."""
    new = {tag_key(name) for name in names} - set(here)
    return not new or len(here) + len(new) <= MOST_OF_ALL


def in_text(names: Iterable[str]) -> str:
    """Return names of tags as one text."""
    return ", ".join(sorted(names, key=tag_key))


def names_of(contact_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the names of each contact's tags in order, for contacts that have any."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = ContactTag.objects.filter(contact__in=contact_ids).order_by("tag__name_key")
    for pk, name in rows.values_list("contact_id", "tag__name"):
        found[pk].append(name)
    return dict(found)


def give(
    names: Mapping[int, Collection[str]], *, user_id: int | None, import_id: int | None = None
) -> None:
    """Add the tags with these names to contacts, by their ids; create new tags."""
    tags = _ids([name for wanted in names.values() for name in wanted], import_id)
    ContactTag.objects.bulk_create(
        [
            ContactTag(
                contact_id=pk, tag_id=tags[tag_key(name)], added_by_id=user_id, import_id=import_id
            )
            for pk, wanted in names.items()
            for name in wanted
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def write(contact_id: int, names: Collection[str], *, user_id: int | None) -> None:
    """Replace the tags of a contact by those with these names."""
    keys = {tag_key(name) for name in names}
    ContactTag.objects.filter(contact=contact_id).exclude(tag__name_key__in=keys).delete()
    give({contact_id: names}, user_id=user_id)


def remove_imported(contact_ids: Collection[int], import_id: int) -> set[int]:
    """Remove the tags that an import added, and return from which contacts. A tag that the import
    created is deleted with its last contact."""
    links = ContactTag.objects.filter(contact__in=contact_ids, import_id=import_id)
    rows = list(links.values_list("contact_id", "tag_id"))
    links.delete()
    made = Tag.objects.filter(pk__in={tag for _contact, tag in rows}, import_id=import_id)
    made.filter(links__isnull=True).delete()
    return {contact for contact, _tag in rows}


def _ids(names: Collection[str], import_id: int | None) -> dict[str, int]:
    """Return the ids of tags by their keys; create the new ones with the first spelling in
    `names`."""
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(tag_key(name), name)
    if not by_key:
        return {}
    here = _here(by_key)
    new = [
        Tag(name=name, name_key=key, import_id=import_id)
        for key, name in sorted(by_key.items())
        if key not in here
    ]
    if new:
        Tag.objects.bulk_create(new, ignore_conflicts=True)
        here = _here(by_key)
    return here


def _here(keys: Iterable[str]) -> dict[str, int]:
    return dict(Tag.objects.filter(name_key__in=list(keys)).values_list("name_key", "pk"))
