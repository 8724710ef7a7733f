"""Absolute URLs for emails, embed lines and redirects to other sites."""

from django.conf import settings
from django.urls import reverse

from webinars.models import Registration, Webinar


def absolute(path: str) -> str:
    """Return the public URL of `path` (PUBLIC_URL)."""
    return f"{settings.PUBLIC_URL}{path}"


def form_path(webinar: Webinar) -> str:
    """Return the path of the registration form of `webinar`."""
    return reverse("registration_forms:form", args=[webinar.slug])


def form_link(webinar: Webinar) -> str:
    """Return the URL of the registration form of `webinar`."""
    return absolute(form_path(webinar))


def own_link(registration: Registration) -> str:
    """Return the URL of the page where a person sees the status of their registration and can
    correct it.

    Without a submission, or if the page would show nothing, it is the form.
    """
    # Earlier than a submission of someone else who typed their address.
    last = (
        registration.submissions.filter(status_hidden=False)
        .order_by("-created_by_form", "-pk")
        .first()
    )
    if last is None:
        return form_link(registration.webinar)
    return absolute(
        reverse("registration_forms:answer", args=[registration.webinar.slug, last.secret])
    )
