"""The search of the command palette (Ctrl-K): pages, and rows that begin with the typed text.

Each kind is looked up by an index and returns a few rows, and permissions are checked each time:
one letter is as fast as a whole name, however many rows there are. Nothing is cached.
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

# How many rows of a kind are shown.
MOST = 8


@dataclass(frozen=True)
class Kind:
    """A searchable kind of rows: required permission, search keys, and what is shown."""

    model: type[Model]
    permission: str
    icon: str
    find: Callable[[str], Sequence[Any]]
    link: Callable[[Any], str]
    about: Callable[[Any], str] = lambda row: ""

    def results(self, text: str) -> Iterator[SearchResult]:
        """Yield the results for `text`."""
        name = str(self.model._meta.verbose_name)
        for row in self.find(text):
            described = " · ".join(filter(None, (name, self.about(row))))
            yield SearchResult(
                title=str(row), description=described, link=self.link(row), icon=self.icon
            )


def pages(apps: Sequence[Any], text: str) -> list[SearchResult]:
    """Return those of `apps`, the lists of the admin site for a user, that have `text` in their
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
