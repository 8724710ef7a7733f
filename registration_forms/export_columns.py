"""Columns of exported files: what people agreed to, where they came from, and what they answered
in our form."""

from collections.abc import Iterable, Mapping, Sequence

from contacts.export_columns import ContactColumns
from contacts.export_columns import register as register_for_contacts
from contacts.resources import yes_or_no
from registration_forms.fields import questions_of
from registration_forms.models import Submission
from webinars.export_columns import Answers, RegistrationColumns, answered, register
from webinars.models import Webinar

_ORIGIN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer")


@register_for_contacts
class ConsentColumns(ContactColumns):
    """Whether a contact agreed to marketing in any posting, and when they last did."""

    headings = ("marketing_consent", "marketing_consent_at")

    def cells(self, contact_ids: Sequence[int]) -> Mapping[int, Sequence[object]]:
        rows = Submission.objects.filter(
            registration__contact__in=contact_ids, marketing_consent__isnull=False
        ).order_by("submitted_at")
        agreed = dict(rows.values_list("registration__contact", "submitted_at"))
        return {pk: [yes_or_no(pk in agreed), agreed.get(pk)] for pk in contact_ids}


@register
class SubmissionColumns(RegistrationColumns):
    """Where a registrant's first posting came from, and what they answered in any of them."""

    headings = _ORIGIN

    def cells(self, registration_ids: Sequence[int]) -> Mapping[int, Sequence[object]]:
        # The first one comes last, and stays.
        rows = Submission.objects.filter(registration__in=registration_ids).order_by("-pk")
        return {
            pk: [origin.get(name) for name in _ORIGIN]
            for pk, origin in rows.values_list("registration_id", "origin")
        }

    def questions(self, webinar: Webinar) -> Iterable[str]:
        yield from (item.question for item in questions_of(webinar))
        rows = Submission.objects.filter(registration__webinar=webinar, given__has_key="answers")
        answers = rows.order_by().values_list("given__answers", flat=True)
        yield from sorted(
            {
                question
                for pairs in answers.iterator(chunk_size=2000)
                for question in answered({"answers": pairs})
            }
        )

    def answers(self, registration_ids: Sequence[int]) -> Mapping[int, Answers]:
        """Return the answers of all postings; of two to one question the newer one's first."""
        rows = Submission.objects.filter(
            registration__in=registration_ids, given__has_key="answers"
        ).order_by("-pk")
        found: dict[int, list[tuple[str, str]]] = {}
        for pk, given in rows.values_list("registration_id", "given"):
            found.setdefault(pk, []).extend(answered(given).items())
        return found
