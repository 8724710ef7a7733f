"""The conditions on connections, each written once (see `core.conditions.through`)."""

from django.db.models import Q

# The platform accepts the sign-in: what has to wait for it otherwise can be done.
IS_CONNECTED = Q(state="connected")
# Disconnected here by a person: nothing is asked of the platform.
IS_DISCONNECTED = Q(state="disconnected")
# Not disconnected; the platform may refuse the sign-in for now.
IS_SYNCED = ~IS_DISCONNECTED
