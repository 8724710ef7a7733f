"""Lists and pages of records show readable text; keys are collapsed."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule

from core.audit import Action
from operations import schedules
from operations.schedules import JOBS
from sync.models import SyncRun
from tests.factories import SubmissionFactory, SyncRunFactory
from tests.fixtures.world import World, signed_in
from webinarsync import roles, theme

pytestmark = [pytest.mark.django_db, pytest.mark.pure]
SITE: dict[Any, Any] = admin.site._registry


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def title_and_heading(page: str) -> tuple[str, str]:
    """Return the title of the browser's tab, and the last part of the heading."""
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    heading = re.search(r"<h1.*?</h1>", page, re.DOTALL)
    assert title and heading
    links = re.findall(r"<a [^>]*>(.*?)</a>", heading[0], re.DOTALL)
    return unescape(title[1]).strip(), unescape(links[-1]).strip()


def test_each_list_is_called_as_the_menu_calls_it(world: World) -> None:
    root = User.objects.create_superuser("root", password=None)
    client = Client()
    client.force_login(root)
    request = RequestFactory().get("/")
    request.user = root
    navigation: Any = theme.UNFOLD["SIDEBAR"]
    menu = {
        str(item["link"]): str(item["title"])
        for group in navigation["navigation"]
        for item in group["items"]
    }
    seen = 0
    for model, pages in SITE.items():
        if not pages.has_view_permission(request):
            continue
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        title, heading = title_and_heading(shown(client, path))
        assert title == f"{heading} | WebinarSync"
        assert heading == menu.get(path, heading)
        seen += path in menu
    assert seen > 10


def test_a_sync_run_in_words(world: World, marketer: Client) -> None:
    mia = User.objects.create_user("mia", first_name="Mia", last_name="M", is_staff=True)
    run = SyncRunFactory.create(
        webinar=world.webinar, failed=True, trigger=SyncRun.Trigger.MANUAL, started_by=mia,
        new_contacts=1, new_registrations=2, started_at=timezone.now(),
        platform_message="Too many cooks",
    )  # fmt: skip
    listed = shown(marketer, "/admin/sync/syncrun/")
    assert "Manual · Mia M" in listed and "1 contact, 2 registrations" in listed
    page = shown(marketer, f"/admin/sync/syncrun/{run.pk}/change/")
    assert "Too many cooks" in page and "Technical details" in page
    # The connection and the colleague are named, without a link to an operators' page.
    main = page[page.index("<main") :]
    assert str(run.connection) in main
    assert "/admin/platforms/connection/" not in main and "/admin/auth/user/" not in main
    title, heading = title_and_heading(page)
    assert title == f"{heading} | WebinarSync" and heading.startswith("A webinar · ")


def test_a_registration_in_words(world: World, marketer: Client) -> None:
    registration = world.registrations[1]
    registration.submitted = {
        "email": "p1@example.com", "job_title": "Engineer", "answers": [["Why?", "Because"]],
    }  # fmt: skip
    registration.save()
    page = shown(marketer, f"/admin/webinars/registration/{registration.pk}/change/")
    assert re.search(r"<dt>Job title</dt>\s*<dd>Engineer</dd>", page)
    assert re.search(r"<dt>Why\?</dt>\s*<dd>Because</dd>", page)
    assert "{&#x27;" not in page and "&quot;" not in page[page.index("<main") :]
    before = page[: page.index("Technical details")]
    assert registration.registrant_key not in re.sub(
        r"value=\S+", "", before[before.index("<h1") :]
    )


def test_a_form_submission_shows_where_it_came_from(world: World, marketer: Client) -> None:
    registration = world.registrations[0]
    registration.referral_source = "newsletter"
    registration.save()
    submission = SubmissionFactory.create(registration=registration, origin={"language": "en"})
    for path in ("", f"{submission.pk}/change/"):
        page = shown(marketer, f"/admin/registration_forms/submission/{path}")
        assert "newsletter" in page and "language: en" not in page


def test_background_jobs_have_names(world: World) -> None:
    schedules.install()
    operator = signed_in(roles.OPERATORS)
    listed = shown(operator, "/admin/django_q/schedule/")
    for job in JOBS:
        assert job.name in unescape(listed)
        assert job.function not in listed
    row = Schedule.objects.get(func="sync.tasks.sync_round")
    title, heading = title_and_heading(
        shown(operator, f"/admin/django_q/schedule/{row.pk}/change/")
    )
    assert (title, heading) == ("Sync webinars | WebinarSync", "Sync webinars")


def test_a_renamed_job_stays_one_job() -> None:
    schedules.install()
    count = Schedule.objects.count()
    Schedule.objects.filter(func="core.tasks.deliver_due_events").update(name="Hand events over")
    assert schedules.install() == []
    assert Schedule.objects.count() == count
    assert not Schedule.objects.filter(name="Hand events over").exists()


def test_the_audit_log_has_verbs_and_collapses_technical_details(
    world: World, marketer: Client
) -> None:
    marketer.get(f"/webinars/{world.webinar.pk}/audience/registered/export.csv?joined_late=on")
    marketer.get(f"/webinars/{world.webinar.pk}/questions/export.csv?show=unanswered")
    listed = shown(marketer, "/admin/admin/logentry/")
    assert "Exported" in listed and "Webinar · A webinar" in listed
    assert re.search(r"<summary>Technical details</summary><code>show=", listed)
    exported = {"action_flag__exact": Action.EXPORTED.value}
    assert "A webinar" in marketer.get("/admin/admin/logentry/", exported).content.decode()
    deleted = marketer.get("/admin/admin/logentry/", {"action_flag__exact": "3"})
    assert "Webinar · A webinar" not in deleted.content.decode()
    assert marketer.get("/admin/admin/logentry/?action_flag__exact=x").status_code in (200, 302)
    entry = LogEntry.objects.filter(action_flag=Action.EXPORTED).latest("pk")
    page = shown(marketer, f"/admin/admin/logentry/{entry.pk}/change/")
    assert title_and_heading(page)[1] == "Exported · A webinar"
    assert "show=" in page[page.index("Technical details") :]
