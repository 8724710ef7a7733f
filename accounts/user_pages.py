"""What operators do for the users: inviting them, and giving them a link to choose a password."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from accounts.password_links import VALID_FOR, make_link, send_link
from accounts.roles import LABELS, MARKETERS, role_of
from core.audit import Action, log_change
from core.emails import email_key
from core.permissions import permitted

_LONGEST_USERNAME = 150


class RoleForm(forms.ModelForm[User]):
    """What an invitation and a user's page have in common: an address of their own, and a role."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=LABELS.items(),
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy(
            "Marketers work with contacts, webinars and emails. Operators can also manage users, "
            "connections and settings."
        ),
    )

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name")
        labels = {"is_active": gettext_lazy("Can sign in")}
        help_texts = {
            "username": gettext_lazy("For signing in."),
            "is_active": gettext_lazy("Turn this off instead of deleting the account."),
        }

    def clean_email(self) -> str:
        """Return the address; raises ValidationError where a colleague has it."""
        email: str = self.cleaned_data["email"]
        key = email_key(email)
        others = User.objects.exclude(pk=self.instance.pk)
        taken = {*others.values_list("email", flat=True)}
        if key and key in {email_key(other) for other in taken}:
            raise ValidationError(_("A user with this email address exists already."))
        return email


class InviteForm(RoleForm):
    """Makes a user who signs in with their address, once they have chosen a password."""

    email = forms.EmailField(
        label=gettext_lazy("Email"),
        max_length=_LONGEST_USERNAME,
        widget=UnfoldAdminEmailInputWidget,
        help_text=gettext_lazy("The colleague signs in with this address."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = MARKETERS

    def clean_email(self) -> str:
        email = super().clean_email()
        if User.objects.filter(username=email_key(email)).exists():
            raise ValidationError(_("A user with this email address exists already."))
        return email

    def save(self, commit: bool = True) -> User:
        """Return the user, who has no password yet."""
        self.instance.username = email_key(self.instance.email)
        self.instance.set_unusable_password()
        return super().save(commit)


class UserForm(RoleForm):
    """A user's page. Of superusers the role is of no account: they may do everything."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields.get("role")
        if role is not None:
            role.initial = role_of(self.instance)
            if self.instance.is_superuser or not role.initial:
                role.required = not self.instance.is_superuser
                role.choices = [("", "–"), *LABELS.items()]
        further: Any = self.fields.get("groups")
        if further is not None:
            further.label, further.required = _("Further groups"), False
            further.queryset = Group.objects.exclude(name__in=LABELS)

    def clean(self) -> dict[str, Any] | None:
        """Keep the role among the groups that are saved."""
        cleaned = super().clean() or self.cleaned_data
        if "groups" in cleaned:
            roles = Group.objects.filter(name=cleaned.get("role"))
            cleaned["groups"] = (cleaned["groups"] | roles).distinct()
        return cleaned


def give_link(request: HttpRequest, user: User) -> HttpResponse:
    """Email `user` a link to choose a password, and go to the list; where no email can be sent,
    show the link this once."""
    log_change(request.user.pk, user, "audit.link-sent", action=Action.INVITED)
    if send_link(user):
        messages.success(
            request, _("A link to choose a password was sent to %(email)s.") % {"email": user.email}
        )
        return redirect("admin:auth_user_changelist")
    context = {
        "title": _("Link to choose a password"),
        "person": user,
        "link": make_link(user, request),
        "days": VALID_FOR.days,
        "failed": settings.MAIL_READY and bool(user.email),
    }
    return TemplateResponse(request, "accounts/password_link.html", context)


@permitted("auth.change_user")
@require_POST
def send_password_link(request: HttpRequest, id: int) -> HttpResponse:
    """Send a user a link: an invitation, or for a forgotten password."""
    people = User.objects.filter(is_active=True)
    if not request.user.is_superuser:
        people = people.filter(is_superuser=False)
    return give_link(request, get_object_or_404(people, pk=id))
