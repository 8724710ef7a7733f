"""URLs to connect a platform, and of its webhooks."""

from django.urls import path

from platforms.views import oauth, webhook

app_name = "platforms"

urlpatterns = [
    path("connections/", oauth.page, name="connect"),
    path("connections/connect/", oauth.begin, name="begin_connecting"),
    path("connections/callback/", oauth.callback, name="connected"),
    path("connections/webhook/<str:path>/", webhook.webhook, name="webhook"),
]
