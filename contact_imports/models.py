"""Imports of files and lists of contacts, and the outcome of each line."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contact_imports.reasons import Reason
from contact_imports.sources import in_words, source_of
from contacts.models import Contact
from core.conditions import both_or_neither, implies
from webinars.models import Registration, Webinar

# How long an import can be undone, and its lines are kept.
UNDOABLE = dt.timedelta(days=30)

# States with a next step for a worker.
IS_RUNNING = Q(state__in=["reading", "checking", "importing", "undoing"])
_IS_UNDOING = Q(state="undoing")
_HAS_ENDED = Q(state__in=["done", "failed", "undone"])
_HAS_FINISHED = Q(finished_at__isnull=False)
_HAS_LEASE = Q(lease_until__isnull=False)
_HAS_FAILED = Q(state="failed")
_HAS_SUCCEEDED = Q(state__in=["done", "undone"])
_HAS_ERROR = ~Q(error="")


class ContactImport(models.Model):
    """A file that a user uploaded, what its columns mean, and its outcome.

    The file is stored in `ImportChunk`, where every machine finds it, until it is imported or
    discarded: afterwards its lines remain, each of which is deleted with its contact (rule 5). A
    worker holds the import until `lease_until`; if it is killed, the lease expires, and another
    worker continues after the lines that are `done`.

    A list of another system (`contact_imports.sources`) is first read into a CSV file, and then
    handled like an uploaded one.
    """

    class State(models.TextChoices):
        READING = "reading", _("Being read")
        UPLOADED = "uploaded", _("Uploaded")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        IMPORTING = "importing", _("Being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Failed")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    # Of a list, its name.
    filename = models.CharField(_("file"), max_length=255)
    # The source of a list and its key there; "" for a file.
    source = models.CharField(max_length=30, blank=True)
    source_key = models.CharField(max_length=255, blank=True)
    # The number of people on the list, and how many of them no longer have a record.
    source_size = models.PositiveIntegerField(null=True)
    source_missing = models.PositiveIntegerField(default=0)
    # The list's columns, [heading, meaning] each, and where the next portion begins.
    source_columns = models.JSONField(default=list, blank=True)
    source_position = models.JSONField(default=dict, blank=True)
    # When the end of the list was read.
    fetched_at = models.DateTimeField(null=True)
    # The file's size in bytes: an upload that was cut off has fewer.
    size = models.PositiveIntegerField(default=0)
    # The file's headings, and what each column means: the name of a property, or "".
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    # The first lines, for the page.
    sample = models.JSONField(default=list)
    # How the file is read, detected or chosen by the user. For an Excel file, its sheets.
    encoding = models.CharField(max_length=20, blank=True)
    sheet = models.CharField(max_length=255, blank=True)
    sheets = models.JSONField(default=list, blank=True)
    heading_row = models.PositiveIntegerField(default=1)
    # How the user wants it to be read instead: {"encoding", "sheet", "heading_row"}.
    read_as = models.JSONField(default=dict, blank=True)
    # Hashes (`ImportAddresses`) of people deleted while it is being read, to be looked for in it.
    look_for = models.JSONField(default=list, blank=True)
    # How often a worker has begun to read it.
    read_attempts = models.PositiveSmallIntegerField(default=0)
    webinar = models.ForeignKey(
        Webinar,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("registers for"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    # Who imported it: not always who uploaded it.
    run_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("imported by"),
    )
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("undone by"),
    )
    created_at = models.DateTimeField(_("uploaded"), db_default=Now())
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.UPLOADED)
    lease_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    # Lines processed, and their total.
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    wrong = models.PositiveIntegerField(_("lines with errors"), default=0)
    # How many would be refused, or were not registered, because they lack what the webinar
    # requires.
    lacking = models.PositiveIntegerField(default=0)
    # For how many people a value would be sent to the platform differently, or left out.
    sent_differently = models.PositiveIntegerField(default=0)
    # How many an undo left as they are, partly or completely.
    undo_skipped = models.PositiveIntegerField(default=0)
    # Why it failed: a code of contact_imports.reasons, or a source's code with parameters and its
    # own message. While a list is being read, why it is retried.
    error = models.CharField(_("error"), max_length=30, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    source_message = models.TextField(blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        constraints = [
            # An import being undone was finished before, or failed while it was being written.
            models.CheckConstraint(
                condition=both_or_neither(_HAS_ENDED, _HAS_FINISHED) | _IS_UNDOING,
                name="contact_imports_contactimport_finished_at_its_end",
            ),
            models.CheckConstraint(
                condition=implies(_HAS_LEASE, IS_RUNNING),
                name="contact_imports_contactimport_lease_while_running",
            ),
            models.CheckConstraint(
                condition=implies(_HAS_FAILED, _HAS_ERROR) & implies(_HAS_SUCCEEDED, ~_HAS_ERROR),
                name="contact_imports_contactimport_failed_has_error",
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_running(self) -> bool:
        return self.state in (
            self.State.READING, self.State.CHECKING, self.State.IMPORTING, self.State.UNDOING,
        )  # fmt: skip

    @property
    def changed_count(self) -> int:
        """Return how many people an import of it adds or changes."""
        return self.new + self.changed

    @property
    def duration(self) -> dt.timedelta | None:
        return self.finished_at - self.created_at if self.finished_at else None

    @property
    def undo_deadline(self) -> dt.datetime | None:
        """Return until when it can be undone; None if it cannot."""
        if self.state != self.State.DONE or self.finished_at is None:
            return None
        deadline = self.finished_at + UNDOABLE
        return deadline if timezone.now() < deadline else None

    @property
    def problem(self) -> Reason | None:
        return Reason(self.error, self.error_params) if self.error else None

    @property
    def source_words(self) -> str:
        """Return the message of the list's system about the problem."""
        return in_words(self.source, self.source_message)

    @property
    def can_be_read_again(self) -> bool:
        """Return whether it is a list that could not be read, and may be readable later."""
        failed = self.state == self.State.FAILED
        return failed and bool(self.source_key) and not self.columns

    @property
    def title(self) -> str:
        """Return the title: the name of a file, or of a list and its system."""
        source = source_of(self.source) if self.source else None
        if source is None:
            return self.filename
        count = self.done if self.fetched_at is None and self.done else self.source_size
        return source.title(self.filename, self.total or count)

    @property
    def stored_name(self) -> str:
        """Return the name by which the stored file is read: its extension tells the type."""
        return "list.csv" if self.source else self.filename


class ImportChunk(models.Model):
    """A chunk of an uploaded file while it is stored. So no process has the whole of it in memory,
    and progress can be saved without the file."""

    contact_import = models.ForeignKey(
        ContactImport, on_delete=models.CASCADE, related_name="chunks", db_index=False
    )
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        verbose_name = _("part of an uploaded file")
        verbose_name_plural = _("parts of uploaded files")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact_import", "number"], name="one_chunk_a_number_of_an_import"
            )
        ]

    def __str__(self) -> str:
        return str(self.number)


class ImportAddresses(models.Model):
    """The addresses in an uploaded file as short keyed hashes, while the file is stored: deleted
    people are in no file (rule 5), and no page has to read files to check that."""

    contact_import = models.OneToOneField(
        ContactImport, on_delete=models.CASCADE, related_name="addresses"
    )
    hashes = models.BinaryField()

    class Meta:
        verbose_name = _("addresses in an uploaded file")
        verbose_name_plural = _("addresses in uploaded files")

    def __str__(self) -> str:
        return str(self.contact_import_id)


class ImportLine(models.Model):
    """A line of a file: what an import would do with it, after the check; what it did, after the
    import.

    A line without a contact has none of the line's text, except for new people between check and
    import, while the file itself is stored too.
    """

    class Outcome(models.TextChoices):
        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        UNCHANGED = "unchanged", _("Unchanged")
        SKIPPED = "skipped", _("Skipped")
        WRONG = "wrong", _("With errors")

    class Undo(models.TextChoices):
        UNDONE = "undone", _("Undone")
        PARTLY = "partly", _("Partly undone")
        KEPT = "kept", _("Not undone")

    contact_import = models.ForeignKey(
        ContactImport, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    number = models.PositiveIntegerField(_("line"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, null=True, related_name="import_lines"
    )
    # The registration that the import created.
    registration = models.ForeignKey(
        Registration, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # [{"property", "old", "new"}]: all properties of a new person, the changed ones of an
    # existing one; "tags" and "marketing_consent" ("yes" or "no") as well.
    changes = models.JSONField(default=list)
    # What the webinar requires and they lack: names of fields, and texts of questions.
    lacking = models.JSONField(default=list)
    # Values that the platform would get differently (webinars.sent_values.SentValue).
    sent_differently = models.JSONField(default=list)
    # Why it was skipped, is wrong, or was left alone by an undo. For a list, "record" may be
    # among the parameters.
    code = models.CharField(max_length=30, blank=True)
    parameters = models.JSONField(default=dict)
    undo = models.CharField(_("undo"), max_length=10, choices=Undo, blank=True)

    class Meta:
        verbose_name = _("line of an import")
        verbose_name_plural = _("lines of imports")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact_import", "number"], name="one_row_a_line_of_an_import"
            )
        ]
        indexes = [
            models.Index(fields=["contact_import", "outcome", "number"], name="lines_by_outcome")
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.number}"

    @property
    def reason(self) -> Reason | None:
        return Reason(self.code, self.parameters) if self.code else None

    @property
    def record(self) -> str:
        """The person's id in the system of a list, where they are found by it alone."""
        return str(self.parameters.get("record", ""))
