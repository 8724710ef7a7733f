"""Send a Call and return the Answer."""

from collections.abc import Mapping

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from platforms.errors import Unreachable
from platforms.gotowebinar.answer import Answer

TIMEOUT = (5.0, 30.0)
_USER_AGENT = "WebinarSync/0.1"
# A page and each detail call run in parallel: this many connections to GoTo are kept open.
_POOL = 16


class AccessToken(AuthBase):
    """Authorizes requests with a token.

    Not a header: requests replaces a header by the password of the host, or of `default`, in the
    server's .netrc (requests' documentation, "netrc Authentication").
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def new_session(base_url: str) -> requests.Session:
    """Return a session for the calls of one host, with the environment's proxy and certificates.

    The environment is read once: requests would read it again for each call, which takes a quarter
    of the time of a call.
    """
    session = requests.Session()
    environment = session.merge_environment_settings(base_url, {}, None, None, None)
    session.proxies.update(environment["proxies"])
    session.verify = environment["verify"]
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=_POOL))
    return session


def send(
    session: requests.Session,
    method: str,
    url: str,
    *,
    auth: tuple[str, str] | AccessToken | None = None,
    params: Mapping[str, str] | None = None,
    json: object = None,
    data: Mapping[str, str] | None = None,
    timeout: tuple[float, float] = TIMEOUT,
) -> Answer:
    """Send one request and return its response, whatever its status. Raises Unreachable.

    Redirects are not followed, so that a token never goes to another host than the one in the
    settings.
    """
    try:
        answer = session.request(
            method,
            url,
            headers={"User-Agent": _USER_AGENT, "Accept": "application/json"},
            params=params,
            json=json,
            data=data,
            auth=auth,
            timeout=timeout,
            allow_redirects=False,
        )
        return Answer(
            answer.status_code,
            {name.lower(): value for name, value in answer.headers.items()},
            answer.content,
        )
    except requests.Timeout:
        raise Unreachable("The answer took too long.") from None
    except requests.RequestException as error:
        raise Unreachable(_plain(error)) from None


def _plain(error: requests.RequestException) -> str:
    """Return why there was no response, without the URL, which may contain secrets."""
    if isinstance(error, requests.exceptions.SSLError):
        return "The secure connection could not be made."
    if isinstance(error, requests.ConnectionError):
        return "No connection."
    return "The connection broke off."
