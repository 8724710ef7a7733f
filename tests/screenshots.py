"""`make screenshots`: pictures of the running demo's pages for the docs.

Each page is taken in light, in dark, on a phone and in French, as `docs/screenshots/<page>.webp`,
`<page>-dark.webp`, `<page>-phone.webp` and `<page>-french.webp`. Start `make demo` first.
"""

import argparse
import base64
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from operations.demo import HOME, SETTINGS

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
DESKTOP, PHONE = (1280, 900), (390, 844)
# A picture ends here, however long the page is.
TALLEST = 1700
QUALITY = 60
Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class Look:
    """How a page is seen: its suffix in the file's name, and the browser that shows it."""

    suffix: str
    size: tuple[int, int] = DESKTOP
    theme: Theme = "light"
    language: str = "en-GB"


LOOKS = (
    Look(""),
    Look("-dark", theme="dark"),
    Look("-phone", size=PHONE),
    Look("-french", language="fr-FR"),
)


@dataclass(frozen=True)
class Picture:
    """A page: its name, who sees it, and what leads to it from the dashboard."""

    name: str
    open: Callable[[Page], None]
    role: Literal["marketer", "operator", "visitor"] = "marketer"


def at(path: str) -> Callable[[Page], None]:
    """Open an address."""
    return lambda page: _go(page, path)


def _go(page: Page, path: str) -> None:
    root = page.url.split("/", 3)[:3]
    page.goto("/".join(root) + path)


def _first(page: Page, path: str, pattern: str) -> str:
    """Return the first link at `path` whose address matches `pattern`."""
    _go(page, path)
    addresses: list[str] = page.eval_on_selector_all(
        "main a", "links => links.map(link => link.getAttribute('href') || '')"
    )
    for address in addresses:
        if re.search(pattern, address):
            return address
    raise SystemExit(f"No link like {pattern} at {path}: has the demo been filled?")


PAST = "/admin/webinars/webinar/?show=past&o=-3"
UPCOMING = "/admin/webinars/webinar/?show=upcoming"


def webinar(tail: str, listed: str = PAST) -> Callable[[Page], None]:
    """Open `tail` of the first webinar of a list."""

    def open_it(page: Page) -> None:
        link = _first(page, listed, r"/admin/webinars/webinar/\d+/change/")
        number = re.findall(r"\d+", link)[0]
        _go(page, tail.format(number) if tail else link.split("?")[0])

    return open_it


def contact(page: Page) -> None:
    """Open the contact with most registrations of the first page."""
    _go(page, _first(page, "/admin/contacts/contact/", r"/admin/contacts/contact/\d+/change/"))


def draft(page: Page) -> None:
    """Open a draft email to the no-shows of a webinar."""
    webinar("/webinars/{}/audience/no-show/")(page)
    page.locator("form[action^='/mailings/to/'] button").first.click()
    page.wait_for_url("**/mailings/**")


PICTURES = (
    Picture("dashboard", at("/admin/")),
    Picture("webinars", at("/admin/webinars/webinar/")),
    Picture("report", webinar("")),
    Picture("people", webinar("/webinars/{}/audience/attended/")),
    Picture("questions", webinar("/webinars/{}/questions/")),
    Picture("comparison", webinar("/webinars/{}/differences/")),
    Picture("sync-history", webinar("/webinars/{}/syncs/")),
    Picture("webinar-hubspot", webinar("/hubspot/webinars/{}/")),
    Picture("webinar-settings", webinar("/admin/webinars/webinar/{}/change/?settings=1")),
    Picture("upcoming-webinar", webinar("", UPCOMING)),
    Picture("form-settings", webinar("/webinars/{}/form/", UPCOMING)),
    Picture("contacts", at("/admin/contacts/contact/")),
    Picture("contact", contact),
    Picture("advanced-search", at("/contacts/find/?audience=attended&times=2")),
    Picture("segments", at("/contacts/segments/")),
    Picture("import", at("/contacts/import/")),
    Picture("registrations", at("/admin/webinars/registration/")),
    Picture("emails", at("/admin/mailings/mailing/")),
    Picture("new-email", at("/mailings/new/")),
    Picture("email-draft", draft),
    Picture("unsubscribes", at("/admin/contacts/optout/")),
    Picture("sync-runs", at("/admin/sync/syncrun/")),
    Picture("profile", at("/me/")),
    Picture("hubspot", at("/hubspot/"), "operator"),
    Picture("connections", at("/connections/"), "operator"),
    Picture("users", at("/admin/auth/user/"), "operator"),
    Picture("audit-log", at("/admin/admin/logentry/"), "operator"),
    Picture("sign-in", at("/admin/login/"), "visitor"),
)


def main() -> int:
    """Take all pictures, or those named; gives the exit code."""
    parser = argparse.ArgumentParser(prog="make screenshots")
    parser.add_argument("names", nargs="*", help="pages to take; all without it")
    names = parser.parse_args().names
    known = {picture.name for picture in PICTURES}
    if unknown := set(names) - known:
        print(f"There is no picture of {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    if not SETTINGS.exists():
        print("Start `make demo` first, in another terminal.", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        for look in LOOKS:
            for role in ("marketer", "operator", "visitor"):
                wanted = [
                    picture
                    for picture in PICTURES
                    if picture.role == role and (not names or picture.name in names)
                ]
                if wanted:
                    with _visit(browser, look, role) as page:
                        for picture in wanted:
                            _take(page, picture, look)
    return 0


@contextmanager
def _visit(browser: Browser, look: Look, role: str) -> Iterator[Page]:
    """Open the demo's dashboard as someone of `role`, or its sign-in page as a visitor."""
    width, height = look.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=look.theme,
        locale=look.language,
        timezone_id="Europe/Berlin",
    )
    page = context.new_page()
    page.goto(f"{_root()}/admin/login/")
    if role != "visitor":
        page.fill("[name=username]", role)
        page.fill("[name=password]", json.loads(SETTINGS.read_text())[role])
        page.keyboard.press("Enter")
        page.wait_for_url("**/admin/")
    yield page
    context.close()


def _root() -> str:
    """Return the address of the running demo."""
    env = (HOME / "env").read_text()
    return str(re.findall(r"^PUBLIC_URL='(.+)'$", env, re.MULTILINE)[0])


def _take(page: Page, picture: Picture, look: Look) -> None:
    """Write one picture, from the top of the page to its end or `TALLEST` pixels."""
    picture.open(page)
    page.wait_for_load_state("networkidle")
    height = page.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": look.size[0], "height": min(height, TALLEST), "scale": 1}
    session = page.context.new_cdp_session(page)
    shot = session.send(
        "Page.captureScreenshot",
        {"format": "webp", "quality": QUALITY, "captureBeyondViewport": True, "clip": clip},
    )
    file = FOLDER / f"{picture.name}{look.suffix}.webp"
    file.write_bytes(base64.b64decode(shot["data"]))
    print(file.relative_to(FOLDER.parent.parent), file.stat().st_size // 1000, "kB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
