"""Send HTTP requests and return the responses."""

from collections.abc import Mapping
from typing import NamedTuple

import requests

from destinations.hubspot.errors import ServerError, Unreachable

TIMEOUT = (5.0, 30.0)
# The definitions of all properties of a large portal take a few MB.
LARGEST_ANSWER_BYTES = 32 * 1024 * 1024
_USER_AGENT = "WebinarSync/0.1"


class Answer(NamedTuple):
    """Status, headers (names in lower case) and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send(
    session: requests.Session,
    method: str,
    url: str,
    *,
    token: str,
    params: Mapping[str, str] | None = None,
    json: object = None,
) -> Answer:
    """Send one request and return its response, whatever its status.

    Redirects are not followed, so that a token never goes to another host than the one in the
    settings. Raises Unreachable, and ServerError for a response that is too large.
    """

    def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
        # A header would be replaced by a password from the server's .netrc (requests'
        # documentation, "netrc Authentication").
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    try:
        with session.request(
            method,
            url,
            headers={"User-Agent": _USER_AGENT, "Accept": "application/json"},
            auth=authorize,
            params=params,
            json=json,
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as answer:
            return Answer(
                answer.status_code,
                {name.lower(): value for name, value in answer.headers.items()},
                _body(answer),
            )
    except requests.Timeout:
        raise Unreachable("TIMEOUT") from None
    except requests.exceptions.SSLError:
        raise Unreachable("TLS") from None
    except requests.RequestException:
        # Its text may contain the URL with its parameters.
        raise Unreachable("NO_CONNECTION") from None


def _body(answer: requests.Response) -> bytes:
    body = bytearray()
    for part in answer.iter_content(64 * 1024):
        body += part
        if len(body) > LARGEST_ANSWER_BYTES:
            raise ServerError("ANSWER_TOO_LARGE", status=answer.status_code)
    return bytes(body)
