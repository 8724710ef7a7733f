"""The rejected registrations of a webinar by what is wrong with them, and sending them again.

A registration lacks a field where the form requires one for which there is nothing to send, or
where the platform named it when it refused the registration. People who lack the same fields are
repaired together: with one answer for all of them, or with one of each person's own.
"""

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from registration_forms.fields import NEEDED, Form, label, question_field
from registration_forms.forms import RegistrationForm, prefilled
from registration_forms.registrations import SubmittedValues, resubmit
from webinars.audiences import Audience, members
from webinars.models import Registration, Webinar

# What the platform names where it did not take the answers to custom questions.
_RESPONSES = "responses"
_MOST_WORDS = 3
# So many are looked at together; the others follow when these are sent.
AT_ONCE = 2000


@dataclass(frozen=True)
class Cause:
    """Registrations that were rejected for the same reason. `names` are the fields of the form that
    each of them lacks, none where the platform did not say what is wrong."""

    names: tuple[str, ...]
    problem: str
    labels: tuple[str, ...]
    registrations: list[Registration] = field(default_factory=list)

    @cached_property
    def key(self) -> str:
        """Return what stands for this cause in a form."""
        return hashlib.sha256(json.dumps([self.problem, self.names]).encode()).hexdigest()[:16]

    @property
    def words(self) -> list[str]:
        """Return what the platform said, what it said most often first."""
        messages = Counter(
            row.platform_message for row in self.registrations if row.platform_message
        )
        return [words for words, _count in messages.most_common(_MOST_WORDS)]

    @property
    def shared_names(self) -> tuple[str, ...]:
        """Return the fields that can have one answer for all people."""
        return tuple(name for name in self.names if name not in NEEDED)


def causes(webinar: Webinar) -> list[Cause]:
    """Return why the first AT_ONCE rejected registrations of `webinar` were, what most of them have
    in common first."""
    form = Form.of(webinar)
    found: dict[tuple[Any, ...], Cause] = {}
    rows = members(webinar, Audience.REJECTED).select_related("contact").order_by("pk")
    for registration in rows[:AT_ONCE]:
        names = lacking(form, registration)
        # Where the fields are known, they say what is wrong.
        problem = "" if names else registration.problem
        cause = found.setdefault(
            (problem, names), Cause(names, problem, tuple(_label(form, name) for name in names))
        )
        cause.registrations.append(registration)
    return sorted(found.values(), key=lambda cause: -len(cause.registrations))


def lacking(form: Form, registration: Registration) -> tuple[str, ...]:
    """Return the fields of the form that a rejected registration needs, in the form's order."""
    names = set(form.missing_names(registration.submitted, registration.contact))
    names |= set(registration.rejected_fields)
    questions = {question_field(item) for item in form.questions if item.required}
    if _RESPONSES in names and not names & questions:
        names |= questions
    order = [item.name for item in form.fields] + [question_field(item) for item in form.questions]
    return tuple(name for name in order if name in names)


def _label(form: Form, name: str) -> str:
    asked = {question_field(item): item.question for item in form.questions}
    return str(asked.get(name) or label(name))


class RepairForm(RegistrationForm):
    """Some fields of a webinar's form, none of which has to be filled in."""

    def __init__(self, webinar: Webinar, names: Iterable[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(webinar, *args, **kwargs)
        # The fields of one person, each with the value that was refused.
        self.cells: list[tuple[forms.BoundField, str]] = []
        wanted = set(names)
        self.fields = {name: asked for name, asked in self.fields.items() if name in wanted}
        for asked in self.fields.values():
            asked.required = False
            asked.help_text = ""
            asked.widget.attrs["autocomplete"] = "off"

    @classmethod
    def for_all(cls, webinar: Webinar, cause: Cause, data: Any = None) -> "RepairForm":
        """Return the form whose answers apply to each person without an answer of their own."""
        return cls(webinar, cause.shared_names, data, prefix="all")

    @classmethod
    def for_person(
        cls, webinar: Webinar, cause: Cause, registration: Registration, data: Any = None
    ) -> "RepairForm":
        """Return the form of one person. Name and email are as they were sent; of the other fields
        what was refused is no answer."""
        sent = _sent(registration)
        initial = {name: sent.get(name, "") for name in NEEDED}
        form = cls(webinar, cause.names, data, prefix=str(registration.pk), initial=initial)
        refused = prefilled(webinar, sent)
        form.cells = [
            (form[name], "" if name in NEEDED else refused.get(name, "")) for name in form.fields
        ]
        for bound, _refused in form.cells:
            if isinstance(bound.field.widget, forms.Textarea):
                bound.field.widget.attrs["rows"] = 2
            bound.field.widget.attrs["aria-label"] = _("%(field)s of %(name)s") % {
                "field": bound.label,
                "name": registration.contact.full_name,
            }
        return form


def _sent(registration: Registration) -> dict[str, Any]:
    """Return what a person gave, and what is known of the contact where they gave nothing."""
    contact = registration.contact
    known = {name: getattr(contact, name) for name in NEEDED}
    return known | {name: value for name, value in registration.submitted.items() if value}


@dataclass(slots=True)
class Resent:
    """The keys of those registrations that were sent again, how many still lack an answer, and how
    many had changed since the page was opened."""

    sent: list[int] = field(default_factory=list)
    incomplete: int = 0
    changed: int = 0


def resend(
    webinar: Webinar,
    cause: Cause,
    for_all: SubmittedValues,
    own: Mapping[int, SubmittedValues],
    seen: Mapping[int, dt.datetime | None],
) -> Resent:
    """Send the registrations of `cause` again, with what people answered, else with the answer for
    all. `own` and `seen` are by registration: the answers, and which state of it the page showed.

    Registrations that still lack an answer, or that someone else has changed since, are left alone.
    """
    form = Form.of(webinar)
    done = Resent(changed=len(seen.keys() - {row.pk for row in cause.registrations}))
    for registration in cause.registrations:
        if registration.pk in seen and seen[registration.pk] != registration.registered_at:
            done.changed += 1
            continue
        answers = _joined(for_all, own.get(registration.pk, {}))
        submitted = _joined(registration.submitted, answers)
        unanswered = set(cause.names) - _answered(form, answers)
        if unanswered or form.missing(submitted, registration.contact):
            done.incomplete += 1
        elif resubmit(registration, submitted, registration.registered_at):
            done.sent.append(registration.pk)
        else:
            done.changed += 1
    return done


def moment_posted(text: str) -> dt.datetime | None:
    """Return the time of registering as a page had it in a hidden field; None for anything else."""
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def _joined(first: SubmittedValues, second: SubmittedValues) -> SubmittedValues:
    """Return both; of a field or question that both have, what the second says."""
    answers = dict(first.get("answers", [])) | dict(second.get("answers", []))
    joined = first | second
    if answers:
        joined["answers"] = [list(pair) for pair in answers.items()]
    return joined


def _answered(form: Form, answers: SubmittedValues) -> set[str]:
    given_answers = dict(answers.get("answers", []))
    questions = {
        question_field(item) for item in form.questions if given_answers.get(item.question)
    }
    return {name for name in answers if name != "answers"} | questions
