"""The look of the admin, and its sidebar."""

from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

UNFOLD = {
    "SITE_TITLE": "WebinarSync",
    "SITE_HEADER": "WebinarSync",
    # The admin is all there is: no other site to return to, or to view.
    "SITE_URL": None,
    "LOGIN": {"form": "accounts.signed_out_pages.SignInForm"},
    "SITE_SUBHEADER": _("In sync with GoToWebinar"),
    "SITE_SYMBOL": "sync_saved_locally",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("webinarsync/icon.svg"),
        }
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "ACCOUNT": {
        "navigation": [{"title": _("My profile"), "link": reverse_lazy("my_profile")}],
    },
    "DASHBOARD_CALLBACK": "webinarsync.dashboard.dashboard",
    "SCRIPTS": [lambda request: static("webinarsync/shortcuts.js")],
    "STYLES": [
        lambda request: static("webinarsync/admin.css"),
        lambda request: static("webinarsync/phone.css"),
    ],
    "COLORS": {
        "primary": {
            "50": "#eef6ff",
            "100": "#d9eaff",
            "200": "#bcdaff",
            "300": "#8ec3ff",
            "400": "#59a1ff",
            "500": "#327cfb",
            "600": "#1b5cf0",
            "700": "#1448dd",
            "800": "#173bb3",
            "900": "#19368d",
            "950": "#142256",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            {
                "title": _("People"),
                "items": [
                    {
                        "title": _("Contacts"),
                        "icon": "group",
                        "link": reverse_lazy("admin:contacts_contact_changelist"),
                    },
                    {
                        "title": _("Segments"),
                        "icon": "filter_alt",
                        "link": reverse_lazy("segments:segments"),
                        "permission": lambda request: request.user.has_perm(
                            "contacts.view_contact"
                        ),
                    },
                    {
                        "title": _("Registrations"),
                        "icon": "how_to_reg",
                        "link": reverse_lazy("admin:webinars_registration_changelist"),
                    },
                    {
                        "title": _("Tags"),
                        "icon": "sell",
                        "link": reverse_lazy("admin:contacts_tag_changelist"),
                        "permission": lambda request: request.user.has_perm("contacts.view_tag"),
                    },
                    {
                        "title": _("Form submissions"),
                        "icon": "edit_note",
                        "link": reverse_lazy("admin:registration_forms_submission_changelist"),
                    },
                ],
            },
            {
                "title": _("Emails"),
                "items": [
                    {
                        "title": _("Emails"),
                        "icon": "mail",
                        "link": reverse_lazy("admin:mailings_mailing_changelist"),
                        "permission": lambda request: request.user.has_perm(
                            "mailings.view_mailing"
                        ),
                    },
                    {
                        "title": _("Unsubscribes"),
                        "icon": "unsubscribe",
                        "link": reverse_lazy("admin:contacts_optout_changelist"),
                        "permission": lambda request: request.user.has_perm("contacts.view_optout"),
                    },
                ],
            },
            {
                "title": _("GoToWebinar"),
                "items": [
                    {
                        "title": _("Webinars"),
                        "icon": "co_present",
                        "link": reverse_lazy("admin:webinars_webinar_changelist"),
                    },
                    {
                        "title": _("Sync runs"),
                        "icon": "sync",
                        "link": reverse_lazy("admin:sync_syncrun_changelist"),
                    },
                    {
                        "title": _("Connections"),
                        "icon": "link",
                        "link": reverse_lazy("admin:platforms_connection_changelist"),
                        "permission": lambda request: request.user.has_perm(
                            "platforms.view_connection"
                        ),
                    },
                ],
            },
            {
                "title": _("Settings"),
                "items": [
                    {
                        "title": _("Email templates"),
                        "icon": "draft",
                        "link": reverse_lazy("admin:mailings_mailtemplate_changelist"),
                        "permission": lambda request: request.user.has_perm(
                            "mailings.view_mailtemplate"
                        ),
                    },
                    {
                        "title": _("Internal people"),
                        "icon": "badge",
                        "link": reverse_lazy("admin:webinars_internaladdress_changelist"),
                        "permission": lambda request: request.user.has_perm(
                            "webinars.view_internaladdress"
                        ),
                    },
                    {
                        "title": _("HubSpot"),
                        "icon": "hub",
                        "link": reverse_lazy("destinations:hubspot"),
                        # Not on the pages of webinars and segments, whose addresses begin so too.
                        "active": lambda request: request.path == reverse("destinations:hubspot"),
                        "permission": lambda request: request.user.has_perm(
                            "destinations.view_portal"
                        ),
                    },
                    {
                        "title": _("Consent texts"),
                        "icon": "verified_user",
                        "link": reverse_lazy("admin:registration_forms_consenttext_changelist"),
                        "permission": lambda request: request.user.has_perm(
                            "registration_forms.view_consenttext"
                        ),
                    },
                    {
                        "title": _("Audit log"),
                        "icon": "history",
                        "link": reverse_lazy("admin:admin_logentry_changelist"),
                        "permission": lambda request: request.user.has_perm("admin.view_logentry"),
                    },
                    {
                        "title": _("Data retention"),
                        "icon": "person_cancel",
                        "link": reverse_lazy("contacts:retention"),
                        "permission": lambda request: request.user.has_perms(
                            ["contacts.delete_contact", "platforms.change_connection"]
                        ),
                    },
                    {
                        "title": _("Users"),
                        "icon": "person",
                        "link": reverse_lazy("admin:auth_user_changelist"),
                        "permission": lambda request: request.user.has_perm("auth.view_user"),
                    },
                    {
                        "title": _("Background jobs"),
                        "icon": "schedule",
                        "link": reverse_lazy("admin:django_q_schedule_changelist"),
                        "permission": lambda request: request.user.has_perm(
                            "django_q.view_schedule"
                        ),
                    },
                ],
            },
        ],
    },
}
