"""Questions of attendees, and answers to polls and surveys."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from contacts.models import Activity
from webinars.models import Registration, Webinar

Kind = Activity.Kind


@dataclass(slots=True)
class Poll:
    """A question of the organizer with the number of people by answer, most frequent first.

    `responses` is the platform's number of answers, including anonymous ones.
    """

    question: str
    kind: str
    people: int = 0
    responses: int = 0
    answers: Counter[str] = field(default_factory=Counter)

    @property
    def anonymous(self) -> int:
        return max(0, self.responses - self.people)

    @property
    def counted(self) -> list[tuple[str, int]]:
        return self.answers.most_common()


def questions(webinar: Webinar) -> QuerySet[Activity]:
    """Return the questions asked in `webinar`, oldest first."""
    asked = Activity.objects.filter(webinar_key=webinar.key, kind=Kind.QUESTION)
    return asked.select_related("contact").order_by("happened_at", "pk")


def unanswered(asked: QuerySet[Activity]) -> QuerySet[Activity]:
    """Return those of `asked` without an answer on the platform, and not marked as answered."""
    return asked.filter(is_unanswered=True, marked_answered_at__isnull=True)


def unanswered_by_webinar() -> dict[str, int]:
    """Return the number of unanswered questions by webinar key; webinars without are left out."""
    rows = unanswered(Activity.objects.all()).order_by().values_list("webinar_key")
    return dict(rows.annotate(count=Count("pk")))


def mark_answered(asked: QuerySet[Activity]) -> int:
    """Mark the open ones of `asked` as answered; return how many."""
    return unanswered(asked).update(marked_answered_at=Now())


def polls(webinar: Webinar) -> list[Poll]:
    """Return the polls, then the survey's questions, of `webinar` with the answers."""
    theirs = Registration.objects.filter(webinar=webinar, contact=OuterRef("contact"))
    rows = Activity.objects.filter(
        ~Exists(theirs.filter(is_internal=True)),
        webinar_key=webinar.key,
        kind__in=(Kind.POLL, Kind.SURVEY),
    )
    found: dict[tuple[str, str], Poll] = {}
    for kind, data in rows.order_by("kind", "pk").values_list("kind", "data").iterator():
        question = str(data.get("question", ""))
        poll = found.setdefault((kind, question), Poll(question, kind))
        poll.people += 1
        poll.answers.update(str(answer) for answer in data.get("answers", []))
    for summaries in webinar.sessions.order_by("started_at").values_list("summaries", flat=True):
        for item in summaries:
            place = item["kind"], item["question"]
            poll = found.setdefault(place, Poll(item["question"], item["kind"]))
            poll.responses += item["responses"]
    asked = sorted(found.values(), key=lambda poll: poll.kind)
    return [poll for poll in asked if poll.people or poll.responses]
