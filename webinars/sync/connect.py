"""Making a connection from a refresh token."""

import requests
from django.conf import settings
from django.utils import timezone

from webinars.gotowebinar import refresh, who_am_i
from webinars.models import Connection
from webinars.sync.tokens import hosts, store


def connect(refresh_token: str) -> Connection:
    """Sign in with `refresh_token` and return the organizer's connection, new or renewed.

    The same organizer connected again continues where it stopped. Raises GoToError, and
    ValueError where a host in the settings is none.
    """
    where = hosts()
    with requests.Session() as session:
        token = refresh(
            where,
            settings.GOTO_CLIENT_ID,
            settings.GOTO_CLIENT_SECRET,
            refresh_token,
            session=session,
        )
        me = who_am_i(where, token.access_token, token, session=session)
    connection, _ = Connection.objects.update_or_create(
        organizer_key=me.organizer_key,
        defaults={
            "account_key": me.account_key or "",
            "email": me.email or token.principal or "",
            "refresh_token": token.refresh_token or refresh_token,
            "connected_at": timezone.now(),
        },
    )
    store(connection, token)
    connection.refresh_from_db()
    return connection
