"""Reads settings from the environment. A wrong one stops the start with one line that says which and why."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import environ

TRUE = ("1", "true", "yes", "on")
FALSE = ("0", "false", "no", "off")
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
HASH_KEY = re.compile(r"[0-9a-f]{64}")
FORMER_HASH_SALT = b"events.suppression"  # with SECRET_KEY it keyed the stop list
MAIL_SCHEMES = (*MAIL_PORTS, "filemail", "consolemail")


class SettingError(SystemExit):
    """Ends the process with status 1 and one line on standard error."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"Setting {name} is wrong: {why}")


def text(name: str, default: str = "") -> str:
    """The value as it stands; an empty one counts as not given."""
    return os.environ.get(name, "").strip() or default


def word_list(name: str) -> list[str]:
    """The values that stand in it, separated by commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def boolean(name: str, default: bool) -> bool:
    """True or False, by any of the words 1, true, yes, on, 0, false, no, off."""
    value = text(name)
    if not value:
        return default
    if value.lower() not in TRUE + FALSE:
        raise SettingError(name, f"“{value}” is neither true nor false. Write 1 or 0.")
    return value.lower() in TRUE


def port(name: str, default: int) -> int:
    """A TCP port, 1 to 65535."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise SettingError(name, f"“{value}” is not a port. Write a number from 1 to 65535.")
    return int(value)


def number(name: str, default: int, most: int, least: int = 0) -> int:
    """A whole number from `least` to `most`."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise SettingError(name, f"“{value}” is not it. Write a number from {least} to {most}.")
    return int(value)


def folder(name: str, default: str | Path) -> Path:
    """An absolute path to a folder that exists (it is made if need be) and can be written to."""
    path = Path(text(name, str(default))).expanduser().absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(name, f"the folder {path} cannot be made ({error.strerror}).")
    if not os.access(path, os.W_OK | os.X_OK):
        raise SettingError(name, f"the folder {path} cannot be written to.")
    return path


def site_url(name: str, default: str) -> str:
    """Scheme and host of the site, with no slash at the end."""
    value = text(name, default).rstrip("/")
    try:
        parts = urlsplit(value)
        is_site = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        is_site = False
    if not is_site or parts.path or parts.query or parts.fragment or parts.username:
        raise SettingError(name, f"“{value}” is not an address of a site. Write one like https://portal.example.org.")
    return value


def hosts_of(site_url: str) -> list[str]:
    """The host of the site; every name of this machine where it is one of them, as on a developer's."""
    local = ["127.0.0.1", "localhost", "[::1]"]
    host = urlsplit(site_url).hostname or ""
    host = f"[{host}]" if ":" in host else host
    return local if host in local else [host]


def hosts(name: str, default: Iterable[str]) -> list[str]:
    """Host names the site answers to: those of `default`, and more, separated by commas."""
    more = word_list(name)
    for host in more:
        if "/" in host or " " in host:
            raise SettingError(name, f"“{host}” is not a host name. Write names like portal.example.org, with commas.")
    return list(dict.fromkeys([*default, *more]))


def secret_key(name: str, data_dir: Path) -> str:
    """The key from the environment, else one that is made once and kept in DATA_DIR for its owner's eyes only."""
    value = text(name)
    if value:
        if len(value) < 32:
            raise SettingError(
                name, f"it has {len(value)} characters. Take 50 random ones, or leave it out: one is made."
            )
        return value
    path = data_dir / "secret-key"
    value = _made_once(name, path, secrets.token_urlsafe(50))
    if len(value) < 32:
        raise SettingError(name, f"it is not given, and {path} holds no key. Delete that file: a new one is made.")
    return value


def hash_keys(name: str, data_dir: Path, secret_keys: Iterable[str]) -> list[str]:
    """The keys of hashes that last: the first makes them, and those made with any of them are recognised.

    From the environment, else from a file in DATA_DIR that is made once, from the secret keys of that start: before
    there was such a file, hashes were made with these. Changing SECRET_KEY later changes nothing here.
    """
    derived = [hashlib.sha256(FORMER_HASH_SALT + key.encode()).hexdigest() for key in secret_keys]
    path = data_dir / "hash-key"
    keys = word_list(name) or _made_once(name, path, "\n".join(derived) + "\n").split()
    if not keys or not all(HASH_KEY.fullmatch(key) for key in keys):
        where = "in it" if text(name) else f"in {path}"
        raise SettingError(name, f"a key {where} is not 64 hexadecimal digits, as “openssl rand -hex 32” makes them.")
    return keys


def _made_once(name: str, path: Path, content: str) -> str:
    """What stands in the file; where there is none it is made with this content, for its owner's eyes only."""
    try:
        if not path.exists():
            # Written aside and linked, so that of two processes that start together both read the same whole file.
            aside = path.with_name(f"{path.name}.{os.getpid()}")
            with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(content)
            try:
                os.link(aside, path)
            except FileExistsError:
                pass
            finally:
                aside.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise SettingError(name, f"it is not given, and {path} cannot be used ({error.strerror}).")


def database(name: str, base_dir: Path, default_path: Path) -> dict[str, object]:
    """Django's DATABASES entry for an address like sqlite:///portal.sqlite3 or postgres://user:password@host/name.

    A relative SQLite path starts at `base_dir`. The address is never repeated in a message: it may hold a password.
    """
    value = text(name)
    if not value:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default_path)}
    scheme = value.partition(":")[0]
    if scheme not in DATABASE_SCHEMES or "://" not in value:
        raise SettingError(name, f"“{scheme}” is not a database it knows. Begin with sqlite:/// or postgres://.")
    try:
        config = environ.Env.db_url_config(value)
    except ValueError as error:
        raise SettingError(name, f"it cannot be read ({error}).")
    if config["NAME"] in ("", ":memory:"):
        raise SettingError(name, "it names no database. Write sqlite:///FILE or postgres://USER:PASSWORD@HOST/NAME.")
    if scheme == "sqlite":
        config["NAME"] = str(Path(base_dir, config["NAME"]))
        if not Path(config["NAME"]).parent.is_dir():
            raise SettingError(name, f"there is no folder {Path(config['NAME']).parent}.")
    return config


def mail(name: str, base_dir: Path, default_folder: Path) -> dict[str, object]:
    """Django's EMAIL_… settings for an address like smtp+tls://user:password@host:587 or filemail:///folder."""
    value = text(name)
    if not value:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(default_folder),
        }
    scheme = value.partition(":")[0]
    if scheme not in MAIL_SCHEMES or "://" not in value:
        raise SettingError(name, f"“{scheme}” is not a way to send mail. Begin with one of: {', '.join(MAIL_SCHEMES)}.")
    try:
        config = environ.Env.email_url_config(value)
    except ValueError as error:
        raise SettingError(name, f"it cannot be read ({error}).")
    if scheme in MAIL_PORTS:
        if not config["EMAIL_HOST"]:
            raise SettingError(name, f"it names no server. Write {scheme}://USER:PASSWORD@HOST:{MAIL_PORTS[scheme]}.")
        config["EMAIL_PORT"] = config["EMAIL_PORT"] or MAIL_PORTS[scheme]
        config["EMAIL_TIMEOUT"] = 20  # seconds, or a silent server would hold the worker for ever
    if scheme == "filemail":
        if not config["EMAIL_FILE_PATH"]:
            raise SettingError(name, "it names no folder. Write filemail:///FOLDER.")
        config["EMAIL_FILE_PATH"] = str(Path(base_dir, config["EMAIL_FILE_PATH"]))
    return config


def sender(name: str, default: str) -> str:
    """A mail address, with or without a name before it."""
    value = text(name, default)
    address = parseaddr(value)[1]
    if "@" not in address.strip("@") or "\n" in value:
        raise SettingError(name, f"“{value}” is not a mail address. Write one like WeGO <portal@example.org>.")
    return value
