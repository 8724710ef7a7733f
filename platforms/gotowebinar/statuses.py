"""GoTo's words for how registrants and webinars stand, in ours."""

from platforms.records import Approval, RegistrantStatus

_STATUSES = {"WAITING": RegistrantStatus.AWAITING, "DENIED": RegistrantStatus.DENIED}


def status_of(text: str | None) -> RegistrantStatus:
    """Return how a registrant stands; a status that is not known yet counts as approved."""
    return _STATUSES.get((text or "").upper(), RegistrantStatus.APPROVED)


def approval_of(text: str | None) -> Approval:
    """Return who approves the registrants of a webinar."""
    is_manual = (text or "").upper().startswith("MANUAL")
    return Approval.MANUAL if is_manual else Approval.AUTOMATIC
