"""Django settings; everything a city changes comes from environment variables."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog
import xstatic.pkg.leaflet
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("KOLABORASI_HOME", ".kolaborasi")).resolve()
MODE = os.environ.get("KOLABORASI_MODE", "development")
if MODE not in {"development", "demo", "production"}:
    raise ImproperlyConfigured(f"KOLABORASI_MODE is {MODE!r}; it must be development, demo or production.")
DEMO = MODE == "demo"
PRODUCTION = MODE == "production"
DEBUG = False


def _secret_key() -> str:
    given = os.environ.get("KOLABORASI_SECRET_KEY", "")
    if given:
        if PRODUCTION and len(given) < 40:
            raise ImproperlyConfigured(
                "KOLABORASI_SECRET_KEY must have at least 40 characters in production."
            )
        return given
    if PRODUCTION:
        raise ImproperlyConfigured("KOLABORASI_SECRET_KEY must be set in production.")
    kept = HOME / "secret.key"
    if not kept.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        fresh = HOME / f"secret.key.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        # Link, unlike rename, lets the first of several processes win.
        try:
            os.link(fresh, kept)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return kept.read_text().strip()


def _database(url: str) -> dict[str, object]:
    """Django's database entry of an address `postgresql://user:password@host:port/name`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 5432),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "options": f"-c search_path={SCHEMA} -c lock_timeout=30s -c idle_in_transaction_session_timeout=60s",
            # Statements of `common.rows.prepared` are planned once for a connection. A pooler between us and the
            # database that knows no prepared statements (PgBouncer before 1.21) needs it off: 0.
            "prepare_threshold": int(os.environ.get("KOLABORASI_PREPARE", "5")) or None,
            "pool": {"min_size": 1, "max_size": int(os.environ.get("KOLABORASI_POOL", "10")), "timeout": 20},
        },
    }


SECRET_KEY = _secret_key()
# A city is a schema: nothing in the code names one, the connection's search_path does.
SCHEMA = os.environ.get("KOLABORASI_SCHEMA", "kolaborasi")
DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none"))}
if not PRODUCTION:
    DATABASES["default"]["OPTIONS"].pop("pool")  # type: ignore[attr-defined]
    DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"

ALLOWED_HOSTS = os.environ.get("KOLABORASI_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("KOLABORASI_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "kolaborasi.common",
    "kolaborasi.audit",
    "kolaborasi.events",
    "kolaborasi.messages",
    "kolaborasi.places",
    "kolaborasi.people",
    "kolaborasi.partners",
    "kolaborasi.commitments",
    "kolaborasi.stock",
    "kolaborasi.exchange",
    "kolaborasi.aid",
    "kolaborasi.diagnostics",
    "kolaborasi.hospitals",
    "kolaborasi.vaccination",
    "kolaborasi.allocation",
    "kolaborasi.api",
    "kolaborasi.web",
    "kolaborasi.demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    # Ships the scripts of the API's documentation page, so that nothing is loaded from elsewhere.
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Early, so that refusals of the middleware below it have an id, a log line and the security headers too.
    "kolaborasi.web.middleware.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kolaborasi.partners.middleware.ActorMiddleware",
]
ROOT_URLCONF = "kolaborasi.config.urls"
CSRF_FAILURE_VIEW = "kolaborasi.web.views.expired_form"
FORM_RENDERER = "kolaborasi.web.forms.FormRenderer"
WSGI_APPLICATION = "kolaborasi.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kolaborasi.web.context.site",
            ],
        },
    }
]

LANGUAGE_CODE = "id"
LANGUAGES = [("id", _("Indonesian")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"

STATIC_URL = "/static/"
# Files are found in the packages when the server starts; nothing has to be collected.
STATIC_ROOT = None
STATICFILES_DIRS = [("leaflet", xstatic.pkg.leaflet.BASE_DIR)]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
MEDIA_ROOT = HOME / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "/accounts/login/"
ACCOUNT_ADAPTER = "kolaborasi.partners.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_TOTP_ISSUER = "Kolaborasi"
MFA_ADAPTER = "kolaborasi.partners.accounts.MfaAdapter"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
PASSWORD_RESET_TIMEOUT = 3600
# How often somebody may try to sign in, sign up or ask for mail is counted in the cache, by all processes together.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key", "login": "30/m/ip", "signup": "20/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("KOLABORASI_TRUSTED_PROXIES", "0"))
NINJA_NUM_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "platform_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Gateways, one apprise address each; without one, messages stay in the outbox (development and demo).
MESSAGE_GATEWAYS = {
    channel: os.environ.get(f"KOLABORASI_GATEWAY_{channel.upper()}", "")
    for channel in ("email", "sms", "whatsapp")
}
MESSAGE_ADDRESS_BOOK = "kolaborasi.people.queries.address_of"
DEFAULT_FROM_EMAIL = os.environ.get("KOLABORASI_FROM", "kolaborasi@localhost")

# Keys of personal fields: the newest first; older ones still open what they closed.
PEOPLE_KEYS = [key for key in os.environ.get("KOLABORASI_PEOPLE_KEYS", "").split(",") if key] or [SECRET_KEY]
if PRODUCTION and PEOPLE_KEYS == [SECRET_KEY]:
    raise ImproperlyConfigured("KOLABORASI_PEOPLE_KEYS must be set in production, apart from the secret key.")
# Where this city offers its source code; shown in the footer.
SOURCE_ADDRESS = os.environ.get("KOLABORASI_SOURCE", "")
MAP_TILES = os.environ.get("KOLABORASI_MAP_TILES", "")
PUBLIC_ADDRESS = os.environ.get("KOLABORASI_ADDRESS", "http://127.0.0.1:8000")

# Age in minutes at which a report of a bed class is stale, where the city wants it otherwise: {"ed": 30}.
HOSPITALS_STALE_MINUTES: dict[str, int] = json.loads(os.environ.get("KOLABORASI_STALE_MINUTES", "{}"))

LOGGING_CONFIG = None
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(),
    ]
)
