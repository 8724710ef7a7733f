"""A file of contacts on its way in."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from webinars.models.webinar import Webinar


class ContactImport(models.Model):
    """A file that somebody uploaded, what its columns mean, and what became of it.

    The file itself is kept here, where every machine finds it, until it is imported or given up:
    afterwards only numbers are left (rule 5: whoever is deleted leaves nothing behind). A worker
    holds it until `lease_until`; one that dies loses it by the clock, and another begins again.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        IMPORTING = "importing", _("Being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Failed")

    filename = models.CharField(_("file"), max_length=255)
    content = models.BinaryField()
    # The file's headings, and what each column means: the name of a property, or "".
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    # What stands in the first lines.
    sample = models.JSONField(default=list)
    webinar = models.ForeignKey(
        Webinar,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("registers for"),
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    made_at = models.DateTimeField(_("uploaded"), db_default=Now())
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    # Lines looked at, of how many.
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    wrong = models.PositiveIntegerField(_("lines with errors"), default=0)
    registered = models.PositiveIntegerField(_("registered"), default=0)
    # [line, sentence] of the first errors: numbers and words, never what stood in the line.
    errors = models.JSONField(default=list)
    error = models.TextField(_("what went wrong"), blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.filename

    @property
    def works(self) -> bool:
        return self.state in (self.State.CHECKING, self.State.IMPORTING)

    @property
    def people(self) -> int:
        """How many people an import of it adds or changes."""
        return self.new + self.changed

    @property
    def duration(self) -> dt.timedelta | None:
        return self.finished_at - self.made_at if self.finished_at else None
