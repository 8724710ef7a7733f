"""What a page loads with an empty cache, and how far its parts move while it loads."""

import gzip
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Response

# For any page of the admin, on a first visit.
MOST_BYTES, MOST_REQUESTS, MOST_SHIFT = 350_000, 25, 0.02
_SHIFTS = """
window.layoutShift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (!entry.hadRecentInput) window.layoutShift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
# Sizes of static files by URL: they are constant, and each page has twenty of them.
_STATIC: dict[str, int] = {}
_COMPRESSED = ("text/", "application/javascript", "application/json", "image/svg")


def weigher(page: Page) -> Callable[[str], None]:
    """Return a function that opens a URL in `page` with an empty cache, and fails if it loads too
    much, shifts, or reports an error."""
    loaded: list[Response] = []
    errors: list[str] = []
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.add_init_script(_SHIFTS)
    page.on("response", lambda answer: loaded.append(answer))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )

    def open_first(address: str) -> None:
        loaded.clear()
        errors.clear()
        page.goto(address)
        # Requests of the previous page may still be running.
        begun = max(n for n, one in enumerate(loaded) if one.request.is_navigation_request())
        own = [one for one in loaded[begun:] if not one.url.startswith("data:")]
        # The browser reports an expected 404 as an error, too.
        assert own[0].status != 200 or errors == [], (address, errors)
        weights = {one.url: _weight(one) for one in own}
        assert sum(weights.values()) <= MOST_BYTES, (address, weights)
        assert len(own) <= MOST_REQUESTS, (address, [one.url for one in own])
        shift: Any = page.evaluate("window.layoutShift")
        assert shift <= MOST_SHIFT, (address, shift)

    return open_first


def _weight(response: Response) -> int:
    """Return how many bytes of `response` are transferred: a server compresses static files, the
    tests' server does not."""
    if "/static/" not in response.url:
        return _compressed(response)
    if response.url not in _STATIC:
        _STATIC[response.url] = _compressed(response)
    return _STATIC[response.url]


def _compressed(response: Response) -> int:
    if response.headers.get("content-type", "").startswith(_COMPRESSED):
        return len(gzip.compress(response.body()))
    return int(response.headers.get("content-length", 0))
