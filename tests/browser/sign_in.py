"""Signing in as people do."""

from django.contrib.auth.models import User
from playwright.sync_api import Page

from tests.factories import UserFactory
from webinarsync import roles


def sign_in(page: Page, address: str, role: str = roles.MARKETERS, *, email: str = "") -> User:
    """Make somebody of `role` and sign them in at `address`, with the keyboard."""
    user = UserFactory.create(username="mia", password="a-Passw0rd", role=role, email=email)
    page.goto(f"{address}/admin/login/")
    page.locator("[name=username]").fill("mia")
    page.locator("[name=password]").fill("a-Passw0rd")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")
    return user
