"""The guide within the application: which chapter helps with which page, and the chapters as HTML.

The chapters are files of our own in `docs/`, read once in each process. HTML in them stays text.
"""

import functools
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_GET
from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.permissions import permitted

# The files by their names in addresses, in the order of the list of chapters.
CHAPTERS = {
    "marketers": "guide/README.md",
    "registration-form": "registration-form.md",
    "mailings": "mailings.md",
    "differences": "differences.md",
    "exports": "exports.md",
    "hubspot": "hubspot.md",
    "connections": "connections.md",
    "operators": "guide/administration.md",
    "glossary": "glossary.md",
}
# What helps on the pages whose names begin so; the longest beginning counts.
PAGES = {
    "admin:index": "marketers#dashboard",
    "admin:app_list": "marketers",
    "admin:password_change": "operators#your-profile",
    "my_profile": "operators#your-profile",
    "help": "marketers",
    "admin:auth_": "operators#users",
    "send_password_link": "operators#users",
    "admin:admin_logentry_": "operators#audit-log",
    "admin:django_q_": "operators#background-jobs",
    "admin:contacts_contact_": "marketers#a-contact",
    "admin:contacts_contact_changelist": "marketers#find-people-to-write-to",
    "admin:contacts_contact_export": "exports",
    "admin:contacts_tag_": "marketers#a-contact",
    "admin:contacts_optout_": "mailings#unsubscribing",
    "contacts:": "marketers#a-contact",
    "contacts:retention": "operators#data-retention",
    "segments:": "marketers#find-people-to-write-to",
    "contact_imports:": "marketers#import-a-file",
    "contact_imports:import_list": "hubspot#import-a-list",
    "contact_imports:read_list": "hubspot#import-a-list",
    "admin:mailings_": "mailings#writing",
    "admin:mailings_mailing_": "mailings",
    "mailings:": "mailings#writing",
    "mailings:progress": "mailings#while-it-is-being-sent",
    "mailings:send": "mailings#before-sending",
    "admin:webinars_webinar_": "marketers#a-webinar",
    "admin:webinars_webinar_changelist": "marketers#webinars",
    "admin:webinars_registration_": "operators#records",
    "admin:webinars_internaladdress_": "marketers#internal-people",
    "webinars:": "marketers#a-webinar",
    "webinars:submitted_values": "differences#data-updates",
    "admin:registration_forms_consenttext_": "operators#consent-texts",
    "admin:registration_forms_submission_": "operators#records",
    "registration_forms:": "registration-form",
    "registration_forms:correct": "registration-form#what-happens-to-a-registration",
    "admin:sync_syncrun_": "operators#records",
    "sync:": "marketers#a-webinar",
    "sync:waiting": "registration-form#full-webinars",
    "sync:reconciliation": "differences#compare-with-gotowebinar",
    "sync:connection": "connections#the-connections-page",
    "sync:disconnect": "connections#the-connections-page",
    "admin:platforms_connection_": "connections",
    "platforms:": "connections",
    "destinations:": "hubspot",
}
_LINK_TO_PICTURE = r"\[[^\]]+\]\([^)]+\.png\)"
# "([in dark mode](….png), [on a phone](….png))": pictures are left out, and so is this.
_PICTURES = re.compile(rf" \({_LINK_TO_PICTURE}(?:(?:, | and ){_LINK_TO_PICTURE})*\)")


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the guide: its heading, the rest as HTML, and the addresses of its headings."""

    title: str
    html: SafeString
    anchors: frozenset[str]


def address_for(view_name: str) -> str:
    """Return the address of what helps on the page called `view_name`."""
    found = max((name for name in PAGES if view_name.startswith(name)), key=len, default="help")
    chapter, mark, anchor = PAGES[found].partition("#")
    return f"{reverse('help', args=[chapter])}{mark}{anchor}"


@require_GET
@permitted()
def help_page(request: HttpRequest, chapter: str) -> HttpResponse:
    """Show a chapter of the guide."""
    if chapter not in CHAPTERS:
        raise Http404
    context = {
        "title": read(chapter).title,
        "chapter": chapter,
        "html": read(chapter).html,
        "chapters": [(name, read(name).title) for name in CHAPTERS],
        "translated": (get_language() or "en").startswith("en"),
    }
    return TemplateResponse(request, "webinarsync/help.html", context)


@functools.cache
def read(name: str) -> Chapter:
    """Return a chapter."""
    here = PurePosixPath(CHAPTERS[name])
    file = settings.BASE_DIR / f"docs/{here}"
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(_PICTURES.sub("", file.read_text(encoding="utf-8")))
    anchors, title = set(), ""
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type == "heading_open":
            anchor = anchor_of(inline.content)
            opening.attrSet("id", anchor)
            anchors.add(anchor)
            title = title or inline.content
        if inline.type == "inline":
            inline.children = _without_pictures(
                inline.children or [], PurePosixPath(CHAPTERS[name])
            )
    # The heading of the page is the chapter's.
    body = tokens[3:] if tokens[0].type == "heading_open" else tokens
    html: str = parser.renderer.render(body, parser.options, {})
    # The files are ours, and tags in them are escaped.
    return Chapter(title, mark_safe(html), frozenset(anchors))


def anchor_of(heading: str) -> str:
    """Return the address of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _without_pictures(tokens: list[Token], file: PurePosixPath) -> list[Token]:
    """Lead links to other chapters there, and leave out pictures and links to what is not here."""
    kept, links = [], []
    for token in tokens:
        if token.type == "image":
            continue
        if token.type == "link_open":
            target = _target(str(token.attrGet("href") or ""), file)
            links.append(target)
            if not target:
                continue
            token.attrSet("href", target)
        elif token.type == "link_close" and not links.pop():
            continue
        kept.append(token)
    return kept


def _target(href: str, file: PurePosixPath) -> str:
    """Return where a link of `file` leads within the application; "" for nowhere."""
    if href.startswith(("https://", "#")):
        return href
    path, mark, anchor = href.partition("#")
    parts: list[Any] = []
    for part in (file.parent / path).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    by_file = {written: name for name, written in CHAPTERS.items()}
    name = by_file.get("/".join(parts))
    return f"{reverse('help', args=[name])}{mark}{anchor}" if name else ""
