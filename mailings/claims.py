"""Taking a recipient's row for one email, so that no one else sends to them in the meantime."""

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contacts.models import Contact
from mailings.eligibility import RECENT_DAYS, emailed_recently
from mailings.models import Mailing, Recipient
from mailings.models.mailing import RecipientQuerySet
from mailings.reasons import Reason

State = Recipient.State

# Someone to whom another mailing is being sent is tried again after this time, when it is known
# whether they got that one.
_OTHER_EMAIL = dt.timedelta(minutes=1)


def claim(row: Recipient, mailing: Mailing) -> bool:
    """Claim a waiting row by one conditional UPDATE; False where someone else has it, or where the
    person is left out or put off because of another email."""
    mine = Recipient.objects.waiting().filter(pk=row.pk, contact=row.contact_id)
    if not mailing.skip_recently_emailed:
        return _claim(mine)
    with transaction.atomic():
        # Two mailings check one after the other: each sees what the other claimed.
        person = Contact.objects.select_for_update(no_key=True).filter(pk=row.contact_id)
        list(person.values_list("pk"))
        # Claimed rows first: one that is sent between the two queries is found by the second. The
        # other way round it is found by neither.
        others = Recipient.objects.claimed().filter(contact=row.contact_id)
        if others.exclude(mailing=mailing).exists():
            mine.update(next_try_at=timezone.now() + _OTHER_EMAIL)
            return False
        if emailed_recently(mailing, [row.contact_id]):
            mine.update(
                state=State.SKIPPED, reason_code=Reason.RECENT, reason_params={"days": RECENT_DAYS}
            )
            return False
        return _claim(mine)


def _claim(mine: RecipientQuerySet) -> bool:
    claimed = mine.update(state=State.SENDING, claimed_at=timezone.now(), tries=F("tries") + 1)
    return bool(claimed)
