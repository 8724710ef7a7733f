"""The fields and questions of a webinar's form, from the platform."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import PROPERTIES, Contact
from core.messages import part
from platforms.records import EXTRA_NAMES, NewAnswer, RegistrationFields, RegistrationQuestion
from registration_forms import accepted_values
from registration_forms.accepted_values import Accepted
from webinars.models import Webinar
from webinars.sent_values import Change, SentValue

# Always required (rule 2).
NEEDED = ("first_name", "last_name", "email")
# The default maximum length of a registration field on the platform.
LONGEST = 128
# The longest part of a refused value that is shown.
_SHOWN = 60

LABELS = {
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "email": _("Email"),
    "organization": _("Organization"),
    "job_title": _("Job title"),
    "industry": _("Industry"),
    "phone": _("Phone"),
    "address": _("Address"),
    "zip_code": _("Zip code"),
    "city": _("City"),
    "state": _("State or region"),
    "country": _("Country"),
    "employees": _("Number of employees"),
    "purchasing_time_frame": _("When do you plan to buy?"),
    "purchasing_role": _("Your role in buying"),
    "comments": _("Questions and comments"),
}
# The same as parts of sentences (registration_forms.error_messages).
FIELD_TEXTS = {f"field.{name}": label for name, label in LABELS.items()} | {
    "field.responses": _("Answers to the organizer's questions"),
    "field.other": _("Another field"),
}


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the form, by our name. `choices` are empty for free text."""

    name: str
    required: bool = False
    longest: int = LONGEST
    choices: tuple[str, ...] = ()

    @property
    def label(self) -> Any:
        return label(self.name)


# Asked for while the platform's own list has not been read yet.
_UNREAD = tuple(
    FormField(name, required=name in NEEDED) for name in LABELS if name not in EXTRA_NAMES
)


def label(name: str) -> Any:
    """Return the label of the field `name`; an unknown name is returned as it is."""
    return LABELS.get(name, name)


def as_parts(names: Iterable[str]) -> list[dict[str, Any]]:
    """Return the fields named in a refusal, as parameters of a stored sentence.

    Unknown names are left out, because they are internal.
    """
    codes = (f"field.{name}" for name in names)
    known = [code if code in FIELD_TEXTS else "field.other" for code in codes]
    return [part(code) for code in dict.fromkeys(known)]


def stored(fields: RegistrationFields) -> dict[str, Any]:
    """Return the platform's form in the format of `Webinar.form_fields`."""
    kept: dict[str, Any] = msgspec.to_builtins(fields)
    del kept["skipped"]
    return kept


def _read(webinar: Webinar) -> RegistrationFields | None:
    if webinar.form_fields is None:
        return None
    return msgspec.convert(webinar.form_fields, RegistrationFields)


def fields_of(webinar: Webinar) -> list[FormField]:
    """Return the fields of the form: names and email first, the rest in the platform's order."""
    read = _read(webinar)
    if read is None:
        return list(_UNREAD)
    listed = {
        item.name: FormField(item.name, item.required, item.max_size or LONGEST, item.answers)
        for item in read.fields
    }
    first = [FormField(name, True, listed.pop(name, FormField(name)).longest) for name in NEEDED]
    return first + list(listed.values())


def questions_of(webinar: Webinar) -> list[RegistrationQuestion]:
    """Return the custom questions of the form."""
    read = _read(webinar)
    return list(read.questions) if read else []


def question_field(question: RegistrationQuestion) -> str:
    """Return the name of the form's field for a custom question."""
    return f"question_{question.key}"


def required_of(fields: RegistrationFields) -> list[str]:
    """Return what is required besides names and email: our field names and question texts."""
    names = [item.name for item in fields.fields if item.required]
    texts = [item.question for item in fields.questions if item.required]
    return [name for name in names if name not in NEEDED] + texts


@dataclass(frozen=True, slots=True)
class Form:
    """A webinar's form, read once for many people."""

    fields: list[FormField]
    questions: list[RegistrationQuestion]

    @classmethod
    def of(cls, webinar: Webinar) -> "Form":
        """Return the form of `webinar`."""
        return cls(fields_of(webinar), questions_of(webinar))

    def accepted(self, submitted: Mapping[str, Any], contact: Contact) -> Accepted:
        """Return the values to send: submitted ones, else those of the contact.

        All properties of a contact are sent, whether the form asks for them or not.
        """
        asked = {item.name for item in self.fields}
        further = [FormField(name) for name in PROPERTIES if name not in asked]
        fields = [*self.fields, *further]
        return accepted_values.accept(fields, _values(fields, submitted, contact))

    def missing(self, submitted: Mapping[str, Any], contact: Contact) -> list[str]:
        """Return the labels of required values that a person lacks."""
        values = _values(self.fields, submitted, contact)
        missing = self.accepted(submitted, contact).missing
        return [_not_accepted(name, values[name]) for name in missing] + [
            item.question for item in self._unanswered(submitted)
        ]

    def missing_names(self, submitted: Mapping[str, Any], contact: Contact) -> list[str]:
        """Return the same as `missing`, as names of the form's fields."""
        return self.accepted(submitted, contact).missing + [
            question_field(item) for item in self._unanswered(submitted)
        ]

    def _unanswered(self, submitted: Mapping[str, Any]) -> list[RegistrationQuestion]:
        answered = {item.question_key for item in self.answers(submitted)[0]}
        return [item for item in self.questions if item.required and item.key not in answered]

    def answers(self, submitted: Mapping[str, Any]) -> tuple[list[NewAnswer], list[SentValue]]:
        """Return the answers to send, from the texts in `submitted["answers"]`, and which are
        changed or left out.

        An answer to a question that the organizer has changed since cannot be sent; it stays here.
        """
        submitted_answers = {
            question: answer for question, answer in submitted.get("answers", []) if answer
        }
        answers: list[NewAnswer] = []
        changes = []
        for item in self.questions:
            answer = submitted_answers.get(item.question)
            if not answer:
                continue
            if item.answers:
                sent = accepted_values.closest(answer, [text for _key, text in item.answers]) or ""
                key = next((key for key, text in item.answers if text == sent), "")
                change = Change.MATCHED if sent else Change.NO_CHOICE
                if sent:
                    answers.append(NewAnswer(item.key, choice_key=key))
            else:
                sent = accepted_values.shorten(answer, item.max_size or len(answer))
                change = Change.SHORTENED
                answers.append(NewAnswer(item.key, text=sent))
            if sent != answer:
                changes.append(
                    accepted_values.note(change, item.question, answer, sent, item.max_size)
                )
        return answers, changes


def _values(
    fields: Iterable[FormField], submitted: Mapping[str, Any], contact: Contact
) -> dict[str, str]:
    known = {*NEEDED, *PROPERTIES}
    return {
        item.name: str(
            submitted.get(item.name) or (getattr(contact, item.name) if item.name in known else "")
        )
        for item in fields
    }


def _not_accepted(name: str, value: str) -> str:
    if not value.strip():
        return str(label(name))
    message = gettext("%(field)s (GoToWebinar does not accept “%(value)s”)")
    return message % {"field": label(name), "value": accepted_values.shorten(value, _SHOWN)}
