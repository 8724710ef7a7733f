"""Addresses that leave the product: in emails, embed lines and answers to other sites."""

from django.conf import settings
from django.urls import reverse

from webinars.models import Registration, Webinar


def absolute(path: str) -> str:
    """Return `path` of this site as people outside reach it (PUBLIC_URL)."""
    return f"{settings.PUBLIC_URL}{path}"


def form_path(webinar: Webinar) -> str:
    """Return the path of the page where anybody registers for `webinar`."""
    return reverse("registration_forms:form", args=[webinar.slug])


def form_link(webinar: Webinar) -> str:
    """Return where anybody registers for `webinar` with our form."""
    return absolute(form_path(webinar))


def own_link(registration: Registration) -> str:
    """Return where the person sees how their registration stands, and can correct it.

    Anyone who never filled in our form has no such page; for them it is the form, as for whom a
    page would tell nothing.
    """
    # Before the posting of someone else who typed their address.
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
