"""The conditions on mailings and their recipients, each written once."""

from django.db.models import Q

IS_DRAFT = Q(state="draft")
# Being sent: the mailing, or the email to one recipient.
IS_SENDING = Q(state="sending")
IS_PAUSED = Q(state="paused")
IS_DONE = Q(state="done")
HAS_STARTED = Q(started_at__isnull=False)
HAS_FINISHED = Q(finished_at__isnull=False)
HAS_PROBLEM = ~Q(problem_code="")

IS_WAITING = Q(state="waiting")
IS_SENT = Q(state="sent")
IS_SKIPPED = Q(state="skipped")
# A process died, or the line broke, while it was sent.
MAY_HAVE_BEEN_SENT = Q(state="unknown")
# The recipient does not have the email, or it is not known.
IS_UNSENT = Q(state__in=["skipped", "failed", "unknown"])
HAS_TIME_SENT = Q(sent_at__isnull=False)
IS_CLAIMED = Q(claimed_at__isnull=False)
HAS_REASON = ~Q(reason_code="")
