"""Conditions on connections and webhooks, each written once (see `core.conditions.through`)."""

from django.db.models import Q

# The platform accepts the sign-in, so pending work can be done.
IS_CONNECTED = Q(state="connected")
# Disconnected by a user: no calls are made.
IS_DISCONNECTED = Q(state="disconnected")
# Not disconnected; the platform may refuse the sign-in for now.
IS_SYNCED = ~IS_DISCONNECTED
NEEDS_SIGN_IN = Q(state="sign_in_needed")
IS_REFUSED = Q(refused_since__isnull=False)
HAS_TIME_DISCONNECTED = Q(disconnected_at__isnull=False)

# Webhooks of a connection.
ARE_OFF = Q(state="off")
ARE_ON = Q(state="on")
HAVE_TIME_ON = Q(on_since__isnull=False)
ARE_CLAIMED = ~Q(claim="")
HAVE_LEASE = Q(lease_until__isnull=False)

# A webhook event.
IS_PROCESSED = Q(done_at__isnull=False)
HAS_BODY = ~Q(body="")
