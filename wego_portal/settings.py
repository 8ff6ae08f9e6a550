"""Settings, read from the environment; every variable is described in docs/operations.md."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from . import environment

os.umask(0o077)  # database, uploads, mails and keys are for the portal's own user: files 0600, folders 0700
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = environment.folder("DATA_DIR", BASE_DIR / "var")

DEBUG = environment.boolean("DEBUG", default=False)
SECRET_KEY = environment.secret_key("SECRET_KEY", DATA_DIR)
SECRET_KEY_FALLBACKS = environment.word_list("SECRET_KEY_FALLBACKS")
HASH_KEYS = environment.hash_keys("HASH_KEY", DATA_DIR, [SECRET_KEY, *SECRET_KEY_FALLBACKS])  # the first makes hashes
PORT = environment.port("PORT", 8000)
BIND = environment.text("BIND", "127.0.0.1")  # the network address `manage.py serve` listens on
REQUEST_SECONDS = environment.number("REQUEST_SECONDS", 30, most=3600, least=3)  # then the web server answers 503
# How long a client may take from connecting, or from the last answer, until a request's headers are complete; and in
# which a body that it sends, or an answer that it reads, must move on.
CLIENT_SECONDS = 30
# How long a query, or waiting for SQLite's lock, may take: shorter, so that the page can say itself what happened.
DATABASE_SECONDS = REQUEST_SECONDS * 2 // 3
SITE_URL = environment.site_url("SITE_URL", f"http://127.0.0.1:{PORT}")
ALLOWED_HOSTS = environment.hosts("ALLOWED_HOSTS", environment.hosts_of(SITE_URL))
TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", 0, most=9)  # between the portal and its visitors
CSRF_TRUSTED_ORIGINS = [SITE_URL]

if SITE_URL.startswith("https:"):
    # The portal itself speaks plain HTTP to a proxy that ends TLS, and that says so in this header, always.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/$"]
    SECURE_SSL_HOST = urlsplit(SITE_URL).netloc
    SECURE_HSTS_SECONDS = 31_536_000
    # What other names under the same domain speak is not for the portal to decide.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # Browsers take a cookie of this name from this very host alone, and over https only (RFC 6265bis, 4.1.3.2).
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds: a working day of staff
LOGIN_URL = LOGIN_REDIRECT_URL = "admin:index"  # there is no other login

INSTALLED_APPS = [
    "wego_portal.site.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.forms",
    "django_filters",
    "django_countries",
    "django_prose_editor",
    "translated_fields",
    "import_export",
    "wego_portal.foundation",
    "organizations",
    "events",
    "wego_portal.site",
]
FORMS_URLFIELD_ASSUME_HTTPS = True  # an address typed without https:// gets it
FORM_RENDERER = "wego_portal.foundation.form_renderer.FormRenderer"

MIDDLEWARE = [
    "wego_portal.foundation.middleware.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "wego_portal.foundation.middleware.EdgeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "wego_portal.foundation.middleware.PageCompressionMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "wego_portal.foundation.middleware.FormMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wego_portal.foundation.middleware.MovedMiddleware",
]

# Nothing from elsewhere, nothing inline. The nonce is written only where a page asks for one, which the admin's rich
# text editor does (see foundation/content_admin.py); public pages have none and can be cached.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "frame-src": ["https://www.youtube-nocookie.com", "https://player.vimeo.com"],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

CSRF_FAILURE_VIEW = "wego_portal.foundation.error_pages.csrf_failure"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"  # a video player wants to know the site, never the page
X_FRAME_OPTIONS = "DENY"

# What a form of the public pages may bring: bytes, fields.
FORM_MAX_SIZE = 262_144
FORM_MAX_FIELDS = 500
# The same for staff who are signed in to the admin. Only there files are taken, of which a recording is the largest
# (500 MB and its fields).
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
ADMIN_UPLOAD_MAX_SIZE = 510 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "wego_portal.foundation.uploads.ShortNameUploadHandler",
]

ROOT_URLCONF = "wego_portal.site.urls"
WSGI_APPLICATION = "wego_portal.wsgi.application"
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
            "builtins": ["wego_portal.foundation.templatetags.portal"],
        },
    }
]

DATABASES = {"default": environment.database("DATABASE_URL", BASE_DIR, DATA_DIR / "portal.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets readers go on while one writes; IMMEDIATE takes the write lock when a transaction begins, so that
    # what it read stays true until it writes; the time-out (seconds) is how long a writer waits for its turn.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": DATABASE_SECONDS,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Kept from one request to the next, in seconds. SQLite too: with the last connection it writes its log back into the
# file, waits for the disk, and begins a new log, which takes longer than a page.
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ja", _("Japanese")), ("ko", _("Korean"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
# Named here so that our catalogs translate them: the library's own names of these, mostly Japanese and Korean, are old.
COUNTRIES_OVERRIDE = {
    "BI": _("Burundi"),
    "GE": _("Georgia"),
    "JE": _("Jersey"),
    "KG": _("Kyrgyzstan"),
    "KP": _("North Korea"),
    "KY": _("Cayman Islands"),
    "MN": _("Mongolia"),
    "RO": _("Romania"),
    "SC": _("Seychelles"),
    "TH": _("Thailand"),
    "TR": _("Türkiye"),
}
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Seoul"  # the secretariat's; every public time names its own place

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# On the disk of the stored files: a recording of 500 MB is moved there, not copied while its transaction is open.
FILE_UPLOAD_TEMP_DIR = DATA_DIR
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# Compressing is most of the work of the first start: once under the lasting name, and not what only a debugger reads.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["map", "txt", "md", *Compressor.SKIP_COMPRESS_EXTENSIONS]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

vars().update(environment.mail("EMAIL_URL", BASE_DIR, DATA_DIR / "mail"))
DEFAULT_FROM_EMAIL = environment.sender("DEFAULT_FROM_EMAIL", "WeGO <webmaster@localhost>")
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "wego_portal.foundation.log_formatter.NoPersonalData",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Its own handlers would mail an error's whole request to ADMINS.
        "django": {"handlers": [], "level": "WARNING"},
        "waitress": {"level": "WARNING"},  # below that it names the addresses of requests
    },
}
