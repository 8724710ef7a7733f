"""Hearing of changes within seconds: taking events in, doing what they hint at, and keeping the
platform's webhooks set up. The clock stays the safety net: nothing depends on an event coming.
"""
