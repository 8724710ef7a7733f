"""Change one's own password, so that a person at an unlocked screen cannot guess the old one."""

from functools import partial
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import admin
from django.contrib.auth import authenticate
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.views.decorators.debug import sensitive_variables
from unfold.forms import AdminOwnPasswordChangeForm

from accounts.lockout import network_of
from core.permissions import permitted


class OwnPasswordForm(AdminOwnPasswordChangeForm):  # type: ignore[misc]
    """Check the old password as the sign-in does: a wrong one counts as a failed sign-in."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    @sensitive_variables("old_password")
    def clean_old_password(self) -> str:
        """Raise ValidationError for a wrong password, and after too many attempts."""
        old_password: str = self.cleaned_data["old_password"]
        name = self.user.get_username()
        if authenticate(self._request, username=name, password=old_password) is None:
            raise ValidationError(
                self.error_messages["password_incorrect"], code="password_incorrect"
            )
        # As at the sign-in, success resets the count.
        AxesProxyHandler.reset_attempts(username=name, ip_address=network_of(self._request))
        return old_password


@permitted()
def change_password(request: HttpRequest) -> HttpResponseBase:
    """Show and handle the form for changing one's own password."""
    view = PasswordChangeView.as_view(
        form_class=partial(OwnPasswordForm, request=request),
        success_url=reverse_lazy("admin:password_change_done"),
    )
    return view(request)


@permitted()
def password_changed(request: HttpRequest) -> HttpResponseBase:
    """Redirect with a message that the password was changed."""
    return admin.site.password_change_done(request)
