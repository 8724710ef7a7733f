"""Making, writing and sending a mailing, and seeing what became of it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.audit import log_deletion
from core.numbers import whole_number
from mailings import audience as choosing
from mailings import opt_out_check
from mailings.composer import compose, values_of
from mailings.eligibility import RECENT_DAYS, prospect
from mailings.forms import MailingForm, StartFrom
from mailings.models import Mailing, Recipient
from mailings.placeholders import NAMES
from mailings.views import send
from mailings.views.rights import may_see, may_see_and_write, may_write
from segments.service import conditions, found_by
from webinars.audiences import LABELS, Audience, members
from webinars.filters import AudienceFilter
from webinars.models import Webinar

PAGE = 100
# So many people are offered to preview the email as.
_PREVIEWED = 50


@require_POST
@may_write
def write_to_audience(request: HttpRequest, webinar_id: int, name: str) -> HttpResponse:
    """Make a draft to an audience as it is filtered on its page, and open it."""
    webinar = get_object_or_404(Webinar, pk=webinar_id)
    try:
        audience = Audience(name)
    except ValueError:
        raise Http404(_("Unknown audience.")) from None
    query = QueryDict(request.POST.get("query", ""))
    chosen = AudienceFilter(query, queryset=members(webinar, audience))
    if chosen.unreadable_reason:
        # The page says why.
        page = reverse("webinars:audience", args=[webinar.pk, audience.value])
        return redirect(f"{page}?{query.urlencode()}")
    mailing = choosing.for_audience(
        webinar,
        audience,
        chosen.qs,
        filtered=any(query.get(name) for name in AudienceFilter.base_filters),
        user_id=request.user.pk,
        language=choosing.reader_language(),
    )
    return redirect("mailings:mailing", mailing.pk)


@require_POST
@may_write
def write_to_search(request: HttpRequest) -> HttpResponse:
    """Make a draft to the contacts that conditions find now, and open it."""
    query = conditions(QueryDict(request.POST.get("query", "")))
    if not query:
        messages.error(request, _("Choose conditions first: this would email everyone."))
        return redirect("segments:find")
    found = found_by(QueryDict(query))
    if found.unreadable_reason:
        return redirect(f"{reverse('segments:find')}?{query}")
    ids = found.qs.order_by("pk").values_list("pk", flat=True)
    mailing = choosing.for_contacts(
        ids.iterator(chunk_size=2000), user_id=request.user.pk, language=choosing.reader_language()
    )
    return redirect("mailings:mailing", mailing.pk)


@require_http_methods(["GET", "POST"])
@may_see_and_write
def mailing(request: HttpRequest, mailing_id: int) -> HttpResponseBase:
    """Show a mailing: a draft to be written, or how its sending goes."""
    shown = get_object_or_404(Mailing.objects.select_related("webinar"), pk=mailing_id)
    if shown.state != Mailing.State.DRAFT:
        return _progress_page(request, shown)
    form = MailingForm(request.POST or None, instance=shown)
    if request.POST.get("do") == "count":
        return _counted(request, shown, form)
    if request.method == "POST" and form.is_valid():
        try:
            _save(shown.pk, form.cleaned_data, request.POST.get("opened", ""))
        except _SendingError:
            messages.error(request, _("Not saved: it is being sent already."))
            return redirect("mailings:mailing", shown.pk)
        except _ChangedError:
            return _draft_page(request, shown, form, changed=True)
        return _next_step(request, shown.pk)
    return _draft_page(request, shown, form)


def _draft_page(
    request: HttpRequest, shown: Mailing, form: MailingForm, *, changed: bool = False
) -> HttpResponse:
    """Show a draft with what was typed, and the draft as it is saved where a colleague changed
    it."""
    # The form has written what was typed into the other one.
    saved = Mailing.objects.select_related("webinar").get(pk=shown.pk)
    found = prospect(saved)
    context = _context(request, saved) | {
        "form": form,
        "start": StartFrom(),
        # Where the form has mistakes, what it was opened with is compared when they are gone.
        "opened": (form.errors and request.POST.get("opened")) or send.version_of(saved),
        "changed": changed,
        "placeholders": [(f"{{{name}}}", meaning) for name, meaning in NAMES.items()],
        "prospect": found,
        "why_not": send.why_not(saved, found),
        **_preview(request, saved, found.first_who_gets_it),
    }
    status = 409 if changed else 422 if form.errors else 200
    return TemplateResponse(request, "mailings/draft.html", context, status=status)


def _counted(request: HttpRequest, shown: Mailing, form: MailingForm) -> HttpResponse:
    """Show who would get the email as it was typed, without saving it. Fields with mistakes are as
    they were saved."""
    form.is_valid()
    found = prospect(shown)
    context = _context(request, shown)
    context |= {"prospect": found, "why_not": send.why_not(shown, found)}
    return TemplateResponse(request, "mailings/draft_counts.html", context)


class _SendingError(Exception):
    """The draft is none any more."""


class _ChangedError(Exception):
    """Someone else saved the draft after its page was opened."""


@transaction.atomic
def _save(pk: int, values: dict[str, Any], opened: str) -> None:
    """Save a draft whose page was opened with the version `opened`. Raises _SendingError and
    _ChangedError."""
    drafts = Mailing.objects.select_for_update().filter(pk=pk, state=Mailing.State.DRAFT)
    saved = drafts.first()
    if saved is None:
        raise _SendingError
    if opened and opened != send.version_of(saved):
        raise _ChangedError
    drafts.update(**values)


def _next_step(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Do what the button that was pressed says, with what has just been saved."""
    pressed = request.POST.get("do", "")
    if pressed == "send":
        return send.send(request, pk)
    if pressed == "test":
        return send.test(request, pk)
    if pressed == "template":
        return start_from(request, pk)
    messages.success(request, _("Saved."))
    shown_as = urlencode({"as": request.POST["as"]}) if request.POST.get("as") else ""
    return redirect(f"{reverse('mailings:mailing', args=[pk])}?{shown_as}".rstrip("?"))


def _context(request: HttpRequest, shown: Mailing) -> dict[str, Any]:
    audience = LABELS[Audience(shown.audience)] if shown.audience else ""
    return {
        "title": str(shown),
        "mailing": shown,
        "audience": audience,
        "filtered": shown.filtered,
        "mail_ready": settings.MAIL_READY,
        "own_address": getattr(request.user, "email", ""),
        "days": RECENT_DAYS,
    }


def _preview(request: HttpRequest, shown: Mailing, usual: int | None) -> dict[str, Any]:
    """Return the email as a chosen recipient would get it, or else the recipient `usual`."""
    people = shown.recipients.select_related("contact", "registration__webinar", "mailing__webinar")
    wanted = whole_number(request.GET.get("as")) or usual or 0
    chosen = people.filter(pk=wanted).first() or people.first()
    if chosen is None:
        return {}
    return {
        "previewed": chosen,
        "others": people[:_PREVIEWED],
        "mail": compose(chosen, values_of(shown), example=True),
    }


def _progress_page(request: HttpRequest, shown: Mailing) -> HttpResponse:
    rows = shown.recipients.select_related("contact")
    state = request.GET.get("state", "")
    if state in Recipient.State.values:
        rows = rows.filter(state=state)
    context = _context(request, shown) | {
        **status(shown),
        "states": [
            (value, label, _counts(shown).get(value, 0)) for value, label in Recipient.State.choices
        ],
        "reasons": _reasons(shown),
        "chosen": state,
        "query": f"state={state}" if state else "",
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
    }
    return TemplateResponse(request, "mailings/progress.html", context)


def _reasons(shown: Mailing) -> list[tuple[int, str]]:
    """Return how many were left out, and why, for each reason; the most first."""
    rows = shown.recipients.skipped().order_by().values_list("reason_code", "reason_params")
    return [
        (count, Recipient(reason_code=code, reason_params=params).reason)
        for code, params, count in rows.annotate(n=Count("pk")).order_by("-n")
    ]


def _counts(shown: Mailing) -> dict[str, int]:
    rows = shown.recipients.order_by().values_list("state").annotate(n=Count("pk"))
    return dict(rows)


def status(shown: Mailing) -> dict[str, Any]:
    """Return how far the sending is, in figures and in words."""
    counts = _counts(shown)
    total = sum(counts.values())
    left = counts.get("waiting", 0) + counts.get("sending", 0)
    if shown.state == Mailing.State.SENDING and shown.checked_at is None and shown.to_check:
        checking = opt_out_check.left(shown)
        progress = ngettext(
            "Checking %(count)d person with %(where)s: %(done)d done",
            "Checking %(count)d people with %(where)s: %(done)d done",
            shown.to_check,
        ) % {
            "count": shown.to_check,
            "where": opt_out_check.labels(shown),
            "done": max(0, shown.to_check - checking),
        }
        return {
            "total": shown.to_check,
            "done": max(0, shown.to_check - checking),
            "text": progress,
            "going": True,
        }
    progress = _("%(state)s: sent %(sent)d of %(total)d, %(done)d processed") % {
        "state": shown.get_state_display(),
        "done": total - left,
        "total": total,
        "sent": counts.get("sent", 0),
    }
    return {
        "total": total,
        "done": total - left,
        "text": progress,
        "going": shown.state == "sending",
    }


@require_GET
@may_see
def progress(request: HttpRequest, mailing_id: int) -> JsonResponse:
    """Return how far the sending is, for the page to show."""
    shown = get_object_or_404(Mailing, pk=mailing_id)
    return JsonResponse(status(shown))


@require_POST
@may_write
def start_from(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """Copy a template into a draft; over a text of someone's own only once that is confirmed."""
    draft = get_object_or_404(Mailing, pk=mailing_id, state=Mailing.State.DRAFT)
    form = StartFrom(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a template first."))
        return redirect("mailings:mailing", draft.pk)
    template = form.cleaned_data["template"]
    if choosing.is_own_text(draft) and "sure" not in request.POST:
        context = {"title": str(draft), "mailing": draft}
        context["template"] = template
        return TemplateResponse(request, "mailings/confirm_template.html", context)
    choosing.start_from(draft, template)
    return redirect("mailings:mailing", draft.pk)


@require_POST
@may_write
def discard(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """Delete a draft; what was sent is kept."""
    draft = get_object_or_404(Mailing, pk=mailing_id, state=Mailing.State.DRAFT)
    log_deletion(request.user.pk, draft, "audit.draft-discarded")
    draft.delete()
    messages.success(request, _("Draft discarded. No email was sent."))
    return redirect("admin:mailings_mailing_changelist")
