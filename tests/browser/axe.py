"""What axe finds on a page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# In dark mode only the colours of a page differ.
ABOUT_COLOURS = ["color-contrast", "link-in-text-block"]


def find_nothing(page: Page) -> None:
    """Fail for each violation that axe finds on the open page, in the light or the dark theme."""
    of_page = {"runOnly": {"type": "tag", "values": RULES}}
    of_colours = {"runOnly": {"type": "rule", "values": ABOUT_COLOURS}}
    looks: list[tuple[Any, Any]] = [("light", of_page), ("dark", of_colours)]
    for scheme, options in looks:
        page.emulate_media(color_scheme=scheme)
        response = Axe().run(page, options=options).response
        assert response["passes"], "axe checked something"
        found = response["violations"]
        assert not found, [
            (scheme, item["id"], [node["html"][:200] for node in item["nodes"][:3]])
            for item in found
        ]
