"""The steps from everyone here to the platform's list, as text (rule 9).

Pure functions from numbers to sentences. The meaning of each reason is written only here.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from sync.models import Reason, Reconciliation, Side
from sync.models.reconciliation import Counts, adds_up


@dataclass(frozen=True, slots=True)
class Step:
    """How many people are on one side for one reason; `why` explains it."""

    reason: Reason
    side: Side
    count: int
    why: str

    @property
    def unexplained(self) -> bool:
        return self.reason == Reason.UNEXPLAINED


@dataclass(frozen=True, slots=True)
class Report:
    """Everyone here, minus `less`, are those on both lists; adding `more` gives the platform's."""

    less: list[Step]
    more: list[Step]
    adds_up: bool


# The usual reasons, shown even with no people; others are shown only if there are any.
_LESS = (Reason.CANCELLED, Reason.OVERFLOW, Reason.PENDING, Reason.REJECTED, Reason.UNEXPLAINED)
_MORE = (Reason.DELETED, Reason.NEW, Reason.TWICE, Reason.NAMELESS, Reason.UNEXPLAINED)


def build(reconciliation: Reconciliation, counts: Counts, *, sync_enabled: bool) -> Report:
    """Return the report of a finished reconciliation; unexplained people are a step only if there
    are any."""

    def steps(side: Side, reasons: tuple[Reason, ...]) -> list[Step]:
        # A reason of the other side would be lost, and the numbers would not add up.
        met = {Reason(why) for where, why in counts if where == side}
        every = [*reasons, *(reason for reason in Reason if reason in met - {*reasons})]
        found = [
            Step(
                reason,
                side,
                counts.get((side.value, reason.value), 0),
                explain(reason, sync_enabled=sync_enabled),
            )
            for reason in every
        ]
        return [step for step in found if step.count or not step.unexplained]

    return Report(
        steps(Side.HERE, _LESS),
        steps(Side.PLATFORM, _MORE),
        adds_up(reconciliation.here, reconciliation.on_platform, reconciliation.both, counts),
    )


def explain(reason: Reason, *, sync_enabled: bool) -> str:
    """Return why people with `reason` are on one list only, in one or two sentences."""
    if reason == Reason.NEW and not sync_enabled:
        return _(
            "They registered in GoToWebinar, and sync is off for this webinar. Turn on "
            "sync to add them here."
        )
    return {
        Reason.CANCELLED: _(
            "They cancelled in GoToWebinar, which removes them from its list. They stay "
            "registered here, so that no one is lost."
        ),
        Reason.OVERFLOW: _(
            "GoToWebinar was full when they registered here. They stay here and can be emailed."
        ),
        Reason.PENDING: _(
            "They registered here and GoToWebinar doesn't have them yet. They are sent "
            "automatically within minutes."
        ),
        Reason.REJECTED: _(
            "They registered here and GoToWebinar rejected them. See GoToWebinar's "
            "message next to each."
        ),
        Reason.WALK_IN: _(
            "They attended, and GoToWebinar has no registration for them. They are kept "
            "here with their attendance."
        ),
        Reason.DELETED: _(
            "They were deleted here and stay deleted, and GoToWebinar still has them on its list."
        ),
        Reason.NEW: _(
            "They registered in GoToWebinar since the last sync. The next sync adds them here."
        ),
        Reason.TWICE: _(
            "GoToWebinar has the same person more than once on its list. Here that is one person."
        ),
        Reason.NAMELESS: _(
            "GoToWebinar has no first name, last name or email for them. Without these, "
            "no contact can be created."
        ),
        Reason.INTERNAL: _(
            "They speak at this webinar or belong to your company, and are not on "
            "GoToWebinar's list of registrants. They are left out of figures and audiences."
        ),
        Reason.UNEXPLAINED: _(
            "This should not happen. Sync this webinar and check again; if they stay, show this "
            "page to the operator."
        ),
    }[reason]
