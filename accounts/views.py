"""The page "My profile": name, email, language and time zone."""

import zoneinfo
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.middleware import remember
from accounts.models import Preferences
from core.permissions import permitted


class ProfileForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("first_name", "last_name", "email")
        help_texts = {"email": gettext_lazy("Test emails and notifications go to this address.")}


class PreferencesForm(forms.ModelForm[Preferences]):
    class Meta:
        model = Preferences
        fields = ("language", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language: Any = self.fields["language"]
        language.choices = [("", _("Browser default")), *language.choices[1:]]
        zones = sorted(name for name in zoneinfo.available_timezones() if "/" in name)
        self.fields["time_zone"] = forms.ChoiceField(
            label=gettext_lazy("Time zone"),
            required=False,
            choices=[
                (
                    "",
                    _("Default (%(zone)s)") % {"zone": timezone.get_default_timezone_name()},
                ),
                ("UTC", "UTC"),
                *((name, name.replace("_", " ")) for name in zones),
            ],
        )


@require_http_methods(["GET", "POST"])
@permitted()
def my_profile(request: HttpRequest) -> HttpResponse:
    """Show and save the profile of the signed-in user."""
    user = User.objects.get(pk=request.user.pk or 0)
    mine, _new = Preferences.objects.get_or_create(pk=user.pk)
    person = ProfileForm(request.POST or None, instance=user)
    form = PreferencesForm(request.POST or None, instance=mine)
    # Validate both forms, so that both show their errors.
    if request.method == "POST" and all([person.is_valid(), form.is_valid()]):
        if person.changed_data:
            # Save these fields only: another page may have changed the rest of the row.
            person.instance.save(update_fields=person.changed_data)
        remember(request, form.save())
        if mine.language:
            translation.activate(mine.language)
        messages.success(request, _("Saved."))
        return redirect("my_profile")
    context = {
        "title": _("My profile"),
        "forms": (person, form),
        "now": timezone.now(),
    }
    return TemplateResponse(request, "accounts/my_profile.html", context)
