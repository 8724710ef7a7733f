"""Links that GoTo names, which are on pages and in emails of ours."""

from urllib.parse import urlsplit


def web_link(text: str | None) -> str:
    """Return a link of http or https; "" for anything else, which a page of ours would run or open
    elsewhere."""
    link = (text or "").strip()
    if any(sign.isspace() or not sign.isprintable() for sign in link):
        return ""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return link if parts.scheme in ("http", "https") and parts.hostname else ""
