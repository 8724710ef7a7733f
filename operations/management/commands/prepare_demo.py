"""manage.py prepare_demo: fill the demo's database (called by operations/demo.py)."""

import io
import os
import secrets
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from accounts.roles import MARKETERS, OPERATORS
from destinations.hubspot import access, list_switch, lists, lists_client
from destinations.hubspot.client import VERSION
from destinations.hubspot.records import NewContact
from destinations.models import Portal
from operations import schedules
from platforms.connect import authorization_url, connect_authorized
from platforms.models import Connection
from platforms.webhooks import subscriptions
from segments.models import Segment
from sync.reconciliation import job as reconciliation
from webinars.audiences import Audience
from webinars.models import Webinar

# The account's name, and the group whose rights it has.
ACCOUNTS = {"marketer": MARKETERS, "operator": OPERATORS}
# A list in HubSpot to be imported: visitors whom no one knows here, and some of the portal.
LIST = "Spring fair"
VISITORS = (
    {"email": "marie.visitor@fair.example", "firstname": "Marie", "lastname": "Blanc"},
    {"email": "jon.visitor@fair.example", "firstname": "Jon", "lastname": "Berg", "city": "Oslo"},
    {"email": "lea.visitor@fair.example", "firstname": "Lea", "lastname": "Kern"},
    {"firstname": "Visitor", "lastname": "Without Address"},
)
OTHERS_ON_LIST = 40
# Searches that marketers save, by name: their conditions as in the address of the page.
SEGMENTS = {
    "Attended two or more webinars": "attended_at_least=2",
    "An hour or more in all": "at_least=60",
    "Asked a question": "asked_question=yes",
    "Missed the last two webinars": "missed_last_n=2",
}


class Command(BaseCommand):
    help = "Make the demo's tables, accounts and schedules; with --sync sync its webinars."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sync",
            action="store_true",
            help="connect GOTO_API_URL and HUBSPOT_API_URL, and sync and send everything once",
        )

    def handle(self, *, sync: bool, **options: Any) -> None:
        if "DEMO_MARKETER_PASSWORD" not in os.environ:
            raise CommandError("This fills the demo's own database. Run `make demo` instead.")
        call_command("migrate", verbosity=0, interactive=False)
        for name, group in ACCOUNTS.items():
            make_account(name, group, os.environ[f"DEMO_{name.upper()}_PASSWORD"])
        if sync:
            self.stdout.write("Syncing contacts and webinars with GoToWebinar:")
            self.sync_everything()
            self.stdout.write("Sending the people of some webinars to HubSpot:")
            self.hand_over()
        # Last: a half-filled demo is not handed to the clock.
        schedules.install()

    def sync_everything(self) -> None:
        """Sign in at the simulator and sync every webinar of it; forms and webhooks on."""
        if not Connection.objects.exists():
            subscriptions.switch_on(sign_in())
        call_command("sync_webinars", all=True, activate=True)
        Webinar.objects.upcoming(timezone.now()).update(form_enabled=True)
        # Past webinars are synced once a day: the demo compares them when it starts.
        for webinar in Webinar.objects.switched_on():
            reconciliation.refresh(webinar, asked_for=False)
        for name, query in SEGMENTS.items():
            Segment.objects.get_or_create(name=name, defaults={"query": query})

    def hand_over(self) -> None:
        """Connect the portal and send it the upcoming webinars and the largest past one, this with
        notes and a list of those who attended."""
        call_command("connect_hubspot", stdout=io.StringIO())
        now = timezone.now()
        Portal.objects.joined().update(send_notes=True, send_notes_since=now)
        past = Webinar.objects.past(now).annotate(size=Count("registrations"))
        largest = past.order_by("-size", "pk").first()
        if largest is not None:
            call_command("send_to_hubspot", webinar=largest.key, preview=True, stdout=io.StringIO())
            call_command("send_to_hubspot", webinar=largest.key, stdout=self.stdout)
            portal = Portal.objects.joined().get()
            lists.follow(list_switch.switch_on(portal, largest, Audience.ATTENDED).pk)
        for webinar in Webinar.objects.upcoming(now).scheduled().order_by("starts_at", "pk"):
            call_command("send_to_hubspot", webinar=webinar.key, stdout=self.stdout)
        make_list(Portal.objects.joined().get())


def make_list(portal: Portal) -> None:
    """Make a list in the simulated portal, as its people would, unless an interrupted start did."""
    client = access.client_for(portal)
    visitors = [NewContact(str(place), values) for place, values in enumerate(VISITORS)]
    made = client.create_contacts(visitors)
    ids = [*made.created.values(), *made.existing.values()]
    path = f"/crm/objects/{VERSION}/contacts"
    others = client.call("GET", path, {"limit": str(OTHERS_ON_LIST)})
    ids += [str(row["id"]) for row in others["results"]]
    found = lists_client.list_named(client, LIST) or lists_client.create_list(client, LIST)
    lists_client.add_members(client, found.id, ids)


def sign_in() -> Connection:
    """Go the way of an operator's browser: to GoTo's page, allow, and come back with a code.

    The webhooks are set up by the worker: GoTo asks our address first, which no one serves yet.
    """
    callback = f"{settings.PUBLIC_URL}{reverse('platforms:connected')}"
    state = secrets.token_urlsafe(24)
    allowed = requests.post(
        authorization_url(callback, state),
        data={"choice": "allow"},
        allow_redirects=False,
        timeout=30,
    )
    answer = dict(parse_qsl(urlsplit(allowed.headers.get("Location", "")).query))
    if answer.get("state") != state or "code" not in answer:
        raise CommandError("The simulated GoToWebinar did not let the demo sign in.")
    return connect_authorized(answer["code"], callback, state)


def make_account(name: str, group: str, password: str) -> None:
    """Make a user with the rights of `group`; one that is there keeps its password."""
    user, made = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    if made:
        user.set_password(password)
        user.save()
    user.groups.add(Group.objects.get(name=group))
