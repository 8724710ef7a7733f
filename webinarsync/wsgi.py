"""The WSGI application. It refuses to start with the public SECRET_KEY."""

import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from core.public_key import public_key_problem
from operations.statement_timeout import limit_questions

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webinarsync.settings")
application = get_wsgi_application()
limit_questions()

problem = public_key_problem()
if problem:
    raise ImproperlyConfigured(problem)
