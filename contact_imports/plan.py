"""What an import makes of the lines of a file: who is new, who changes from what to what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contact_imports.further_values import NOTHING, Known, Planned
from contact_imports.mapping import NAMES, Line, missing
from contact_imports.models import ContactImport, ImportLine
from contact_imports.reasons import Reason
from contacts import tags
from contacts.matching import ids_by_email
from contacts.models import Contact, tag_key
from contacts.tombstones import tombstones_of
from registration_forms.fields import Form
from webinars.models import Registration, Webinar
from webinars.sent_values import SentValue

Outcome = ImportLine.Outcome
# What a line can change of someone who is here: an address says who a person is.
CHANGEABLE = tuple(name for name in NAMES if name != "email")
# Of a line whose yes was not taken.
CONSENT_REFUSED = "consent_refused"
_WITH_CONTACT = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)


@dataclass(slots=True)
class PlannedLine:
    """A line with its outcome, and the contact as the line leaves it."""

    number: int
    outcome: Outcome
    contact: Contact | None = None
    changes: list[dict[str, str]] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    sent_differently: list[SentValue] = field(default_factory=list)
    reason: Reason | None = None
    further: Planned = field(default_factory=Planned)

    def row(self, item: ContactImport) -> ImportLine:
        return ImportLine(
            contact_import=item,
            number=self.number,
            outcome=self.outcome,
            contact_id=self.contact.pk if self.contact else None,
            changes=self.changes,
            lacking=self.lacking,
            sent_differently=self.sent_differently,
            code=self.reason.code if self.reason else "",
            parameters=dict(self.reason.parameters) if self.reason else {},
        )


class Planner:
    """Plans the lines of one file, portion by portion.

    Of two lines about one person the first that can be used counts.
    """

    def __init__(self, webinar: Webinar | None, met: Mapping[str, int] | None = None) -> None:
        """`met` are the lines already used, by email key."""
        self._webinar = webinar
        self._met = dict(met or {})
        self._form = Form.of(webinar) if webinar else None
        # Those that are here, and those that the lines before make.
        self._tag_keys = tags.all_keys()

    def plan(self, lines: Sequence[Line]) -> list[PlannedLine]:
        """Return what becomes of `lines`. Within a transaction the contacts are locked."""
        keys = {line.person for line in lines if line.person}
        ids = ids_by_email(keys)
        rows = Contact.objects.select_for_update().order_by("pk").in_bulk(set(ids.values()))
        here = {key: rows[pk] for key, pk in ids.items() if pk in rows}
        erased = {
            key for key, stone in tombstones_of(keys - here.keys()).items() if stone.permanent
        }
        further = {line.person for line in lines if line.further != NOTHING}
        known = Known({here[key].pk for key in further & here.keys()}, further - here.keys())
        planned = [self._plan(line, here.get(line.person), erased, known) for line in lines]
        if self._webinar is not None and self._form is not None:
            self._note_sent(self._webinar, self._form, planned)
        return planned

    def _plan(
        self, line: Line, contact: Contact | None, erased: set[str], known: Known
    ) -> PlannedLine:
        if line.problem is not None:
            return PlannedLine(line.number, Outcome.WRONG, reason=line.problem)
        key = contact.email_key if contact else line.person
        if key in self._met:
            twice = Reason("same_person", {"line": self._met[key]})
            return PlannedLine(line.number, Outcome.SKIPPED, reason=twice)
        if key in erased:
            return PlannedLine(line.number, Outcome.SKIPPED, reason=Reason("erased"))
        lacking = missing(line.values) if contact is None else None
        if lacking is not None:
            # A line below can be complete: this one does not be in its way.
            return PlannedLine(line.number, Outcome.WRONG, reason=lacking)
        if not tags.have_room(self._tag_keys, line.further.tags):
            full = Reason("too_many_tags", {"most": tags.MOST_OF_ALL})
            return PlannedLine(line.number, Outcome.WRONG, reason=full)
        self._tag_keys |= {tag_key(name) for name in line.further.tags}
        self._met[key] = line.number
        further = known.plan(line.further, contact.pk if contact else None, key)
        planned = _new(line, further) if contact is None else _changed(line, contact, further)
        if further.refused:
            planned.reason = Reason(CONSENT_REFUSED)
        return planned

    def _note_sent(self, webinar: Webinar, form: Form, planned: Sequence[PlannedLine]) -> None:
        """Note of those who would be registered what they lack, and what is sent differently."""
        ids = [item.contact.pk for item in planned if item.contact and item.contact.pk]
        known = set(
            Registration.objects.filter(webinar=webinar, contact__in=ids).values_list(
                "contact_id", flat=True
            )
        )
        for item in planned:
            if item.outcome in _WITH_CONTACT and item.contact and item.contact.pk not in known:
                accepted = form.accepted({}, item.contact)
                # No one answers a question by a file.
                item.lacking = accepted.missing + [
                    asked.question for asked in form.questions if asked.required
                ]
                if not item.lacking:
                    item.sent_differently = accepted.changes


def _new(line: Line, further: Planned) -> PlannedLine:
    contact = Contact(email_key=line.person, source=Contact.Source.IMPORT, **line.values)
    changes = [{"property": name, "old": "", "new": value} for name, value in line.values.items()]
    changes += further.changes
    return PlannedLine(line.number, Outcome.NEW, contact, changes, further=further)


def _changed(line: Line, contact: Contact, further: Planned) -> PlannedLine:
    changes = []
    for name in CHANGEABLE:
        old, new = getattr(contact, name), line.values.get(name, "")
        if new and new != old:
            changes.append({"property": name, "old": old, "new": new})
            setattr(contact, name, new)
    changes += further.changes
    outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
    return PlannedLine(line.number, outcome, contact, changes, further=further)
