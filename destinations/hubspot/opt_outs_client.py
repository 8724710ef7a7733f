"""The call that tells which addresses opted out of all email."""

from collections.abc import Sequence

from destinations.hubspot import answers
from destinations.hubspot.client import AT_ONCE, VERSION, Client

_UNSUBSCRIBED = f"/communication-preferences/{VERSION}/statuses/batch/unsubscribe-all/read"
# Asked of an address that no one has, it tells whether the token may ask at all.
_UNKNOWN_ADDRESS = "nobody@example.com"


def unsubscribed(client: Client, emails: Sequence[str]) -> set[str]:
    """Return those of at most 100 addresses that opted out of all email, whether a contact has them
    or not. Raises HubSpotError; MissingScope for a token that may not ask."""
    if len(emails) > AT_ONCE:
        raise ValueError(f"HubSpot takes {AT_ONCE} at once, not {len(emails)}.")
    if not emails:
        return set()
    params = {"channel": "EMAIL"}
    body = client.call("POST", _UNSUBSCRIBED, params, json={"inputs": list(emails)})
    return answers.unsubscribed(body)


def may_ask(client: Client) -> None:
    """Ask for no one's opt-out, to see whether that may be done. Raises HubSpotError."""
    unsubscribed(client, [_UNKNOWN_ADDRESS])
