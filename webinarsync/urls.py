"""The URLs of the project."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.password_change import change_password, password_changed
from accounts.signed_out_pages import (
    ChoosePassword,
    ForgottenPassword,
    ForgottenPasswordSent,
)
from accounts.user_pages import send_password_link
from accounts.views import my_profile
from webinarsync.help import help_page
from webinarsync.views import to_do_done

handler500 = "operations.error_pages.broken"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    # Before the admin's own view: failed attempts count there too.
    path("admin/password_change/", change_password),
    path("admin/password_change/done/", password_changed),
    path("admin/forgotten-password/", ForgottenPassword.as_view(), name="forgotten_password"),
    path(
        "admin/forgotten-password/sent/",
        ForgottenPasswordSent.as_view(),
        name="forgotten_password_sent",
    ),
    path(
        "admin/choose-password/<str:uidb64>/<str:token>/",
        ChoosePassword.as_view(),
        name="choose_password",
    ),
    path("admin/help/<slug:chapter>/", help_page, name="help"),
    path("admin/", admin.site.urls),
    path("users/<int:id>/password-link/", send_password_link, name="send_password_link"),
    path("me/", my_profile, name="my_profile"),
    path("to-do/<int:webinar_id>/<str:kind>/done/", to_do_done, name="to_do_done"),
    path("", include("platforms.urls")),
    path("", include("registration_forms.urls")),
    path("", include("webinars.urls")),
    path("", include("sync.urls")),
    path("", include("contacts.urls")),
    path("", include("segments.urls")),
    path("", include("contact_imports.urls")),
    path("", include("mailings.urls")),
    path("", include("destinations.urls")),
]
