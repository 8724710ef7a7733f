"""Settings of the project, read from environment variables only (each listed in `.env.example`)."""

import datetime as dt
import warnings
from pathlib import Path

import django_stubs_ext
import environ
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from core.private_files import prepare_database
from webinarsync import logging_config, theme

# Lets annotations say `ModelAdmin[Contact]` at run time too.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
INSECURE_KEY = (
    "django-insecure-for-trying-out-only-set-SECRET_KEY-before-anyone-else-can-reach-this"
)

env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default=INSECURE_KEY)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Where people reach this installation: links in emails and embed lines start with it.
PUBLIC_URL = env("PUBLIC_URL", default="").rstrip("/")

# Fernet keys for GoTo's tokens, newest first; without one, a key is derived from SECRET_KEY.
TOKEN_KEYS = env.list("TOKEN_KEYS", default=[])
# Key of the hashes that remember deleted contacts. It must outlive a change of SECRET_KEY.
CONTACT_HASH_KEY = env("CONTACT_HASH_KEY", default=SECRET_KEY)

INSTALLED_APPS = [
    # Without its admin site: ours is made of it.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "webinarsync.admin_config.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_filters",
    "django_tables2",
    # Its `qcluster` goes before django-q2's.
    "operations",
    "django_q",
    "import_export",
    "core",
    "accounts",
    "contacts",
    "platforms",
    "webinars",
    "registration_forms",
    "sync",
    "segments",
    "contact_imports",
    "mailings",
    "destinations",
    "webinarsync",
]

MIDDLEWARE = [
    # Before anything that asks for a host name or https.
    "operations.health.middleware",
    "webinarsync.logging_config.request_id",
    # Before anything that reads what was posted.
    "core.body_limits.BodyLimitMiddleware",
    "core.bad_input.BadInputMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # A random number of bytes in each answer keeps its secrets from being guessed by its length.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.session_end.current_session",
    "accounts.middleware.own_choices",
    "accounts.known_browsers.remember_browser",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    # Last: it answers instead of the page where someone guesses passwords.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "webinarsync.urls"
WSGI_APPLICATION = "webinarsync.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["core.templatetags.formats"],
        },
    }
]

DATABASES = {
    "default": env.db(
        "DATABASE_URL", default=f"sqlite:///{BASE_DIR / '.local' / 'webinarsync.sqlite3'}"
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL lets pages be read while a worker writes; IMMEDIATE makes a writer wait for its turn
    # at the start of a transaction instead of failing in the middle of it.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000;"
        ),
    }
    prepare_database(DATABASES["default"]["NAME"])
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# How long a page may keep PostgreSQL busy with one question; 0: as long as it takes.
PAGE_SECONDS = env.int("PAGE_SECONDS", default=60)
SILENCED_SYSTEM_CHECKS = [
    # SQLite leaves out the columns that an index holds for PostgreSQL only: meant so.
    "models.W040",
    # Strict transport security for subdomains, and its preloading, are asked for by a setting.
    "security.W005",
    "security.W021",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Guessing passwords: what is counted, and who has to wait (`accounts.lockout`). No one is kept out
# by what someone else does from elsewhere.
AXES_HANDLER = "accounts.lockout.Handler"
AXES_FAILURE_LIMIT = env.int("SIGN_IN_TRIES", default=6)
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.network_of"
AXES_CLIENT_STR_CALLABLE = "accounts.lockout.client_in_words"
# Anyone who goes on guessing while they wait does not make the others wait for longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "accounts.lockout.answer"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# How long a link to choose a password works: three days.
PASSWORD_RESET_TIMEOUT = 3 * 86_400
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

LANGUAGE_CODE = env("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
FORMAT_MODULE_PATH = ["core.formats"]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env("TIME_ZONE", default="UTC")
USE_TZ = True

# An address typed without a scheme is one of https, as from Django 6.0 on. The setting for that is
# to go with it, and says so each time.
warnings.filterwarnings("ignore", "The FORMS_URLFIELD_ASSUME_HTTPS transitional setting")
FORMS_URLFIELD_ASSUME_HTTPS = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / ".local" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # A file's name holds its hash, so that browsers keep it permanently.
    "staticfiles": {"BACKEND": "core.static_files.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG

# Mails to audiences. Without a mail server, or an address for their links to lead to, nothing is
# pretended to be sent.
MAIL_READY = bool(env("EMAIL_URL", default="") and PUBLIC_URL)
vars().update(env.email_url("EMAIL_URL", default="dummymail://"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("MAIL_FROM", default="webinarsync@localhost")
EMAIL_TIMEOUT = 30
MAILS_PER_MINUTE = env.float("MAILS_PER_MINUTE", default=0)

# The public registration form: sites that may frame it, and what keeps robots off it.
FORM_FRAME_ORIGINS = env.list("FORM_FRAME_ORIGINS", default=[])
FORM_LEAST_SECONDS = env.float("FORM_LEAST_SECONDS", default=1.0)
FORM_PER_ADDRESS = env.int("FORM_PER_ADDRESS", default=120)
FORM_KNOWN_PER_ADDRESS = env.int("FORM_KNOWN_PER_ADDRESS", default=10)
FORM_PER_EMAIL = env.int("FORM_PER_EMAIL", default=5)

# People of whom nothing was heard for so many days are forgotten; 0: everyone is kept.
KEEP_PEOPLE_DAYS = env.int("KEEP_PEOPLE_DAYS", default=0)

# Transport security. A production installation runs behind https; trying out on one's own
# machine does not, and says so with HTTPS=False.
HTTPS = env.bool("HTTPS", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS and env.bool("SECURE_SSL_REDIRECT", default=True)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if HTTPS else 0
# What else is served under this name, and whether by https, is for its owner to know.
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and env.bool("HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = HTTPS and env.bool("HSTS_PRELOAD", default=False)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
KNOWN_BROWSER_COOKIE_NAME = "known-browser"
if HTTPS:
    # Browsers take cookies of such names from this host by https alone, whatever is beside it.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    KNOWN_BROWSER_COOKIE_NAME = "__Host-known-browser"
# In the database, and each found by its user: they end when the user's rights change.
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = env.int("SESSION_DAYS", default=14) * 86_400
X_FRAME_OPTIONS = "DENY"

# What pages may load, and from where. Public pages have a stricter policy of their own
# (`core.public_pages`). The admin's theme needs inline styles, and evaluates the expressions in
# its templates (Alpine); its inline scripts carry a nonce.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
}

# GoToWebinar. The defaults of the hosts are GoTo's own.
GOTO_API_URL = env("GOTO_API_URL", default="https://api.getgo.com")
GOTO_AUTH_URL = env("GOTO_AUTH_URL", default="https://authentication.logmeininc.com")
GOTO_CLIENT_ID = env("GOTO_CLIENT_ID", default="")
GOTO_CLIENT_SECRET = env("GOTO_CLIENT_SECRET", default="")
# One budget for all processes; 0 means no limit (a simulator without one).
GOTO_CALLS_PER_SECOND = env.float("GOTO_CALLS_PER_SECOND", default=10.0)
# Details of new people are one call each: so many are asked for at the same time.
GOTO_PARALLEL_CALLS = env.int("GOTO_PARALLEL_CALLS", default=4)
# How GoTo signs webhooks: "hex" or "base64" of HMAC-SHA256, "either", or "none": not looked at.
GOTO_WEBHOOK_SIGNATURE = env("GOTO_WEBHOOK_SIGNATURE", default="either")
GOTO_WEBHOOK_SIGNATURE_HEADER = env("GOTO_WEBHOOK_SIGNATURE_HEADER", default="X-Webhook-Signature")

# HubSpot. The token is for connect_hubspot alone; the page asks for one, and it is kept encrypted.
HUBSPOT_API_URL = env("HUBSPOT_API_URL", default="https://api.hubapi.com")
HUBSPOT_ACCESS_TOKEN = env("HUBSPOT_ACCESS_TOKEN", default="")

# Where tasks wait for a worker, the calls to GoTo are shared, and what may be forgotten is kept: in
# the database, unless Redis is named. What must happen is in the tables either way.
_REDIS_PATIENCE = "socket_connect_timeout=5&socket_timeout=10"
BROKER_URL = env("BROKER_URL", default="")
CALL_BUDGET_URL = env("CALL_BUDGET_URL", default="")
CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://")}

Q_CLUSTER = {
    "name": "webinarsync",
    # One that is there and does not answer holds no one up: whoever posts the form asks it too.
    **(
        {"redis": f"{BROKER_URL}{'&' if '?' in BROKER_URL else '?'}{_REDIS_PATIENCE}"}
        if BROKER_URL
        else {"orm": "default"}
    ),
    "workers": env.int("WORKERS", default=2),
    # `Q_CLUSTER_NAME=push manage.py qcluster`: who fills in our form does not wait for a long sync.
    "ALT_CLUSTERS": {"push": {"workers": env.int("PUSH_WORKERS", default=4)}},
    # A task that a killed worker took is handed out again after `retry` seconds. That is only a
    # second chance: what must happen is in the tables, and the next round finds it there.
    "timeout": 2 * 3600,
    "retry": 2 * 3600 + 300,
    "max_attempts": 1,
    "catch_up": False,
    "poll": 0.5,
    "save_limit": 1000,
    "guard_cycle": 1,
    "label": _("Background jobs"),
}

# What Prometheus shows to be let in to /metrics; without it there is no such page.
METRICS_TOKEN = env("METRICS_TOKEN", default="")

LOGGING = logging_config.config(env("LOG_LEVEL", default="INFO"), env("LOG_FORMAT", default="text"))

UNFOLD = theme.UNFOLD
