"""The messages of failed syncs, checks and pushes."""

from django.utils.translation import gettext_lazy as _

from core import messages

messages.register(
    {
        "sync.ended": _(
            "The process that ran this was ended. The next run continues where it stopped."
        ),
        "sync.gave-way": _("Others needed the calls. The next run continues."),
        "job.ended": _("The process that checked was ended. Check again."),
        "push.webinar-gone": _("The webinar was cancelled on GoToWebinar."),
        "push.webinar-over": _("The webinar was over before this could be sent."),
        "push.full": _("The webinar was full. This person stays here and can be emailed."),
        "push.similar-address": _(
            "GoToWebinar treats this email address as the same as a similar one. Please "
            "use another address."
        ),
        "push.refused": _("GoToWebinar rejected this registration. Its message says why."),
        "push.fields-refused": _("GoToWebinar refused this registration because of: %(fields)s."),
    }
)
