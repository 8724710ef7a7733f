"""Links from GoTo's responses, for our pages and emails."""

from urllib.parse import urlsplit


def web_link(text: str | None) -> str:
    """Return a link with http or https; "" for any other scheme, which a page of ours might
    execute."""
    link = (text or "").strip()
    if any(sign.isspace() or not sign.isprintable() for sign in link):
        return ""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return link if parts.scheme in ("http", "https") and parts.hostname else ""
