"""The contact hooks of this app itself and of the audit log."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Exists, ManyToOneRel, Model, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from contacts.contact_hooks import ContactHooks, Join, People, register
from contacts.matching import with_words
from contacts.merge_journal import Journal
from contacts.models import (
    Activity,
    AlternateEmail,
    Contact,
    Merge,
    OptOut,
    SavedView,
    Tag,
    Tombstone,
)
from contacts.timeline import DONE_BY_THEM
from contacts.tombstones import email_hash
from core import audit, outbox
from core.models import OutboxEvent

# Replaces a search for an erased person; no contact matches it.
_ERASED = "(erased)"
# Parameters of a saved view that hold what was typed to search for people.
_SEARCHES = ("q", "name")


def join_activities(journal: Journal, row: Activity, twin: Activity) -> None:
    """Keep both entries if they differ; how long both attended is one entry."""
    if row.kind != Activity.Kind.ATTENDED and row.data != twin.data:
        # An undo restores the contact before the key: a contact has one key only once.
        journal.change(row, key=f"{row.key[:100]}~{row.pk}", contact_id=twin.contact_id)
    else:
        journal.absorb(row, twin)


@register
class OwnHooks(ContactHooks):
    joins: Mapping[type[Model], Join] = {Activity: join_activities}

    def known_as(self, contact_ids: Collection[int]) -> People:
        emails, names = set(), set()
        for contact in Contact.objects.filter(pk__in=contact_ids):
            emails.add(contact.email_key)
            names |= {contact.first_name, contact.last_name, contact.full_name}
        further = AlternateEmail.objects.filter(contact__in=contact_ids)
        emails |= set(further.values_list("email_key", flat=True))
        return People(emails=frozenset(emails), names=frozenset(names - {""}))

    def scrub(self, people: People) -> Mapping[str, int]:
        merges = Merge.objects.filter(gone_id__in=people.ids)
        hashes = [email_hash(key) for key in people.emails]
        opt_outs = OptOut.objects.filter(Q(contact__in=people.ids) | Q(email_hash__in=hashes))
        return {
            audit.LABEL: audit.leave_out(_log_of(people.ids)),
            OptOut._meta.label: opt_outs.exclude(contact=None, email="").update(
                contact=None, email=""
            ),
            Merge._meta.label: merges.update(name=_("a deleted contact"), journal={}),
            Tag._meta.label: _scrub_tags(people),
            SavedView._meta.label: _scrub_views(people),
            OutboxEvent._meta.label: outbox.scrub(people.ids),
        }

    def rows_about(self, people: People) -> Iterable[QuerySet[Any]]:
        yield _log_of(people.ids)
        hashes = [email_hash(key) for key in people.emails]
        yield Tombstone.objects.filter(email_hash__in=hashes)
        yield OptOut.objects.filter(email_hash__in=hashes)

    def heard_since(self, moment: dt.datetime) -> Iterable[Exists | Q]:
        lines = Activity.objects.filter(contact=OuterRef("pk"), happened_at__gte=moment)
        return [Exists(lines.filter(DONE_BY_THEM))]


def _scrub_tags(people: People) -> int:
    """Number the tags that are named like one of `people`; other contacts may have them too."""
    named = [tag for tag in Tag.objects.all() if people.are_named_in(tag.name)]
    for tag in named:
        tag.name = f"{Tag._meta.verbose_name} {tag.pk}"
        tag.save(update_fields=["name"])
    audit.hide_names(named)
    return len(named)


def _scrub_views(people: People) -> int:
    """Replace searches that name `people` and match no one else; give views that are named after
    one of them a number as name."""
    others = Contact.objects.exclude(pk__in=people.ids)
    scrubbed = 0
    for view in SavedView.objects.all():
        before, query = (view.query, view.name), QueryDict(view.query, mutable=True)
        for name in _SEARCHES:
            searched = query.get(name, "")
            if people.are_searched_by(searched) and not with_words(others, searched).exists():
                query[name] = _ERASED
                view.query = query.urlencode()
        if people.are_named_in(view.name):
            view.name = f"{SavedView._meta.verbose_name} {view.pk}"
        if (view.query, view.name) != before:
            view.save(update_fields=["query", "name"])
            audit.hide_names([view])
            scrubbed += 1
    return scrubbed


def _log_of(contact_ids: Collection[int]) -> QuerySet[Any]:
    """Return the audit-log entries about contacts and their data."""
    logged = audit.logged_models()
    keys: dict[type[Model], set[Any]] = {}
    for model, lookup in _lookups(Contact):
        if model in logged:
            rows = model._base_manager.filter(**{f"{lookup}__in": contact_ids})
            keys.setdefault(model, set()).update(rows.values_list("pk", flat=True))
    return audit.entries_about(keys)


def _lookups(of: type[Model], path: str = "pk", seen: tuple[Any, ...] = ()) -> Iterator[Any]:
    """Yield each model whose rows belong to `of`, with the lookup that leads there."""
    yield of, path
    for relation in of._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel) and relation.related_model not in (*seen, of):
            name = relation.field.name
            further = name if path == "pk" else f"{name}__{path}"
            yield from _lookups(relation.related_model, further, (*seen, of))
