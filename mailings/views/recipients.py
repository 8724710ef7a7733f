"""Who a draft is written to: each person, whether they would get it now, and if not, why."""

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from mailings.eligibility import RECENT_DAYS, Group, candidates
from mailings.models import Mailing, Recipient
from mailings.views.rights import may_see

PAGE = 100


@require_GET
@may_see
def recipients(request: HttpRequest, mailing_id: int) -> HttpResponse:
    """Show the recipients of a draft, all or one group of them."""
    draft = get_object_or_404(Mailing.objects.select_related("webinar"), pk=mailing_id)
    if draft.state != Mailing.State.DRAFT:
        # Each has a result there.
        return redirect("mailings:mailing", draft.pk)
    wanted = request.GET.get("group", "")
    found = {item.recipient_id: item for item in candidates(draft)}
    counts = Counter(group for item in found.values() for group in item.groups)
    if wanted in set(Group):
        chosen = [pk for pk, item in found.items() if wanted in item.groups]
    else:
        wanted, chosen = "", list(found)
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    rows = Recipient.objects.select_related("contact").in_bulk(list(page.object_list))
    context: dict[str, Any] = {
        "title": str(draft),
        "subtitle": _("Recipients"),
        "mailing": draft,
        "total": len(found),
        "tabs": [(group, group.label, counts[group]) for group in Group if counts[group]],
        "chosen": wanted,
        "query": f"group={wanted}" if wanted else "",
        "page": page,
        "rows": [
            (rows[pk], _words(found[pk].reason), found[pk].declined)
            for pk in page.object_list
            if pk in rows
        ],
    }
    return TemplateResponse(request, "mailings/recipients.html", context)


def _words(reason: str | None) -> str:
    """Return why someone is left out; "" where they get it."""
    if reason is None:
        return ""
    params = {"days": RECENT_DAYS, "names": "{join_link}"}
    return Recipient(reason_code=reason, reason_params=params).reason
