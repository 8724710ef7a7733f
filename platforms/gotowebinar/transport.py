"""Send a Call and return the Answer."""

from collections.abc import Mapping

import requests

from platforms.errors import Unreachable
from platforms.gotowebinar.answer import Answer

TIMEOUT = (5.0, 30.0)
_USER_AGENT = "WebinarSync/0.1"


def send(
    session: requests.Session,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    params: Mapping[str, str] | None = None,
    json: object = None,
    data: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
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
            headers={"User-Agent": _USER_AGENT, "Accept": "application/json", **headers},
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
