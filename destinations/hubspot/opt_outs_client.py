"""The call for addresses that opted out of all email."""

from collections.abc import Sequence

from destinations.hubspot import answers
from destinations.hubspot.client import AT_ONCE, VERSION, Client

_UNSUBSCRIBED = f"/communication-preferences/{VERSION}/statuses/batch/unsubscribe-all/read"
# A lookup of this unknown address shows whether the token has the scope.
_UNKNOWN_ADDRESS = "nobody@example.com"


def unsubscribed(client: Client, emails: Sequence[str]) -> set[str]:
    """Return those of at most 100 addresses that opted out of all email, with or without a contact.
    Raises HubSpotError; MissingScope for a token without the scope."""
    if len(emails) > AT_ONCE:
        raise ValueError(f"HubSpot takes {AT_ONCE} at once, not {len(emails)}.")
    if not emails:
        return set()
    params = {"channel": "EMAIL"}
    body = client.call("POST", _UNSUBSCRIBED, params, json={"inputs": list(emails)})
    return answers.unsubscribed(body)


def may_ask(client: Client) -> None:
    """Look up an unknown address, to check the permission. Raises HubSpotError."""
    unsubscribed(client, [_UNKNOWN_ADDRESS])
