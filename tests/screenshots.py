"""`make screenshots`: pictures of the running demo's pages for the docs.

Each page is captured in light, in dark, on a phone and in French, as
`docs/screenshots/<page>.webp`, `<page>-dark.webp`, `<page>-phone.webp` and `<page>-french.webp`.
Start `make demo` first.
"""

import argparse
import base64
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from operations.demo import HOME, SETTINGS

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
DESKTOP, PHONE = (1280, 900), (390, 844)
# Who registers, one for each variant.
VISITORS = cycle(
    [("Ada", "Lovelace"), ("Grace", "Hopper"), ("Katherine", "Johnson"), ("Mary", "Jackson")]
)
# The maximum height of a picture, even if the page is longer.
TALLEST = 1700
QUALITY = 60
Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class Variant:
    """A variant of a page: its suffix in the file's name, and the browser that shows it."""

    suffix: str
    size: tuple[int, int] = DESKTOP
    theme: Theme = "light"
    language: str = "en-GB"


VARIANTS = (
    Variant(""),
    Variant("-dark", theme="dark"),
    Variant("-phone", size=PHONE),
    Variant("-french", language="fr-FR"),
)


@dataclass(frozen=True)
class Picture:
    """A page: its name, the role of its reader, and the steps from the dashboard."""

    name: str
    open: Callable[[Page], None]
    role: Literal["marketer", "operator", "visitor"] = "marketer"


def at(path: str) -> Callable[[Page], None]:
    """Open a URL."""
    return lambda page: _go(page, path)


def _go(page: Page, path: str) -> None:
    page.goto(f"{_root()}{path}")


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
    """Open the contact of someone who attended a webinar."""
    webinar("/webinars/{}/audience/attended/")(page)
    path = "/" + page.url.split("/", 3)[3]
    _go(page, _first(page, path, r"/admin/contacts/contact/\d+/change/"))


def draft(page: Page) -> None:
    """Open a draft email to the attendees of a webinar."""
    webinar("/webinars/{}/audience/attended/")(page)
    page.locator("form[action^='/mailings/to/'] button").first.click()
    page.wait_for_url("**/mailings/**")


def confirmation(page: Page) -> None:
    """Open the confirmation before an email is sent."""
    draft(page)
    page.fill("[name=subject]", "The slides of {webinar_title}")
    page.fill(
        "[name=text]", "Hello {first_name},\n\nhere are the slides: https://example.com/slides"
    )
    page.locator("button[value=save]").last.click()
    page.wait_for_load_state("networkidle")
    page.locator("button[value=send]").click()
    page.locator("[name=sure]").first.wait_for(state="attached")


def _full(page: Page) -> str:
    """Return the number of a webinar without a free seat."""
    _go(page, UPCOMING)
    row = page.locator("tr", has=page.locator(".ws-badge", has_text=re.compile("Full|Complet")))
    address = row.locator("a[href*='/change/']").first.get_attribute("href") or ""
    return str(re.findall(r"\d+", address)[0])


def waiting_list(page: Page) -> None:
    """Open the waiting list of a full webinar."""
    _go(page, f"/webinars/{_full(page)}/waiting-list/")


def full_form(page: Page) -> None:
    """Open the registration form of a full webinar."""
    with _colleague(page) as colleague:
        _go(colleague, f"/webinars/{_full(colleague)}/form/")
        link = colleague.locator("a[href*='/register/']").first.get_attribute("href") or ""
    page.goto(_root() + "/" + link.removeprefix(_root()).lstrip("/"))


def full_answer(page: Page) -> None:
    """Register for a full webinar, and open the resulting page."""
    full_form(page)
    first, last = next(VISITORS)
    page.fill("[name=first_name]", first)
    page.fill("[name=last_name]", last)
    page.fill("[name=email]", f"{first}.{last}@example.com".lower())
    # A faster visitor is mistaken for a robot.
    page.wait_for_timeout(4000)
    page.locator("form button").last.click()
    page.wait_for_url("**/register/*/*/")
    page.wait_for_timeout(3000)


@contextmanager
def _colleague(page: Page) -> Iterator[Page]:
    """Sign a marketer in beside a visitor, in the same browser."""
    browser = page.context.browser
    assert browser is not None
    with _visit(browser, VARIANTS[0], "marketer") as colleague:
        yield colleague


PEOPLE = """Email,First name,Surname,Company,Job
ada.lovelace@example.com,Ada,Lovelace,Analytical Engines,Mathematician
grace.hopper@example.com,Grace,Hopper,Navy,Rear admiral
not an address,Nobody,,,
"""


def import_columns(page: Page) -> None:
    """Upload a file, and open the step in which its columns are assigned."""
    _go(page, "/contacts/import/")
    file = {"name": "Fair.csv", "mimeType": "text/csv", "buffer": PEOPLE.encode()}
    page.set_input_files("[type=file]", file)  # type: ignore[arg-type]
    page.locator("form[enctype] button").first.click()
    page.locator("form[action$='/check/']").wait_for(timeout=60_000)


def import_check(page: Page) -> None:
    """Open the preview of that file's import."""
    import_columns(page)
    page.locator("form[action$='/check/'] button").first.click()
    page.locator("form[action$='/run/']").wait_for(timeout=60_000)


def merge(page: Page) -> None:
    """Open the comparison of the first two contacts."""
    _go(page, "/admin/contacts/contact/")
    boxes = page.locator("[name=_selected_action]")
    first, second = (boxes.nth(n).get_attribute("value") for n in (0, 1))
    _go(page, f"/contacts/merge/{first}/{second}/")


def audit_log(page: Page) -> None:
    """Open the audit log with an export in it."""
    page.request.get(f"{_root()}/contacts/list.csv?audience=attended")
    _go(page, "/admin/admin/logentry/")


PICTURES = (
    Picture("dashboard", at("/admin/")),
    Picture("webinars", at("/admin/webinars/webinar/")),
    Picture("report", webinar("")),
    Picture("people", webinar("/webinars/{}/audience/attended/")),
    Picture("questions", webinar("/webinars/{}/questions/")),
    Picture("comparison", webinar("/webinars/{}/differences/")),
    Picture("data-updates", webinar("/webinars/{}/submitted-values/")),
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
    Picture("import-columns", import_columns),
    Picture("import-check", import_check),
    Picture("merge", merge),
    Picture("registrations", at("/admin/webinars/registration/")),
    Picture("emails", at("/admin/mailings/mailing/")),
    Picture("new-email", at("/mailings/new/")),
    Picture("email-draft", draft),
    Picture("email-confirmation", confirmation),
    Picture("waiting-list", waiting_list),
    Picture("unsubscribes", at("/admin/contacts/optout/")),
    Picture("sync-runs", at("/admin/sync/syncrun/")),
    Picture("profile", at("/me/")),
    Picture("help", at("/admin/help/marketers/")),
    Picture("hubspot", at("/hubspot/"), "operator"),
    Picture("connections", at("/connections/"), "operator"),
    Picture("users", at("/admin/auth/user/"), "operator"),
    Picture("audit-log", audit_log, "operator"),
    Picture("sign-in", at("/admin/login/"), "visitor"),
    Picture("form-full", full_form, "visitor"),
    Picture("form-answer", full_answer, "visitor"),
)


def main() -> int:
    """Capture all pictures, or those named; return the exit code."""
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
        for variant in VARIANTS:
            # People whom visitors add to the waiting list appear on the other pages.
            for role in ("visitor", "marketer", "operator"):
                wanted = [
                    picture
                    for picture in PICTURES
                    if picture.role == role and (not names or picture.name in names)
                ]
                if wanted:
                    with _visit(browser, variant, role) as page:
                        for picture in wanted:
                            _take(page, picture, variant)
    return 0


@contextmanager
def _visit(browser: Browser, variant: Variant, role: str) -> Iterator[Page]:
    """Open the demo's dashboard as someone of `role`, or its sign-in page as a visitor."""
    width, height = variant.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=variant.theme,
        locale=variant.language,
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
    """Return the URL of the running demo."""
    env = (HOME / "env").read_text()
    return str(re.findall(r"^PUBLIC_URL='(.+)'$", env, re.MULTILINE)[0])


def _take(page: Page, picture: Picture, variant: Variant) -> None:
    """Write one picture, from the top of the page to its end or `TALLEST` pixels."""
    picture.open(page)
    page.wait_for_load_state("networkidle")
    width, least = variant.size
    height = page.evaluate("document.documentElement.scrollHeight")
    # A window as tall as the picture: what sticks to the window's end is at the end of the picture.
    page.set_viewport_size({"width": width, "height": max(least, min(height, TALLEST))})
    # Charts and frames are drawn for the new size.
    page.wait_for_timeout(500)
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    page.set_viewport_size({"width": width, "height": least})
    file = FOLDER / f"{picture.name}{variant.suffix}.webp"
    file.write_bytes(base64.b64decode(shot["data"]))
    print(file.relative_to(FOLDER.parent.parent), file.stat().st_size // 1000, "kB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
