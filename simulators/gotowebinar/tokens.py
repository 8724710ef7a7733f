"""Which access and refresh tokens are valid, and whose they are."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from .goto import GoTo
from .options import Options
from .records import RefreshToken, User

DAY = 86400
# The scope that GoToWebinar requires [GoTo's guide].
SCOPE = "collab:"
# This close to its end, a refresh token is replaced by another; GoTo publishes no figure.
NEAR_ITS_END = 3 * DAY


@dataclass(frozen=True, slots=True)
class Access:
    """The owner of an access token, its sign-in, and its expiry by the monotonic clock."""

    user_key: int
    grant: str
    until: float


class Tokens:
    """The tokens of every user.

    A refresh usually returns no new refresh token; near the end of the old one it does, and the old
    one stays valid until then [GoTo's guide]. In single-use mode each refresh returns the next
    token and invalidates the one used.
    """

    def __init__(self, goto: GoTo, options: Options) -> None:
        self.options = options
        self.goto = goto
        # Every access token since the start or the last reset, for tests that search for leaked
        # ones.
        self.handed_out: list[str] = []
        self.reset()

    def reset(self) -> None:
        """Delete every token but the refresh token of the options, which is valid again."""
        self.single_use = self.options.single_use_refresh
        # Set the client's scopes, as its owner would in GoTo's portal.
        self.scope = SCOPE
        self._access: dict[str, Access] = {}
        self.handed_out.clear()
        self._keep_option_valid()

    def _keep_option_valid(self) -> None:
        """The refresh token of the options is the first organizer's, regardless of its age."""
        account = self.goto.account
        others = [one for one in account.refresh_tokens if one.value != self.options.refresh_token]
        first = self._made(account.first, "options", self.options.refresh_token)
        account.refresh_tokens = [first, *others]

    def _made(self, user: User, grant: str, value: str = "") -> RefreshToken:
        until = self.goto.now() + self.options.refresh_token_days * DAY
        return RefreshToken(value or secrets.token_urlsafe(24), user.key, grant, until)

    def signed_in(self, user: User) -> tuple[str, str]:
        """Return an access and a refresh token for a user who has allowed it."""
        refresh = self._made(user, secrets.token_hex(8))
        self._keep(refresh)
        return self._issue(refresh), refresh.value

    def refreshed(self, value: str) -> tuple[User, str, str] | None:
        """Return the owner of the refresh token, a new access token, and the next refresh token (""
        if the old one stays). None for an invalid token."""
        known = self._find(value)
        if known is None or known.revoked or known.until < self.goto.now():
            return None
        user = self.goto.account.user(known.user_key)
        follower = ""
        if self.single_use or known.until - self.goto.now() < NEAR_ITS_END:
            made = self._made(user, known.grant)
            known.revoked = self.single_use
            self._keep(made)
            follower = made.value
        return user, self._issue(known), follower

    def revoke(self, value: str) -> None:
        """End the sign-in of a token, with all its tokens [RFC 7009]."""
        known = self._find(value) or self._access.get(value)
        if known is None:
            return
        for one in self.goto.account.refresh_tokens:
            one.revoked = one.revoked or one.grant == known.grant
        self._access = {
            token: access for token, access in self._access.items() if access.grant != known.grant
        }
        self.goto.revision += 1

    def revoke_all(self, on: bool) -> None:
        """Refuse every current refresh token, or accept them all again."""
        for one in self.goto.account.refresh_tokens:
            one.revoked = on
        if on:
            self.expire_all()

    def age(self, days: float) -> object:
        """Move every refresh token this many days closer to its expiry."""
        for one in self.goto.account.refresh_tokens:
            one.until -= int(days * DAY)
        return {"aged": len(self.goto.account.refresh_tokens)}

    def expire_all(self) -> int:
        """Invalidate every access token; return how many there were."""
        count = len(self._access)
        self._access.clear()
        return count

    def user_of(self, authorization: str) -> User | None:
        """Return whose access token an Authorization header has; None if it is not valid."""
        scheme, _, token = authorization.partition(" ")
        access = self._access.get(token.strip()) if scheme.lower() == "bearer" else None
        if access is None or access.until <= time.monotonic():
            return None
        return self.goto.account.user(access.user_key)

    def _issue(self, refresh: RefreshToken) -> str:
        token = f"simulated.{secrets.token_urlsafe(24)}"
        until = time.monotonic() + self.options.token_seconds
        self._access[token] = Access(refresh.user_key, refresh.grant, until)
        self.handed_out.append(token)
        return token

    def _find(self, value: str) -> RefreshToken | None:
        for one in self.goto.account.refresh_tokens:
            if one.value == value:
                return one
        return None

    def _keep(self, refresh: RefreshToken) -> None:
        self.goto.account.refresh_tokens.append(refresh)
        self.goto.revision += 1
