"""Signing in as people do, or being signed in already."""

from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page

from tests.factories import UserFactory
from webinarsync import roles


def sign_in(page: Page, address: str, role: str = roles.MARKETERS, *, email: str = "") -> User:
    """Create a user of `role` and sign them in at `address`, with the keyboard."""
    user = UserFactory.create(username="mia", password="a-Passw0rd", role=role, email=email)
    page.goto(f"{address}/admin/login/")
    page.locator("[name=username]").fill("mia")
    page.locator("[name=password]").fill("a-Passw0rd")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")
    return user


def open_signed_in(page: Page, address: str, client: Client) -> None:
    """Open the dashboard at `address` with the session of `client`.

    It skips the sign-in page for tests that are not about it.
    """
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
    page.goto(f"{address}/admin/")
