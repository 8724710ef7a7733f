"""Settings of the tests: the product's own, without any calls to GoTo."""

import os
from pathlib import Path

_LOCAL = Path(__file__).resolve().parent.parent / ".local" / "tests"
_LOCAL.mkdir(parents=True, exist_ok=True)

# Settings here override a developer's .env; DATABASE_URL may be set from outside.
os.environ |= {
    "DEBUG": "False",
    "HTTPS": "False",
    "SECRET_KEY": "a-key-for-tests-that-nothing-real-is-kept-with-0123456789",
    "CONTACT_HASH_KEY": "another-key-for-tests-0123456789",
    "TOKEN_KEYS": "",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "CSRF_TRUSTED_ORIGINS": "",
    "PUBLIC_URL": "https://webinars.example.com",
    "BEHIND_PROXY": "False",
    "LANGUAGE_CODE": "en",
    "TIME_ZONE": "UTC",
    "STATIC_ROOT": str(_LOCAL / "static"),
    # No server listens here: a test that calls GoTo by mistake fails.
    "GOTO_API_URL": "http://127.0.0.1:9",
    "HUBSPOT_API_URL": "http://127.0.0.1:9",
    "HUBSPOT_ACCESS_TOKEN": "",
    "GOTO_AUTH_URL": "http://127.0.0.1:9",
    "GOTO_CLIENT_ID": "simulated-client",
    "GOTO_CLIENT_SECRET": "simulated-secret",
    "GOTO_CALLS_PER_SECOND": "0",
    "GOTO_PARALLEL_CALLS": "4",
    # The test runner replaces it with a mailbox in memory.
    "EMAIL_URL": "consolemail://",
    "MAIL_FROM": "webinars@example.com",
    "MAILS_PER_MINUTE": "0",
    "LOG_LEVEL": "WARNING",
    # No connection stays open after its work: the test database could not be dropped.
    "CONN_MAX_AGE": "0",
}
os.environ.setdefault("DATABASE_URL", f"sqlite:///{_LOCAL / 'never-used.sqlite3'}")

from webinarsync.settings import *  # noqa: E402, F403
from webinarsync.settings import DATABASES, INSTALLED_APPS, STORAGES  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "tests.database"]

# Each run has its own database, so that two runs do not conflict. A file for SQLite, because
# threads and processes share it.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(_LOCAL / f"test-{os.getpid()}.sqlite3")}
    # Nothing here has to survive the machine, so do not wait for the disk.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["TEST"] = {"NAME": f"test_webinarsync_{os.getpid()}"}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Pages are tested without collected static files.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
