"""Process webhook events, so that changes appear within seconds.

Scheduled syncs remain the safety net: nothing depends on an event.
"""
