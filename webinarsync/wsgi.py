"""What the web server calls. Refuses to serve with the key that everybody knows."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from operations.statement_timeout import limit_questions

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
application = get_wsgi_application()
limit_questions()

if settings.SECRET_KEY.startswith("django-insecure-") and not settings.DEBUG:
    raise ImproperlyConfigured(
        "Set SECRET_KEY in the environment before serving: see .env.example for how to make one."
    )
