"""Addresses to connect a platform, and the one to which it posts events."""

from django.urls import path

from platforms.views import oauth, webhook

app_name = "platforms"

urlpatterns = [
    path("goto/", oauth.page, name="connect"),
    path("goto/connect/", oauth.begin, name="begin_connecting"),
    path("goto/callback/", oauth.callback, name="connected"),
    path("goto/webhook/<str:path>/", webhook.webhook, name="webhook"),
]
