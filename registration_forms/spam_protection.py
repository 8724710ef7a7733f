"""Protect the public form against robots without turning people away.

A signed timestamp shows that a page of ours was opened, and when. Submissions are counted per
network and per email address; over the limit a person is told when to try again, and keeps
everything typed.
"""

import datetime as dt
import hashlib
import hmac
import time
from collections.abc import Collection

from django.conf import settings
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from contacts.matching import ids_by_email
from core.client_address import client_network
from core.emails import email_key
from registration_forms.models import Submission

WINDOW = dt.timedelta(minutes=10)
# Within this time a network may learn of a few people that they are registered.
KNOWN_PEOPLE_WINDOW = dt.timedelta(hours=1)
# A page left open for longer asks to send it again, with everything typed (seconds).
OPEN_FOR = 24 * 3600
_SALT = "webinars.form"


def sign_form(slug: str) -> str:
    """Return a signed stamp that the form of webinar `slug` was opened now."""
    return signing.dumps([slug, time.time()], salt=_SALT)


def form_age(stamped: str, slugs: Collection[str]) -> float | None:
    """Return how many seconds ago a form of one of `slugs` was opened; None for a forged or expired
    stamp."""
    try:
        slug, opened_at = signing.loads(stamped, salt=_SALT)
    except signing.BadSignature:
        return None
    age: float = time.time() - opened_at
    return age if slug in slugs and age <= OPEN_FOR else None


def sender_hash(request: HttpRequest) -> str:
    """Return a keyed hash of the network of `request`."""
    key = settings.CONTACT_HASH_KEY.encode()
    return hmac.new(key, f"sender:{client_network(request)}".encode(), hashlib.sha256).hexdigest()


def throttle_seconds(sender: str, email: str, earlier: Submission | None = None) -> int:
    """Return how many seconds a submission has to wait, 0 for none.

    Whole offices share one network, so its limit is generous; there are few reasons to submit one
    email address repeatedly from the same network. Submissions from elsewhere do not count, and
    none count for someone with the link of `earlier`, a submission that registered the same person.
    """
    recent = Submission.objects.filter(sender=sender, submitted_at__gt=timezone.now() - WINDOW)
    wait = _wait(recent, settings.FORM_PER_ADDRESS)
    # The person is looked up only if the network has as many submissions as one person may have.
    if _wait(recent, settings.FORM_PER_EMAIL):
        same_person = _of_person(recent, email_key(email), earlier)
        wait = max(wait, _wait(same_person, settings.FORM_PER_EMAIL))
    return wait


def _of_person(
    recent: QuerySet[Submission], key: str, earlier: Submission | None
) -> QuerySet[Submission]:
    contact_id = ids_by_email([key]).get(key)
    if contact_id is None or (
        earlier is not None
        and earlier.created_by_form
        and earlier.registration.contact_id == contact_id
    ):
        return recent.none()
    return recent.filter(registration__contact=contact_id)


def known_people_limit_reached(sender: str) -> bool:
    """Return whether `sender` has learned of as many registered people as allowed."""
    most: int = settings.FORM_KNOWN_PER_ADDRESS
    if not (most and settings.FORM_PER_ADDRESS):
        return False
    since = timezone.now() - KNOWN_PEOPLE_WINDOW
    recent = Submission.objects.filter(sender=sender, submitted_at__gt=since, created_by_form=False)
    people: int = recent.values("registration").distinct().count()
    return people >= most


def _wait(postings: QuerySet[Submission], most: int) -> int:
    """Return the seconds until fewer than `most` submissions are younger than WINDOW."""
    times = postings.order_by("-submitted_at").values_list("submitted_at", flat=True)
    full = times[most - 1 : most].first() if most > 0 else None
    if full is None:
        return 0
    return max(1, round((full + WINDOW - timezone.now()).total_seconds()))
