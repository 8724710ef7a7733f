"""manage.py rotate_token_keys: re-encrypt every stored secret with the newest of TOKEN_KEYS."""

from typing import Any

from django.core.management.base import CommandError

from core.key_rotation import CannotOpen, rotate
from core.public_key import OwnKeyCommand


class Command(OwnKeyCommand):
    help = (
        "Encrypt every stored secret with the newest of TOKEN_KEYS. Put the new key in front of "
        "the old ones, restart all processes, run this, then take the old keys away."
    )

    def handle(self, **_: Any) -> None:
        try:
            count = rotate()
        except CannotOpen as error:
            raise CommandError(
                f"Nothing was changed: no key here opens the secret of {error.where}. Put the "
                "key it was written with at the end of TOKEN_KEYS, or connect that account again."
            ) from None
        self.stdout.write(
            f"{count} secrets encrypted with the newest key."
            if count
            else "Every secret is encrypted with the newest key already."
        )
