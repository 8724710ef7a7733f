"""URLs of the public registration form and its pages."""

from django.urls import path

from registration_forms.views import confirmation, correct, embed, form, repair

app_name = "registration_forms"

urlpatterns = [
    path("register/<slug:slug>/", form.form, name="form"),
    path("register/<slug:slug>/<str:secret>/", confirmation.answer, name="answer"),
    path("register/<slug:slug>/<str:secret>/status/", confirmation.status, name="status"),
    path("register/<slug:slug>/<str:secret>/webinar.ics", confirmation.calendar, name="calendar"),
    path("webinars/registrations/<int:registration_id>/correct/", correct.correct, name="correct"),
    path("webinars/<int:webinar_id>/rejected/", repair.repair, name="repair"),
    path("webinars/<int:webinar_id>/rejected/sent/", repair.resent, name="resent"),
    path("webinars/<int:webinar_id>/form/", embed.form_page, name="form_page"),
]
