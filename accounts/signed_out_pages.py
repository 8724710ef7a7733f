"""Pages in the look of the sign-in, for people who are not signed in: asking for a new password,
and choosing one."""

from functools import partial
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.forms import PasswordResetForm, SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from accounts import lockout
from accounts.password_links import people_of
from core.emails import email_key
from core.queue import enqueue, when_committed


class SignInForm(AuthenticationForm):  # type: ignore[misc]
    """The theme's form. Anyone who was invited signs in with their address, in any spelling of
    it."""

    def clean_username(self) -> str:
        """Return the user name as it is stored, where it is an address."""
        typed: str = self.cleaned_data["username"]
        if "@" not in typed or User.objects.filter(username=typed).exists():
            return typed
        return email_key(typed)


def _context(request: HttpRequest) -> dict[str, Any]:
    return admin.site.each_context(request)


def _styled(form: forms.Form) -> None:
    for field in form.fields.values():
        field.widget.attrs["class"] = " ".join(BASE_INPUT_CLASSES)


class ForgottenPasswordForm(PasswordResetForm):
    """Have a worker send the link, so that the response time reveals nothing about the address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _styled(self)

    def save(self, *_args: Any, **_kwargs: Any) -> None:
        """Queue a job for each user of the address; where there is none, one that does nothing."""
        people = people_of(self.cleaned_data["email"])
        for user_id in [user.pk for user in people] or [0]:
            when_committed(partial(enqueue, "accounts.tasks.send_password_link", user_id))


class ChoosePasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """Asks for the new password twice, in the theme's look."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _styled(self)


@method_decorator(never_cache, name="dispatch")
class ForgottenPassword(PasswordResetView):
    """Takes an address. Each request counts as a wrong password does, for who asks: who tries many
    addresses has to wait, and no one else."""

    form_class = ForgottenPasswordForm
    template_name = "accounts/forgotten_password.html"
    success_url = reverse_lazy("forgotten_password_sent")
    title = gettext_lazy("Forgotten password")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = super().get_context_data(**kwargs)
        return {**_context(self.request), **own, "mail_ready": settings.MAIL_READY}

    def form_valid(self, form: Any) -> HttpResponse:
        if not settings.MAIL_READY:
            return self.render_to_response(self.get_context_data(form=form))
        credentials = {"username": email_key(form.cleaned_data["email"])}
        if not AxesProxyHandler.is_allowed(self.request, credentials):
            return lockout.answer(self.request)
        AxesProxyHandler.user_login_failed(type(self), credentials, self.request)
        return super().form_valid(form)


class ForgottenPasswordSent(ForgottenPassword):
    """Give the same answer whether or not a user has the address."""

    template_name = "accounts/forgotten_password_sent.html"
    http_method_names = ["get", "head"]


class ChoosePassword(PasswordResetConfirmView):
    """Handle a link; the user is signed in after choosing a password."""

    form_class = ChoosePasswordForm
    template_name = "accounts/choose_password.html"
    success_url = reverse_lazy("admin:index")
    post_reset_login = True
    post_reset_login_backend = "django.contrib.auth.backends.ModelBackend"
    title = gettext_lazy("Choose a password")

    def get_user(self, uidb64: str) -> User | None:
        """Return whose link it is, if they are let in at all."""
        user = super().get_user(uidb64)
        return user if user is not None and user.is_active and user.is_staff else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = super().get_context_data(**kwargs)
        return {**_context(self.request), **own, "title": self.title}

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, _("Your password is set. You're signed in."))
        return answer
