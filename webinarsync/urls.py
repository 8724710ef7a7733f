"""The URLs of the project."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.password_change import change_password, password_changed
from accounts.views import my_profile
from webinarsync.views import to_do_done

handler500 = "operations.error_pages.broken"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    # Before the admin's own view: failed attempts count there too.
    path("admin/password_change/", change_password),
    path("admin/password_change/done/", password_changed),
    path("admin/", admin.site.urls),
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
