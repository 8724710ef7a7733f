"""Panels registered by packages above are shown on the pages of webinars, to users with
permission."""

import pytest
from django.test import Client

from core.panels import Action, Column, Link
from tests.fixtures.world import World, signed_in
from webinars.panels import Tab, tabs, webinar_panels
from webinarsync import roles

LIST = "/admin/webinars/webinar/"


@pytest.fixture
def marketer(world: World) -> Client:
    return signed_in(roles.MARKETERS)


def test_a_column_is_shown_as_long_as_it_is_registered(marketer: Client) -> None:
    column = Column("letters", "Letters of the title", lambda webinar: f"{webinar.subject}-letters")
    with webinar_panels.columns.register_temporarily(column):
        page = marketer.get(LIST).content.decode()
    assert "Letters of the title" in page and "-letters" in page
    assert "Letters of the title" not in marketer.get(LIST).content.decode()


def test_what_a_user_may_not_do_is_not_offered(world: World, marketer: Client) -> None:
    run = [
        Action(f"do_{right}", f"Do as {right}", right, lambda *_: None)
        for right in ("webinars.change_webinar", "auth.delete_user")
    ]
    link = Link("Look at users", "admin:auth_user_changelist", ("auth.view_user",))
    tab = Tab("Users of it", "webinars:questions", ("auth.view_user",), name="users")
    with (
        webinar_panels.actions.register_temporarily(run[0]),
        webinar_panels.actions.register_temporarily(run[1]),
        webinar_panels.list_links.register_temporarily(link),
        tabs.register_temporarily(tab),
    ):
        page = marketer.get(LIST).content.decode()
        own = marketer.get(f"{LIST}{world.webinar.pk}/change/").content.decode()
    assert "Do as webinars.change_webinar" in page
    assert "Do as auth.delete_user" not in page and "Look at users" not in page
    assert "Users of it" not in own and ">Sync</a>" in own
