"""Links from GoTo's responses, for our pages and emails."""

import re
from urllib.parse import urlsplit

# What almost all links look like: it takes a tenth of the time that parsing them does.
_PLAIN = re.compile(r"https?://[A-Za-z0-9.-]+(/[!-~]*)?")


def web_link(text: str | None) -> str:
    """Return a link with http or https; "" for any other scheme, which a page of ours might
    execute."""
    link = (text or "").strip()
    if _PLAIN.fullmatch(link):
        return link
    # Of all spaces only the plain one counts as printable.
    if " " in link or not link.isprintable():
        return ""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return link if parts.scheme in ("http", "https") and parts.hostname else ""
