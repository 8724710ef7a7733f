"""The text of a note, as HTML with everything escaped.

It ends with a marker that HubSpot keeps, by which a note is recognized if the connection was lost
while it was written.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.models import Activity
from contacts.timeline import answer_in_words, minutes
from destinations.hubspot.notes_client import LONGEST_BODY

Kind = Activity.Kind
# A longer question or answer is shortened.
_LONGEST_TEXT = 5_000
# Reserved for the end of a note whose questions do not all fit.
_RESERVE = 1_000


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """What a person did on one date. `stays` are (joined, left), oldest first; empty if the
    platform reported the duration only. `lines` are (kind, data) of the timeline."""

    subject: str
    starts_at: dt.datetime
    zone: dt.tzinfo
    zone_name: str
    marker: str
    seconds: int = 0
    stays: tuple[tuple[dt.datetime, dt.datetime], ...] = ()
    lines: tuple[tuple[str, dict[str, Any]], ...] = field(default=(), repr=False)


def marker_of(external_event_id: str) -> str:
    """Return the marker of the note about one date of a webinar."""
    return f"[WebinarSync {external_event_id}]"


def is_marked(body: str, marker: str) -> bool:
    """Return whether a note has `marker`, however HubSpot encodes its characters."""
    return marker in body or marker in unescape(body)


def note_body(facts: NoteFacts) -> str:
    """Return a note in the current language; what does not fit is counted."""
    date = f"{facts.starts_at.astimezone(facts.zone):%Y-%m-%d}"
    parts = [f"<p><strong>{escape(_cut(facts.subject))}</strong> · {date}</p>"]
    if facts.seconds:
        parts.append(f"<p>{escape(_attended(facts))}</p>")
    end = f"<p>{escape(facts.marker)}</p>"
    room = LONGEST_BODY - _RESERVE - len(end) - sum(map(len, parts))
    hidden = 0
    for title, items in _sections(facts.lines):
        shown = []
        for item in items:
            # A tag list is opened and closed once a section.
            if room - len(item) < 0:
                hidden += 1
            else:
                shown.append(item)
                room -= len(item)
        if shown:
            parts.append(f"<p><strong>{escape(title)}</strong></p><ul>{''.join(shown)}</ul>")
    if hidden:
        more = ngettext(
            "%(count)d more entry is in WebinarSync.",
            "%(count)d more entries are in WebinarSync.",
            hidden,
        )
        parts.append(f"<p>{escape(more % {'count': hidden})}</p>")
    return "".join([*parts, end])


def _attended(facts: NoteFacts) -> str:
    stayed = minutes(facts.seconds)
    if not facts.stays:
        return _("Attended for %(stayed)s") % {"stayed": stayed}
    times = ", ".join(_stay(joined, left, facts.zone) for joined, left in facts.stays)
    return _("Attended %(times)s (%(zone)s), %(stayed)s in total") % {
        "times": times,
        "zone": facts.zone_name,
        "stayed": stayed,
    }


def _stay(joined: dt.datetime, left: dt.datetime, zone: dt.tzinfo) -> str:
    return f"{joined.astimezone(zone):%H:%M}–{left.astimezone(zone):%H:%M}"


def _sections(lines: Iterable[tuple[str, dict[str, Any]]]) -> list[tuple[str, list[str]]]:
    """Return the titles and items of questions, polls and the survey."""
    found: dict[str, list[str]] = {Kind.QUESTION: [], Kind.POLL: [], Kind.SURVEY: []}
    for kind, data in lines:
        if kind in found:
            found[kind].append(_item(kind, data))
    titles = {Kind.QUESTION: _("Questions"), Kind.POLL: _("Polls"), Kind.SURVEY: _("Survey")}
    return [(titles[Kind(kind)], items) for kind, items in found.items() if items]


def _item(kind: str, data: dict[str, Any]) -> str:
    question = escape(_cut(str(data.get("question", ""))))
    answers: Sequence[Any] = data.get("answers") or ()
    if kind == Kind.QUESTION:
        answers_text = [answer_in_words(each) for each in answers] or [_("Not answered yet")]
        return f"<li>{'<br>'.join([question, *(escape(_cut(text)) for text in answers_text)])}</li>"
    text = ", ".join(str(each) for each in answers)
    return f"<li>{question}<br>{escape(_cut(text))}</li>"


def _cut(text: str) -> str:
    """Return `text` without control characters, shortened to the limit."""
    plain = "".join(each for each in text if each.isprintable() or each in "\n\t")
    return plain if len(plain) <= _LONGEST_TEXT else f"{plain[:_LONGEST_TEXT]}…"
