"""Convert GoTo's statuses of registrants and webinars to ours."""

from platforms.records import Approval, RegistrantStatus

_STATUSES = {"WAITING": RegistrantStatus.AWAITING, "DENIED": RegistrantStatus.DENIED}


def status_of(text: str | None) -> RegistrantStatus:
    """Return the status of a registrant; an unknown one counts as approved."""
    return _STATUSES.get((text or "").upper(), RegistrantStatus.APPROVED)


def approval_of(text: str | None) -> Approval:
    """Return who approves the registrants of a webinar."""
    is_manual = (text or "").upper().startswith("MANUAL")
    return Approval.MANUAL if is_manual else Approval.AUTOMATIC
