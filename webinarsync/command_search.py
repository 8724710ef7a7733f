"""What the command palette finds (Ctrl-K): pages, and rows that begin with what was typed.

Every kind is looked up by an index and gives a few rows, and rights are asked for each time: one
letter costs as little as a whole name, however many rows there are. Nothing is kept.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model
from django.urls import reverse
from unfold.dataclasses import SearchResult

from contacts.matching import begin_with
from contacts.models import Contact
from core import dates
from core.prefix_search import LONGEST, first_rows
from mailings.models import Mailing
from segments.models import Segment
from webinars.models import Webinar

# So many rows of a kind; who wants to see more types another letter.
MOST = 8


@dataclass(frozen=True)
class Kind:
    """Rows that can be found: by whom, how, and what is shown of each."""

    model: type[Model]
    permission: str
    icon: str
    find: Callable[[str], Sequence[Any]]
    link: Callable[[Any], str]
    about: Callable[[Any], str] = lambda row: ""

    def results(self, text: str) -> Iterator[SearchResult]:
        """Yield what is found by `text`."""
        name = str(self.model._meta.verbose_name)
        for row in self.find(text):
            described = " · ".join(filter(None, (name, self.about(row))))
            yield SearchResult(
                title=str(row), description=described, link=self.link(row), icon=self.icon
            )


def pages(apps: Sequence[Any], text: str) -> list[SearchResult]:
    """Return the lists of `apps`, as the admin site gives them to a user, that have `text` in their
    name or in that of their app."""
    typed = text.strip().lower()
    if not typed or len(typed) > LONGEST:
        return []
    return [
        SearchResult(
            title=str(model["name"]),
            description=str(app["name"]),
            link=model["admin_url"],
            icon="tag",
        )
        for app in apps
        for model in app["models"]
        if model["admin_url"]
        and (typed in str(model["name"]).lower() or typed in str(app["name"]).lower())
    ]


def rows(user: AbstractBaseUser | AnonymousUser, text: str) -> list[SearchResult]:
    """Return the rows that `user` may see and that begin with `text`."""
    return [
        result
        for kind in _KINDS
        if user.has_perm(kind.permission)  # type: ignore[union-attr]
        for result in kind.results(text)
    ]


def _by(model: type[Model], column: str) -> Callable[[str], Sequence[Any]]:
    return lambda text: first_rows(model._default_manager.all(), [(column,)], text, MOST)


def _day(webinar: Webinar) -> str:
    if webinar.starts_at is None:
        return ""
    return dates.day(webinar.starts_at)


_KINDS = (
    Kind(
        Contact,
        "contacts.view_contact",
        "person",
        lambda text: begin_with(text, MOST),
        lambda contact: reverse("admin:contacts_contact_change", args=[contact.pk]),
        lambda contact: contact.email,
    ),
    Kind(
        Webinar,
        "webinars.view_webinar",
        "co_present",
        _by(Webinar, "subject"),
        lambda webinar: reverse("admin:webinars_webinar_change", args=[webinar.pk]),
        _day,
    ),
    Kind(
        Segment,
        "contacts.view_contact",
        "filter_alt",
        _by(Segment, "name"),
        lambda segment: f"{reverse('segments:find')}?{segment.query}",
    ),
    Kind(
        Mailing,
        "mailings.view_mailing",
        "mail",
        lambda text: first_rows(
            Mailing.objects.select_related("webinar"), [("subject",)], text, MOST
        ),
        lambda mailing: reverse("mailings:mailing", args=[mailing.pk]),
    ),
)
