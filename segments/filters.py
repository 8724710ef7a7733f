"""Search for contacts by their activity: conditions, all of which must match.

Only `webinars.audiences` decides who belongs to an audience (rule 8). A segment is the query of
this filter: the same query always means the same conditions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Window,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, RowNumber
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ModelMultipleChoiceField

from contacts.consents import decided_outside_forms, has_agreed
from contacts.matching import with_words
from contacts.models import Activity, Contact, ContactTag, Tag
from core import dates
from core.bounded_filters import (
    FromDayFilter,
    SearchFilter,
    TextFilter,
    UntilDayFilter,
    WholeNumberFilter,
)
from core.numbers import whole_number
from core.people_filters import PeopleFilter
from registration_forms.models import Submission
from webinars.audiences import LABELS, Audience, condition, not_internal
from webinars.filters import MinutesFilter
from webinars.models import Registration, Session, Webinar

# The audiences (None: all) for which the index of attendances has the minutes of each contact.
_SUMMED_BY_INDEX = (None, Audience.ATTENDED, Audience.REGISTERED)
# No one registers for more.
_MOST_WEBINARS = 1_000
# No one chooses more webinars or tags than this.
_MOST_CHOSEN = 200
_YES, _NO = "yes", "no"
_YES_OR_NO = ((_YES, _("Yes")), (_NO, _("No")))


class _ByNumber(ModelMultipleChoiceField):  # type: ignore[misc]
    too_many = _("At most %(count)d tags can be chosen.")

    def clean(self, value: Any) -> Any:
        if len(value or ()) > _MOST_CHOSEN:
            raise forms.ValidationError(self.too_many, params={"count": _MOST_CHOSEN})
        # Django passes all ids to the database at once, and SQLite refuses ids of any size.
        for written in value or ():
            if whole_number(str(written)) is None:
                raise forms.ValidationError(
                    self.error_messages["invalid_pk_value"],
                    code="invalid_pk_value",
                    params={"pk": written},
                )
        return super().clean(value)


class _Dated(_ByNumber):
    too_many = _("At most %(count)d webinars can be chosen.")

    def label_from_instance(self, obj: Webinar) -> str:
        if obj.starts_at is None:
            return obj.subject
        return f"{obj.subject} · {dates.day(obj.starts_at)}"


class WebinarsField(django_filters.ModelMultipleChoiceFilter):  # type: ignore[misc]
    """Several webinars, each shown with its day."""

    field_class = _Dated

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=_synced, **kwargs)
        self.extra["widget"] = forms.SelectMultiple(attrs={"size": 5})


class TagsField(django_filters.ModelMultipleChoiceFilter):  # type: ignore[misc]
    """Several tags."""

    field_class = _ByNumber

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Tag.objects.all(), **kwargs)
        self.extra["widget"] = forms.SelectMultiple(attrs={"size": 4})


class TimesFilter(WholeNumberFilter):
    """A number of webinars, at least one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=_MOST_WEBINARS, **kwargs)


def _synced(request: Any) -> QuerySet[Webinar]:
    registered = Registration.objects.filter(webinar=OuterRef("pk"))
    shown = Webinar.objects.filter(Q(sync_enabled=True) | Exists(registered))
    return shown.only("pk", "key", "subject", "starts_at").order_by("-starts_at", "-pk")


class ContactFilter(PeopleFilter):
    """Contacts by their properties and activity."""

    name = SearchFilter(label=_("Name, email or organization"), method="by_name")
    audience = django_filters.ChoiceFilter(
        label=_("Audience"),
        choices=[(item.value, LABELS[item]) for item in Audience],
        empty_label=_("Any status"),
        method="by_webinars",
    )
    webinars = WebinarsField(label=_("Webinars"), method="by_webinars")
    missed_last_n = TimesFilter(
        label=_("No-show in their last … webinars"), method="by_missed_last_n"
    )
    attended_at_least = TimesFilter(
        label=_("Webinars attended, at least"), method="by_attended_at_least"
    )
    at_least = MinutesFilter(label=_("Minutes in total, at least"), method="by_at_least")
    at_most = MinutesFilter(label=_("Minutes in total, at most"), method="by_at_most")
    asked_question = django_filters.ChoiceFilter(
        label=_("Asked a question"),
        choices=_YES_OR_NO,
        empty_label=_("Any"),
        method="by_asked_question",
    )
    consent = django_filters.ChoiceFilter(
        label=_("Agreed to marketing"),
        choices=_YES_OR_NO,
        empty_label=_("Any"),
        method="by_consent",
    )
    tags = TagsField(label=_("With any of these tags"), method="by_tags")
    source = django_filters.MultipleChoiceFilter(
        label=_("Source"),
        choices=Contact.Source.choices,
        widget=forms.SelectMultiple(attrs={"size": 4}),
    )
    country = TextFilter(label=_("Country"), field_name="country", lookup_expr="iexact")
    since = FromDayFilter(label=_("Added after"), field_name="created_at")
    until = UntilDayFilter(label=_("Added before"), field_name="created_at")

    class Meta:
        model = Contact
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        """Apply each condition; audience and webinars refer to the same registration, and so do
        minutes, questions and consent beside them."""
        self._chosen = Chosen.of(self.form.cleaned_data)
        if self._chosen:
            queryset = queryset.filter(Exists(self._chosen.registrations(contact=OuterRef("pk"))))
        found: QuerySet[Contact] = super().filter_queryset(queryset)
        return found

    def by_webinars(self, people: QuerySet[Contact], name: str, value: Any) -> QuerySet[Contact]:
        return people  # filter_queryset does it for both

    def by_name(self, people: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        return with_words(people, value)

    def by_missed_last_n(
        self, people: QuerySet[Contact], name: str, value: Any
    ) -> QuerySet[Contact]:
        """Filter people who registered at least `value` times for past webinars and attended none
        of the last.

        All in one pass, because looking up the last ones of each contact takes ten times as long;
        restricted to `people`, unless they are everyone.
        """
        theirs = Registration.objects.filter(
            condition(Audience.NO_SHOW) | condition(Audience.ATTENDED)
        )
        if people.query.where:
            theirs = theirs.filter(contact__in=people.order_by().values("pk"))
        latest_first: dict[str, Any] = {
            "partition_by": F("contact"),
            # Of two that ended at the same moment, the attended one counts as later.
            "order_by": [
                F("webinar__last_session_ended_at").desc(nulls_last=True),
                F("sessions_attended").desc(),
                F("webinar").desc(),
            ],
        }
        missed_last_n = theirs.order_by().alias(
            place=Window(RowNumber(), **latest_first),
            attended_so_far=Window(Sum("sessions_attended"), **latest_first),
        )
        return people.filter(
            pk__in=missed_last_n.filter(place=value, attended_so_far=0).values("contact")
        )

    def by_attended_at_least(
        self, people: QuerySet[Contact], name: str, value: Any
    ) -> QuerySet[Contact]:
        """Filter people with an attendance number `value`: this way at most that many are read."""
        attended = _registrations().filter(condition(Audience.ATTENDED)).order_by()
        last = value - 1
        return people.filter(Exists(attended[last : last + 1]))

    def by_at_least(self, people: QuerySet[Contact], name: str, value: Any) -> QuerySet[Contact]:
        return self._by_minutes(people, "gte", value)

    def by_at_most(self, people: QuerySet[Contact], name: str, value: Any) -> QuerySet[Contact]:
        return self._by_minutes(people, "lte", value)

    def _by_minutes(self, people: QuerySet[Contact], lookup: str, value: Any) -> QuerySet[Contact]:
        limit = {f"in_all__{lookup}": value * 60}
        if not self._chosen.webinars and self._chosen.audience in _SUMMED_BY_INDEX:
            return people.alias(in_all=_seconds(self._chosen)).filter(**limit)
        summed = self._chosen.registrations().order_by().values("contact")
        found = summed.annotate(in_all=Sum("seconds_attended")).filter(**limit)
        return people.filter(pk__in=found.values("contact"))

    def by_asked_question(
        self, people: QuerySet[Contact], name: str, value: str
    ) -> QuerySet[Contact]:
        asked_question = Activity.objects.filter(kind=Activity.Kind.QUESTION)
        if self._chosen:
            asked_question = _asked_in(self._chosen, asked_question)
            if value == _YES:
                # Few people ask questions: start from them instead of from each contact.
                return people.filter(pk__in=asked_question.order_by().values("contact").distinct())
        asked_question = asked_question.filter(contact=OuterRef("pk"))
        return people.filter(Exists(asked_question) if value == _YES else ~Exists(asked_question))

    def by_consent(self, people: QuerySet[Contact], name: str, value: str) -> QuerySet[Contact]:
        """Filter people who agreed to marketing; with webinars chosen, in a form of one of them or
        outside of forms: consent from a file holds for all webinars."""
        agreed = has_agreed()
        if self._chosen:
            postings = Submission.objects.filter(
                marketing_consent__isnull=False, registration=OuterRef("pk")
            )
            there = self._chosen.registrations(Exists(postings), contact=OuterRef("pk"))
            agreed &= Q(Exists(there)) | Q(decided_outside_forms())
        return people.filter(agreed if value == _YES else ~agreed)

    def by_tags(self, people: QuerySet[Contact], name: str, value: Any) -> QuerySet[Contact]:
        if not value:
            return people
        links = ContactTag.objects.filter(tag__in=[tag.pk for tag in value])
        return people.filter(pk__in=links.values("contact"))


@dataclass(frozen=True, slots=True)
class Chosen:
    """Return the registrations that the other conditions refer to: those of an audience (any), for
    webinars (any). Empty if neither was chosen."""

    audience: Audience | None = None
    webinars: tuple[Webinar, ...] = ()

    @classmethod
    def of(cls, cleaned: Mapping[str, Any]) -> "Chosen":
        name = cleaned.get("audience")
        return cls(Audience(name) if name else None, tuple(cleaned.get("webinars") or ()))

    def __bool__(self) -> bool:
        return self.audience is not None or bool(self.webinars)

    def registrations(self, *conditions: Any, **fields: Any) -> QuerySet[Registration]:
        wanted = condition(self.audience) if self.audience else not_internal()
        found = Registration.objects.filter(wanted, *conditions, **fields)
        if self.webinars:
            found = found.filter(webinar__in=[webinar.pk for webinar in self.webinars])
        return found


def _registrations() -> QuerySet[Registration]:
    return Registration.objects.filter(contact=OuterRef("pk"))


def _seconds(chosen: Chosen) -> Coalesce:
    # Without attendance there are no seconds; leaving those out, the index has everything needed.
    attended = chosen.registrations(condition(Audience.ATTENDED), contact=OuterRef("pk"))
    summed = attended.order_by().values("contact").annotate(n=Sum("seconds_attended"))
    return Coalesce(Subquery(summed.values("n"), output_field=IntegerField()), 0)


def _asked_in(chosen: Chosen, questions: QuerySet[Activity]) -> QuerySet[Activity]:
    """Return those of `questions` that were asked in the webinar of a chosen registration."""
    if chosen.webinars:
        questions = questions.filter(webinar_key__in=[webinar.key for webinar in chosen.webinars])
    # Two connections can have webinars with the same key: then the session decides.
    keys = Webinar.objects.order_by().values("key")
    shared = keys.annotate(webinars=Count("pk")).filter(webinars__gt=1).values("key")
    session = Session.objects.filter(webinar=OuterRef("webinar"), key=OuterRef(OuterRef("session")))
    theirs = chosen.registrations(
        ~Q(webinar__key__in=shared) | Exists(session),
        contact=OuterRef("contact"),
        webinar__key=OuterRef("webinar_key"),
    )
    return questions.alias(session=KeyTextTransform("session", "data")).filter(Exists(theirs))
