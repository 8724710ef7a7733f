"""Values of a file beyond contact properties: tags, consent to marketing, and opt-outs from all
email.

Tags are added to those of a contact. A yes never replaces a no or an opt-out: a file does not say
when consent was given, and only the person can give it again. A no replaces a yes. An opt-out is
kept when the import is undone (rule 11).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from contacts import consents, tags
from contacts.models import Consent, OptOut, tag_key
from contacts.opt_outs import opt_out_many, opted_out, opted_out_addresses

TAGS, CONSENT, OPT_OUT = "tags", "marketing_consent", "opt_out"
FURTHER = (TAGS, CONSENT, OPT_OUT)

# As written in English, French, German, Polish and Spanish.
_YES = frozenset(
    ("yes", "y", "true", "1", "x", "✓", "✔", "on", "opt-in", "opted in", "agreed", "oui", "o",
     "vrai", "ja", "j", "wahr", "tak", "prawda", "si", "sí", "verdadero")
)  # fmt: skip
_NO = frozenset(
    ("no", "n", "false", "0", "off", "opt-out", "opted out", "non", "faux", "nein", "falsch",
     "nie", "fałsz", "falso", "unsubscribed")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Further:
    """The further values of a line: names of tags, consent to marketing (None if the cell is
    empty), and whether the person opted out of all email."""

    tags: tuple[str, ...] = ()
    consent: bool | None = None
    opt_out: bool = False


NOTHING = Further()


def read(values: dict[str, str]) -> tuple[Further, list[list[str]]]:
    """Remove the values in FURTHER from `values`, and return them with what is wrong, as pairs of a
    name and a kind (contact_imports.reasons)."""
    names = tags.names_in(values.pop(TAGS, ""))
    wrong = [[TAGS, problem]] if (problem := tags.problem_of(names)) else []
    word = values.pop(CONSENT, "")
    consent = _yes_or_no(word)
    if word and consent is None:
        wrong.append([CONSENT, "word"])
    word = values.pop(OPT_OUT, "")
    opt_out = _yes_or_no(word)
    if word and opt_out is None:
        wrong.append([OPT_OUT, "word"])
    return Further(tuple(names), consent, bool(opt_out)), wrong


def _yes_or_no(word: str) -> bool | None:
    folded = word.strip().casefold()
    if folded in _YES:
        return True
    return False if folded in _NO else None


@dataclass(slots=True)
class Planned:
    """What an import changes of a contact beyond its properties; `refused` means that a yes was not
    imported, `opt_out` is the address that opts out."""

    tags: list[str] = field(default_factory=list)
    consent: bool | None = None
    opt_out: str = ""
    changes: list[dict[str, str]] = field(default_factory=list)
    refused: bool = False


class Known:
    """The tags, consents and opt-outs of some people, read in bulk."""

    def __init__(self, contact_ids: Collection[int], new_keys: Collection[str]) -> None:
        self._tags = tags.names_of(contact_ids)
        self._yes_or_no = consents.latest_consents(contact_ids)
        self._opted_out = opted_out(contact_ids)
        # Opt-outs of deleted people who return with the file.
        self._opted_out_keys = opted_out_addresses(new_keys)

    def plan(self, further: Further, contact_id: int | None, key: str) -> Planned:
        """Return what `further` changes for a contact, or for a new person with the address
        `key`."""
        planned = Planned()
        here = self._tags.get(contact_id or 0, [])
        keys = {tag_key(name) for name in here}
        planned.tags = [name for name in further.tags if tag_key(name) not in keys]
        if planned.tags:
            new = tags.in_text([*here, *planned.tags])
            planned.changes.append({"property": TAGS, "old": tags.in_text(here), "new": new})
        unwilling = key in self._opted_out_keys or contact_id in self._opted_out
        if further.opt_out and not unwilling:
            planned.opt_out = key
            planned.changes.append({"property": OPT_OUT, "old": "", "new": _word(True)})
        before = self._yes_or_no[contact_id].granted if contact_id in self._yes_or_no else None
        if further.consent is None:
            return planned
        if further.consent and (unwilling or further.opt_out or before is False):
            planned.refused = True
        elif further.consent != before:
            planned.consent = further.consent
            old = "" if before is None else _word(before)
            planned.changes.append({"property": CONSENT, "old": old, "new": _word(further.consent)})
        return planned


def _word(granted: bool) -> str:
    return "yes" if granted else "no"


def write(
    planned: Iterable[tuple[int, Planned]],
    *,
    user_id: int | None,
    import_id: int,
    opt_out_source: OptOut.Source,
) -> None:
    """Write what is planned for contacts, by their ids."""
    rows = list(planned)
    tags.give({pk: item.tags for pk, item in rows}, user_id=user_id, import_id=import_id)
    Consent.objects.bulk_create(
        Consent(
            contact_id=pk,
            granted=item.consent,
            decided_at=timezone.now(),
            source=Consent.Source.IMPORT,
            noted_by_id=user_id,
            import_id=import_id,
        )
        for pk, item in rows
        if item.consent is not None
    )
    opt_out_many([item.opt_out for _pk, item in rows if item.opt_out], opt_out_source)


def remove_imported(contact_ids: Collection[int], import_id: int) -> dict[int, list[str]]:
    """Undo what an import wrote, and return the names of it, of FURTHER, by contact."""
    found = {pk: [TAGS] for pk in tags.remove_imported(contact_ids, import_id)}
    rows = Consent.objects.filter(contact__in=contact_ids, import_id=import_id)
    for pk in set(rows.values_list("contact_id", flat=True)):
        found.setdefault(pk, []).append(CONSENT)
    rows.delete()
    return found
