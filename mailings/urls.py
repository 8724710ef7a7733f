"""The addresses that belong to mailings."""

from django.urls import path

from mailings.views import sending, unsubscribing, writing

app_name = "mailings"

urlpatterns = [
    path("unsubscribe/<str:token>/", unsubscribing.unsubscribing, name="unsubscribe"),
    path(
        "mailings/to/<int:webinar_id>/<str:name>/",
        writing.write_to_audience,
        name="write_to_audience",
    ),
    path("mailings/to-found/", writing.write_to_found, name="write_to_found"),
    path("mailings/<int:mailing_id>/", writing.mailing, name="mailing"),
    path("mailings/<int:mailing_id>/progress/", writing.progress, name="progress"),
    path("mailings/<int:mailing_id>/template/", writing.start_from, name="start_from"),
    path("mailings/<int:mailing_id>/throw-away/", writing.throw_away, name="throw_away"),
    path("mailings/<int:mailing_id>/test/", sending.test, name="test"),
    path("mailings/<int:mailing_id>/send/", sending.send, name="send"),
    path("mailings/<int:mailing_id>/pause/", sending.pause, name="pause"),
    path("mailings/<int:mailing_id>/go-on/", sending.go_on, name="go_on"),
    path("mailings/<int:mailing_id>/repeat/", sending.repeat_unknown, name="repeat_unknown"),
]
