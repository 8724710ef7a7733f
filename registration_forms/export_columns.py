"""Columns of exported files from form submissions: source and answers."""

from collections.abc import Iterable, Mapping, Sequence

from registration_forms.fields import questions_of
from registration_forms.models import Submission
from webinars.export_columns import Answers, RegistrationColumns, answered, register
from webinars.models import Webinar

_ORIGIN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer")


@register
class SubmissionColumns(RegistrationColumns):
    """The source of a registrant's first submission, and their answers in all of them."""

    headings = _ORIGIN

    def cells(self, registration_ids: Sequence[int]) -> Mapping[int, Sequence[object]]:
        # In this order the first submission wins.
        rows = Submission.objects.filter(registration__in=registration_ids).order_by("-pk")
        return {
            pk: [origin.get(name) for name in _ORIGIN]
            for pk, origin in rows.values_list("registration_id", "origin")
        }

    def questions(self, webinar: Webinar) -> Iterable[str]:
        yield from (item.question for item in questions_of(webinar))
        rows = Submission.objects.filter(
            registration__webinar=webinar, submitted__has_key="answers"
        )
        answers = rows.order_by().values_list("submitted__answers", flat=True)
        yield from sorted(
            {
                question
                for pairs in answers.iterator(chunk_size=2000)
                for question in answered({"answers": pairs})
            }
        )

    def answers(self, registration_ids: Sequence[int]) -> Mapping[int, Answers]:
        """Return the answers of all submissions; to the same question, the newer one's."""
        rows = Submission.objects.filter(
            registration__in=registration_ids, submitted__has_key="answers"
        ).order_by("-pk")
        found: dict[int, list[tuple[str, str]]] = {}
        for pk, submitted in rows.values_list("registration_id", "submitted"):
            found.setdefault(pk, []).extend(answered(submitted).items())
        return found
