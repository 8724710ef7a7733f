"""The list of webinars: their organizers, and the effect of an invalid row."""

import datetime as dt
from collections import Counter
from typing import Any, cast

import msgspec
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from platforms.errors import NotAllowed
from platforms.gotowebinar import Client
from platforms.models import Connection
from platforms.records import Approval, WebinarDetails
from platforms.records import Webinar as RemoteWebinar
from sync.pull.webinar_list import sync_webinar_list
from sync.status import health
from tests.factories import ConnectionFactory
from webinars.models import Webinar

LISTED = RemoteWebinar(
    key="7", webinar_id="7", organizer_key="1", account_key="", subject="Ours", description="",
    times=(), time_zone="UTC", locale="", registration_url="", approval_type=Approval.AUTOMATIC,
    recurrence_type="", experience_type="", recurrence_key=None,
)  # fmt: skip


class Listing:
    """A GoTo that lists `rows` and refuses webinars of another organizer than "1"."""

    def __init__(self, *rows: RemoteWebinar, skipped: int = 0) -> None:
        self.rows = rows
        self.skipped = Counter({"webinars": skipped})
        self.asked: list[str] = []

    def webinars(self, start: dt.datetime, end: dt.datetime) -> Any:
        return iter(self.rows)

    def webinar(self, key: str) -> WebinarDetails:
        self.asked.append(key)
        raise NotAllowed("User is not allowed", status=403)


def read(connection: Connection, listing: Listing) -> None:
    sync_webinar_list(connection, cast(Client, listing))


@pytest.fixture
def connection(db: None) -> Connection:
    return ConnectionFactory.create(organizer_key="1")


def test_a_webinar_of_another_organizer_is_refused_clearly(connection: Connection) -> None:
    theirs = msgspec.structs.replace(LISTED, key="8", organizer_key="2", subject="Theirs")
    listing = Listing(LISTED, theirs)
    read(connection, listing)
    read(connection, listing)
    assert listing.asked == ["8"], "it is asked for once"
    ours, foreign = Webinar.objects.order_by("key")
    assert (ours.state, foreign.state) == (Webinar.State.SCHEDULED, Webinar.State.FOREIGN)
    assert "another organizer" in health(foreign, None).text
    foreign.sync_enabled = True
    with pytest.raises(ValidationError, match="another organizer"):
        foreign.clean()
    with pytest.MonkeyPatch.context() as patched:
        command = "sync.management.commands.sync_webinars.Command._refresh_lists"
        patched.setattr(command, lambda self: [])
        with pytest.raises(CommandError, match="another organizer"):
            call_command("sync_webinars", "--webinar", "8", "--activate")


@pytest.mark.rule(10)
def test_no_webinar_is_removed_by_a_list_with_a_skipped_row(connection: Connection) -> None:
    read(connection, Listing(LISTED))
    listing = Listing(skipped=1)
    read(connection, listing)
    assert listing.asked == []
    assert Webinar.objects.get().state == Webinar.State.SCHEDULED
