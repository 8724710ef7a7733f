"""GoTo's hosts. Both are settings: GoTo renames them, and a simulator has its own."""

from urllib.parse import urlsplit

_G2W = "/G2W/rest/v2"


class Hosts:
    """The base URLs of the API and of the authorization server.

    Accepts a host with or without the path that GoTo's documentation shows. Raises ValueError, with
    a sentence that says what to do, for anything that is not a URL.
    """

    def __init__(self, api_url: str, auth_url: str) -> None:
        api = _base(api_url, "GOTO_API_URL", (_G2W,))
        auth = _base(
            auth_url,
            "GOTO_AUTH_URL",
            ("/oauth/token", "/oauth/authorize", "/oauth/revoke", "/oauth"),
        )
        self.g2w = api + _G2W
        self.identity_url = api + "/identity/v1/Users/me"
        self.admin_url = api + "/admin/rest/v1/me"
        self.authorize_url = auth + "/oauth/authorize"
        self.token_url = auth + "/oauth/token"
        self.revoke_url = auth + "/oauth/revoke"


def _base(url: str, setting: str, known_paths: tuple[str, ...]) -> str:
    base = url.strip().rstrip("/")
    try:
        parts = urlsplit(base)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ValueError(
            f"{setting} is “{url}”, which is no web address. It should look like "
            "https://api.getgo.com."
        )
    for path in known_paths:
        base = base.removesuffix(path)
    return base
