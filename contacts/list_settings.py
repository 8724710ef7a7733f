"""What a user chooses for a list of people: its columns, and saved views.

A page posts both to itself: `apply_settings` saves them, and the page is shown again. Columns in
the URL override those that the reader chose, so a link to a view looks the same for everyone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from contacts.models import ChosenColumns, ListName, SavedView
from core.audit import log_change, log_deletion
from core.filter_chips import without
from core.numbers import whole_number

# The parameter of an address that names columns.
COLUMNS = "columns"
# The page lists all of them.
_MOST_VIEWS = 50
_LONGEST_NAME = SavedView._meta.get_field("name").max_length


class ViewForm(forms.ModelForm[SavedView]):
    """A view's name, and whether colleagues see it."""

    class Meta:
        model = SavedView
        fields = ("name", "is_shared")


@dataclass(frozen=True, slots=True)
class ListSettings:
    """What a list offers: `labels` of the columns that can be chosen, in their order, and the
    `usual` ones among them; whether its filters are saved as views."""

    name: ListName
    labels: Mapping[str, Any]
    usual: Collection[str]
    has_views: bool = True

    def shown(self, request: HttpRequest) -> list[str]:
        """Return the columns that the user sees: those in the URL, those they chose, or the usual
        ones."""
        if COLUMNS in request.GET:
            wanted: Collection[str] = request.GET[COLUMNS].split(",")
        else:
            # A list of the admin asks several times.
            known = request.__dict__.setdefault("_chosen_columns", {})
            if self.name not in known:
                known[self.name] = self._chosen_by(request.user.pk)
            wanted = known[self.name]
        return [name for name in self.labels if name in wanted]

    def _chosen_by(self, user_id: int | None) -> Collection[str]:
        row = ChosenColumns.objects.filter(user=user_id, list_name=self.name).first()
        return self.usual if row is None else row.columns

    def context(self, request: HttpRequest, shown: Collection[str]) -> dict[str, Any]:
        """Return what `contacts/list_settings.html` shows."""
        saved = SavedView.objects.filter(list_name=self.name).visible_to(request.user.pk or 0)
        return {
            "column_choices": [(name, label, name in shown) for name, label in self.labels.items()],
            "has_views": self.has_views,
            "views": [
                (view, self._query_of(view), view.created_by_id in (request.user.pk, None))
                for view in (saved[:_MOST_VIEWS] if self.has_views else ())
            ],
        }

    def _query_of(self, view: SavedView) -> str:
        query = QueryDict(view.query, mutable=True)
        query[COLUMNS] = ",".join(name for name in self.labels if name in view.columns)
        return query.urlencode()


def apply_settings(request: HttpRequest, settings: ListSettings) -> str | None:
    """Keep what was posted for a list; return the query with which its page is to be shown then,
    None where nothing of the kind was posted."""
    wish = request.POST.get("list_settings")
    if wish == "columns":
        return _choose_columns(request, settings)
    if wish is None or not settings.has_views:
        return None
    if wish == "save_view":
        return _save_view(request, settings)
    return _delete_view(request, settings, wish.removeprefix("delete_view:"))


def _choose_columns(request: HttpRequest, settings: ListSettings) -> str:
    chosen = request.POST.getlist("column")
    columns = [name for name in settings.labels if name in chosen]
    mine = ChosenColumns.objects.filter(user=request.user.pk, list_name=settings.name)
    if "usual" in request.POST or set(columns) == set(settings.usual):
        mine.delete()
    else:
        ChosenColumns.objects.update_or_create(
            user_id=request.user.pk or 0, list_name=settings.name, defaults={"columns": columns}
        )
    return without(request.GET, COLUMNS)


def _save_view(request: HttpRequest, settings: ListSettings) -> str:
    own = SavedView.objects.filter(list_name=settings.name, created_by=request.user.pk)
    # Under a name that one has, the view becomes what is shown now.
    same = own.filter(name=request.POST.get("name", "").strip()[:_LONGEST_NAME]).first()
    form = ViewForm(request.POST, instance=same)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.errors["name"]))
    elif same is None and own.count() >= _MOST_VIEWS:
        messages.error(
            request, _("You have %(most)d saved views. Delete one first.") % {"most": _MOST_VIEWS}
        )
    else:
        view = form.instance
        view.list_name, view.created_by_id = settings.name, request.user.pk
        view.query, view.columns = without(request.GET, COLUMNS), settings.shown(request)
        view = form.save()
        log_change(request.user.pk, view, "audit.view-saved")
        messages.success(request, _("View “%(name)s” saved.") % {"name": view.name})
    return without(request.GET)


def _delete_view(request: HttpRequest, settings: ListSettings, key: str) -> str:
    # Anyone may delete a view whose author no longer has an account.
    own = Q(created_by=request.user.pk) | Q(created_by=None)
    views = SavedView.objects.filter(own, list_name=settings.name)
    view = views.visible_to(request.user.pk or 0).filter(pk=whole_number(key) or 0).first()
    if view is not None:
        log_deletion(request.user.pk, view, "audit.view-deleted")
        view.delete()
        messages.success(request, _("View “%(name)s” deleted.") % {"name": view.name})
    return without(request.GET)
