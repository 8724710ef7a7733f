"""The session engine: database sessions with their user (SESSION_ENGINE)."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    """Django's database store, which also saves the user of each session."""

    @classmethod
    def get_model_class(cls) -> Any:
        # Django imports the store before the apps are ready.
        from accounts.models import UserSession

        return UserSession

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """Return the row of a session with the data to be saved."""
        row: Any = super().create_model_instance(data)
        user_id = data.get(SESSION_KEY)
        row.user_id = None if user_id is None else int(user_id)
        return row
