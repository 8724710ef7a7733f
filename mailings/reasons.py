"""Why a recipient did not get a mailing, or why it was paused: codes with their sentences (rule
13).

Rows store the code and its parameters; the sentence is shown in the reader's language, beside the
mail server's reply.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    """Why a recipient does not have the email; the label is the sentence, with its parameters."""

    UNSUBSCRIBED = "unsubscribed", _("They unsubscribed.")
    LEFT = "left", _("They have left the audience since it was chosen.")
    NO_CONSENT = "no-consent", _("They have not agreed to marketing emails.")
    RECENT = "recent", _("They were emailed in the last %(days)s days.")
    LACKING = "lacking", _("There is no value for %(names)s.")
    UNCHECKED = "unchecked", _("%(where)s has not said yet whether they still want emails.")
    NEVER_CHECKED = (
        "never-checked",
        _("%(where)s did not say within an hour whether they still want emails."),
    )
    REFUSED = "refused", _("The mail server does not accept email for this address.")
    ADDRESS = "address", _("This address cannot be written to.")
    MESSAGE = "message", _("The mail server rejected this email.")
    LATER = "later", _("The mail server could not accept it yet. It will be tried again.")
    TOO_OFTEN = "too-often", _("The mail server did not accept it after several tries.")
    LOST = (
        "lost",
        _("The process that sent it was ended. It may have been sent, so it is not repeated."),
    )
    BROKEN_OFF = "broken-off", _("The connection broke off while it was sent.")
    UNCLEAR = (
        "unclear",
        _("The mail server's reply could not be understood. The email may have been sent."),
    )


class Problem(models.TextChoices):
    """Why a mailing was paused automatically."""

    REFUSED = "refused", _("The mail server rejects our emails.")
    AWAY = "away", _("The mail server cannot be reached.")
    BROKEN_OFF = (
        "broken-off",
        _("The connection to the mail server was lost during the last emails."),
    )
    MESSAGES = "messages", _("The mail server rejected the last emails, one after the other.")
