"""URLs of mailings."""

from django.urls import path

from mailings.views import draft, new, recipients, send, unsubscribe

app_name = "mailings"

urlpatterns = [
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribing, name="unsubscribe"),
    path("example-link/", unsubscribe.example_link, name="example_link"),
    path(
        "mailings/to/<int:webinar_id>/<str:name>/",
        draft.write_to_audience,
        name="write_to_audience",
    ),
    path("mailings/new/", new.new, name="new"),
    path("mailings/to-search/", draft.write_to_search, name="write_to_search"),
    path("mailings/<int:mailing_id>/", draft.mailing, name="mailing"),
    path("mailings/<int:mailing_id>/recipients/", recipients.recipients, name="recipients"),
    path("mailings/<int:mailing_id>/progress/", draft.progress, name="progress"),
    path("mailings/<int:mailing_id>/template/", draft.start_from, name="start_from"),
    path("mailings/<int:mailing_id>/discard/", draft.discard, name="discard"),
    path("mailings/<int:mailing_id>/test/", send.test, name="test"),
    path("mailings/<int:mailing_id>/send/", send.send, name="send"),
    path("mailings/<int:mailing_id>/pause/", send.pause, name="pause"),
    path("mailings/<int:mailing_id>/resume/", send.resume, name="resume"),
    path("mailings/<int:mailing_id>/repeat/", send.repeat, name="repeat"),
]
