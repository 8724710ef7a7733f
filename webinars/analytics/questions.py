"""What people asked, and what they answered in polls and surveys."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, QuerySet

from contacts.models import Activity
from webinars.models import Registration, Webinar

Kind = Activity.Kind


@dataclass(slots=True)
class Poll:
    """A question of the organizer: how many gave each answer, most first, and how many people.

    `responses` are all answers that the platform counts: who answered anonymously is a number.
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
    """Return those of `asked` to which the platform knows no answer."""
    return asked.filter(data__answers=[])


def unanswered_by_webinar(webinars: Iterable[Webinar]) -> dict[int, int]:
    """Return, by webinar id, how many questions have no answer; webinars without are left out."""
    ids = {webinar.key: webinar.pk for webinar in webinars}
    open_ones = unanswered(Activity.objects.filter(webinar_key__in=ids, kind=Kind.QUESTION))
    rows = open_ones.order_by().values_list("webinar_key").annotate(count=Count("pk"))
    return {ids[key]: count for key, count in rows}


def polls(webinar: Webinar) -> list[Poll]:
    """Return the polls, then the survey's questions, of `webinar` with what was answered."""
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
