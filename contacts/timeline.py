"""Render timeline entries as text: facts in, sentences out."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max, Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from contacts.models import Activity, Contact, OptOut, Tag
from core import messages

Kind = Activity.Kind
# What a person did, and no one did with them.
DONE_BY_THEM = ~Q(kind__in=(Kind.MAILED, Kind.PROFILE_UPDATED, Kind.IMPORTED))


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: icon name, sentence, details, and tone (good, info, waiting, warning, bad, plain).
    Icons and tones are those of the statuses in `webinars.statuses`."""

    icon: str
    text: str
    details: list[str] = field(default_factory=list)
    tone: str = "plain"


def last_seen(contact_ids: Collection[int]) -> dict[int, dt.datetime]:
    """Return, by contact id, when each did something last, for those who ever did."""
    done = Activity.objects.filter(DONE_BY_THEM, contact__in=contact_ids).order_by()
    return dict(done.values_list("contact").annotate(seen=Max("happened_at")))


def describe(activity: Activity) -> Line:
    """Return `activity` as text in the current language."""
    return _WORDS[Kind(activity.kind)](activity.data)


def minutes(seconds: int) -> str:
    """Return a duration as text: 42 min, 1 h 05 min."""
    whole = round(seconds / 60)
    if whole < 60:
        return _("%(minutes)d min") % {"minutes": whole}
    return _("%(hours)d h %(minutes)02d min") % {"hours": whole // 60, "minutes": whole % 60}


def _submitted(data: dict[str, Any]) -> Line:
    details = [_("agreed to marketing")] if data.get("marketing") else []
    if form := data.get("form"):
        text = _("Filled in: %(form)s") % {"form": messages.text(form["code"], form["params"])}
        return Line("edit_note", text, details)
    return Line("edit_note", _("Filled in our registration form"), details)


def _registered(data: dict[str, Any]) -> Line:
    source = str(data.get("source") or "")
    details = []
    if source == "form":
        details = [_("with our registration form")]
    elif source:
        details = [_("source: %(source)s") % {"source": source}]
    if data.get("state") == "denied":
        return Line("person_off", _("Declined by the organizer"), details)
    if data.get("state") == "walk-in":
        return Line(
            "directions_walk", pgettext("one person", "Attended without registration"), details
        )
    return Line("how_to_reg", pgettext("one person", "Registered"), details, "info")


def _attended(data: dict[str, Any]) -> Line:
    facts = {
        "stayed": minutes(data.get("seconds", 0)),
        "whole": minutes(data.get("session_seconds", 0)),
        "share": round(data.get("share", 0) * 100),
    }
    text = _("Attended %(stayed)s of %(whole)s (%(share)d%%)") % facts
    details = []
    if data.get("estimated"):
        details = [_("estimated: GoToWebinar didn't report when they joined and left")]
    return Line("event_available", text, details, tone="good")


def answer_in_words(answer: dict[str, Any]) -> str:
    """Return an answer to a question with who gave it, if the platform says more than a number."""
    who = str(answer.get("answered_by") or "")
    facts = {"who": who, "answer": answer.get("answer", "")}
    if not who or who.isdigit():
        return _("Answer: %(answer)s") % facts
    return _("Answer by %(who)s: %(answer)s") % facts


def _question(data: dict[str, Any]) -> Line:
    answers = [answer_in_words(item) for item in data.get("answers", [])]
    text = _("Asked: “%(question)s”") % {"question": data.get("question", "")}
    return Line("help", text, answers or [_("Not answered yet")], "plain" if answers else "bad")


def _poll(data: dict[str, Any]) -> Line:
    return Line("ballot", _("Answered a poll: %(question)s") % data, [", ".join(data["answers"])])


def _survey(data: dict[str, Any]) -> Line:
    text = _("Answered the survey: %(question)s") % data
    return Line("rate_review", text, [", ".join(data["answers"])])


def _rejected(data: dict[str, Any]) -> Line:
    words = data.get("words", "")
    why = _("GoToWebinar said: %(words)s") % {"words": words} if words else None
    ours = messages.text(data.get("code", ""), data.get("params"))
    details = [item for item in (why, ours) if item]
    return Line("block", _("Rejected by GoToWebinar"), details, "bad")


def _mailed(data: dict[str, Any]) -> Line:
    return Line("mail", _("Email sent: “%(subject)s”") % {"subject": data.get("subject", "")})


def _unsubscribed(data: dict[str, Any]) -> Line:
    source = data.get("source")
    details = [str(OptOut.Source(source).label)] if source in OptOut.Source.values else []
    return Line("unsubscribe", _("Unsubscribed from emails"), details)


def _profile_updated(data: dict[str, Any]) -> Line:
    return Line("edit", _("Updated from registration"), changes_of(data))


def _imported(data: dict[str, Any]) -> Line:
    source = str(data.get("source") or "")
    origin = str(OptOut.Source(source).label) if source in OptOut.Source.values else ""
    if data.get("created") and origin:
        return Line("upload_file", _("Added by an import from %(source)s") % {"source": origin})
    if data.get("created"):
        return Line("upload_file", _("Added by an import"))
    text = _("Updated by an import")
    if origin:
        text = _("Updated by an import from %(source)s") % {"source": origin}
    if data.get("undone"):
        text = _("Updated by an import that was undone")
    return Line("upload_file", text, changes_of(data))


def changes_of(data: dict[str, Any]) -> list[str]:
    """Return each change as a line "name: old → new"."""
    return [
        with_title(name, f"{_value(name, item['old'])} → {_value(name, item['new'])}")
        for item in data.get("changes", [])
        for name in [item["property"]]
    ]


def _value(name: str, value: str) -> str:
    if name in ("marketing_consent", "opt_out"):
        value = {"yes": _("yes"), "no": _("no")}.get(value, value)
    return value or "–"


def property_label(name: str) -> str:
    """Return the label of the property `name` of a contact."""
    return str(property_name(name))


def property_title(name: str) -> str:
    """Return the label of the property `name` of a contact for the beginning of a line."""
    return str(capfirst(property_label(name)))


def with_title(name: str, value: str) -> str:
    """Return `value` after the label of the property `name`."""
    return _("%(label)s: %(value)s") % {"label": property_title(name), "value": value}


def property_name(name: str) -> Any:
    """Return the label as a lazy translation."""
    if name in FURTHER_PROPERTIES:
        return FURTHER_PROPERTIES[name]
    return getattr(Contact._meta.get_field(name), "verbose_name", name)


# What an import can change that is no column of contacts.
FURTHER_PROPERTIES: dict[str, Any] = {
    "tags": Tag._meta.verbose_name_plural,
    "marketing_consent": gettext_lazy("consent to marketing"),
    "opt_out": gettext_lazy("unsubscribed from all email"),
}


def _plain(icon: str, text: Callable[[], str], tone: str = "plain") -> Callable[[Any], Line]:
    return lambda data: Line(icon, text(), tone=tone)


_WORDS: dict[Kind, Callable[[dict[str, Any]], Line]] = {
    Kind.SUBMITTED: _submitted,
    Kind.REGISTERED: _registered,
    Kind.AWAITING: _plain("hourglass_top", lambda: _("Awaits the organizer's approval"), "waiting"),
    Kind.REJECTED: _rejected,
    Kind.OVERFLOW: _plain("group_off", lambda: _("Joined the waiting list"), "waiting"),
    Kind.PROMOTED: _plain("event_seat", lambda: _("Got a seat from the waiting list"), "info"),
    Kind.CANCELLED: _plain(
        "cancel",
        lambda: _("Cancelled on GoToWebinar (noticed at this time); stays registered here"),
    ),
    Kind.RETURNED: _plain("undo", lambda: _("Registered again"), "info"),
    Kind.ATTENDED: _attended,
    Kind.MISSED: _plain("event_busy", lambda: _("Did not attend"), "warning"),
    Kind.QUESTION: _question,
    Kind.POLL: _poll,
    Kind.SURVEY: _survey,
    Kind.MAILED: _mailed,
    Kind.UNSUBSCRIBED: _unsubscribed,
    Kind.PROFILE_UPDATED: _profile_updated,
    Kind.IMPORTED: _imported,
}
