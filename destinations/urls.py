"""The addresses that belong to destinations."""

from django.urls import URLPattern

app_name = "destinations"

urlpatterns: list[URLPattern] = []
