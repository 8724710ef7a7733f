"""A webinar with people of each kind, and a mailbox for emails."""

import html
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User

from contacts.models import Contact
from mailings import audience as choosing
from mailings.models import Mailing
from tests.factories import registration_in
from tests.fixtures.world import World
from webinars.audiences import Audience, members
from webinars.models import Registration

State = Registration.State


@dataclass
class MailingBuilder:
    """Creates mailings to the people of a world."""

    world: World

    def to(self, audience: Audience, subject: str = "Hello", text: str = "Text") -> Mailing:
        mailing = choosing.for_audience(
            self.world.webinar,
            audience,
            members(self.world.webinar, audience),
            user_id=None,
            language="en",
        )
        mailing.subject, mailing.text = subject, text
        mailing.save()
        return mailing


@pytest.fixture
def mailing_builder(world: World) -> MailingBuilder:
    """Three of the six people found the webinar full."""
    full = [item.pk for item in world.registrations[:3]]
    Registration.objects.filter(pk__in=full).update(**registration_in(State.OVERFLOW, join_url=""))
    return MailingBuilder(world)


@pytest.fixture
def author(world: World) -> User:
    return User.objects.create_user("author", email="author@example.com")


def people(*numbers: int) -> set[str]:
    return {f"p{number}@example.com" for number in numbers}


def contact(number: int) -> Contact:
    return Contact.objects.get(email=f"p{number}@example.com")


def text_of(response: Any) -> str:
    """Return the text of a page, without its markup."""
    main = response.content.decode().split("<body", 1)[-1]
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", main).split()))
