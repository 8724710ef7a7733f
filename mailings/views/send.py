"""The buttons of a mailing: test, send, pause, go on."""

import json

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core.audit import Action, log_change
from core.numbers import whole_number
from mailings import preview, sender, tasks
from mailings.composer import compose, values_of
from mailings.eligibility import RECENT_DAYS, Prospect, prospect
from mailings.models import Mailing, Recipient
from mailings.views.rights import may_steer, may_write


@require_POST
@may_write
def test(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """Send a test: what the previewed person would get, to the user's own address."""
    recipient = get_object_or_404(
        Recipient.objects.select_related("mailing__webinar", "contact", "registration__webinar"),
        mailing=mailing_id,
        pk=whole_number(request.POST.get("as")) or 0,
    )
    address = str(getattr(request.user, "email", ""))
    if not settings.MAIL_READY:
        messages.error(request, _no_server())
    elif not address:
        messages.error(request, _("Your account has no email address. Ask the operator to add it."))
    else:
        try:
            preview.send_test(recipient, address)
            message = _("The test is on its way to %(address)s.") % {"address": address}
            messages.success(request, message)
        except sender.MailServerAway as away:
            message = _("The mail server rejected the test email. Its reply: %(words)s")
            messages.error(request, message % {"words": away.server_message})
    return redirect(f"{reverse('mailings:mailing', args=[mailing_id])}?as={recipient.pk}")


@require_POST
@may_write
def send(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """Ask again with the number of people and the text, then send that very text."""
    mailing = get_object_or_404(Mailing.objects.select_related("webinar"), pk=mailing_id)
    found = prospect(mailing)
    problem = why_not(mailing, found)
    if problem:
        messages.error(request, problem)
        return redirect("mailings:mailing", mailing_id)
    if "sure" not in request.POST:
        return _confirm(request, mailing, found)
    seen = request.POST.get("version", "")
    with transaction.atomic():
        # A colleague's change waits for this transaction, and is refused once sending has begun.
        mailing = Mailing.objects.select_for_update(of=("self",)).get(pk=mailing_id)
        changed = bool(seen) and seen != version_of(mailing)
        started = not changed and sender.start(mailing)
    if changed:
        messages.warning(
            request, _("The email has been changed in the meantime. Please check it again.")
        )
        return _confirm(request, mailing, prospect(mailing))
    if started:
        count = {"count": mailing.recipients.count()}
        log_change(request.user.pk, mailing, "audit.sending-started", count, action=Action.SENT)
        tasks.queue(mailing)
    return redirect("mailings:mailing", mailing_id)


def _confirm(request: HttpRequest, mailing: Mailing, found: Prospect) -> HttpResponse:
    people = mailing.recipients.select_related("contact", "registration__webinar", "mailing")
    example = people.order_by("pk")[0]
    if found.first_who_gets_it is not None:
        example = people.get(pk=found.first_who_gets_it)
    context = {
        "title": str(mailing),
        "mailing": mailing,
        "version": version_of(mailing),
        "prospect": found,
        "days": RECENT_DAYS,
        "sender": settings.DEFAULT_FROM_EMAIL,
        "example": example,
        "mail": compose(example, values_of(mailing), example=True),
    }
    return TemplateResponse(request, "mailings/confirm_send.html", context)


def version_of(mailing: Mailing) -> str:
    """Return what differs whenever what people would read differs, or who is left out."""
    parts = [
        mailing.subject,
        mailing.text,
        mailing.recording_url,
        mailing.language,
        mailing.skip_recently_emailed,
        mailing.skip_without_consent,
    ]
    return salted_hmac("mailings.version", json.dumps(parts)).hexdigest()


def why_not(mailing: Mailing, found: Prospect) -> str:
    """Return why a mailing cannot be sent, in a sentence that says what to do."""
    if not settings.MAIL_READY:
        return _no_server()
    if not mailing.subject.strip() or not mailing.text.strip():
        return _("Write a subject and a text first, and save them.")
    if found.lacking:
        names = ", ".join(f"{{{name}}}" for name in sorted(found.lacking))
        message = _(
            "Nothing to fill in for %(names)s. Enter a value or take it out of the text, then save."
        )
        return message % {"names": names}
    return "" if found.will_get else _("No one would receive this email.")


def _no_server() -> str:
    return _("No mail server is set up. Ask the operator to set EMAIL_URL and PUBLIC_URL.")


@require_POST
@may_steer
def pause(request: HttpRequest, mailing_id: int) -> HttpResponse:
    mailing = get_object_or_404(Mailing, pk=mailing_id)
    sender.pause(mailing)
    log_change(request.user.pk, mailing, "audit.sending-paused")
    messages.success(request, _("Paused. No emails are sent until you resume."))
    return redirect("mailings:mailing", mailing_id)


@require_POST
@may_steer
def resume(request: HttpRequest, mailing_id: int) -> HttpResponse:
    mailing = get_object_or_404(Mailing, pk=mailing_id)
    if not settings.MAIL_READY:
        messages.error(request, _no_server())
    elif sender.start(mailing):
        log_change(request.user.pk, mailing, "audit.sending-resumed")
        tasks.queue(mailing)
    return redirect("mailings:mailing", mailing_id)


@require_POST
@may_steer
def repeat(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """Send again to those who may have got it, or whose mail was not taken: a person decided so."""
    mailing = get_object_or_404(Mailing, pk=mailing_id)
    if request.POST.get("state") == Recipient.State.FAILED:
        count = sender.send_failed_again(mailing)
    else:
        count = sender.send_unknown_again(mailing)
    if count:
        params = {"count": count}
        log_change(request.user.pk, mailing, "audit.sending-again", params, action=Action.SENT)
        tasks.queue(mailing)
    message = ngettext(
        "%(count)d person is written to again.", "%(count)d people are written to again.", count
    )
    messages.success(request, message % {"count": count})
    return redirect("mailings:mailing", mailing_id)
