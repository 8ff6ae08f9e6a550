"""How often something was done of late, counted by email address and by network, across all processes.

Here because the forms of both apps are counted alike. What is kept is a keyed hash with the ten minutes it belongs to:
it names nobody, differs from one ten minutes to the next, and is deleted within two hours.
"""

import datetime
import ipaddress

from django.conf import settings
from django.db import connection, models
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from . import periodic

PERIOD = 600  # seconds
RETAINED_PERIODS = 5  # before the present one: with an hourly job all is deleted within two hours


class Attempt(models.Model):
    """How often one key was seen within ten minutes."""

    key = models.CharField(_("hash"), max_length=64, primary_key=True)
    period = models.PositiveIntegerField(_("ten minutes"), db_index=True)
    count = models.PositiveIntegerField(_("count"))

    class Meta:
        verbose_name = _("attempts")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return self.key[:12]


def record_attempts(scope: str, *keys: str, now: datetime.datetime) -> list[int]:
    """Count one more attempt for each of the keys, and say how many each has within the present ten minutes.

    One statement, which holds among processes. Ten minutes begin by the clock, so that around their turn nearly twice
    as much is let through. Keys that all attempts share come first: each process then locks in the same order.
    """
    period = int(now.timestamp() // PERIOD)
    hashes = [_hash(scope, key, now) for key in keys]
    table = connection.ops.quote_name(Attempt._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (key, period, count) VALUES {', '.join(['(%s, %s, 1)'] * len(hashes))}"
            f" ON CONFLICT (key) DO UPDATE SET count = {table}.count + 1 RETURNING key, count",
            [value for each in hashes for value in (each, period)],
        )
        counts = dict(cursor.fetchall())
    return [counts[each] for each in hashes]


def forget_attempts(scope: str, key: str, *, now: datetime.datetime) -> None:
    """Forget what was counted of the key within the present ten minutes, because it succeeded."""
    Attempt.objects.filter(key=_hash(scope, key, now)).delete()


def _hash(scope: str, key: str, now: datetime.datetime) -> str:
    period = int(now.timestamp() // PERIOD)
    return salted_hmac("foundation.limits", f"{scope}:{period}:{key}", algorithm="sha256").hexdigest()


@periodic.every(datetime.timedelta(hours=1))
def delete_old_attempts(*, now: datetime.datetime) -> int:
    """Delete counts that are of use no more: those whose ten minutes began an hour or more ago. Returns how many."""
    return Attempt.objects.filter(period__lt=int(now.timestamp() // PERIOD) - RETAINED_PERIODS).delete()[0]


def network_of(request: HttpRequest) -> str | None:
    """The network a request comes from: 256 addresses of IPv4, a /64 of IPv6. None if it comes from this machine.

    With TRUSTED_PROXIES=n the n nearest addresses are those of our own proxies, each of which adds the one it was
    called from to X-Forwarded-For, some of them with its port; what stands before these the client may have made up.
    """
    chain = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), request.META.get("REMOTE_ADDR", "")]
    given = chain[max(len(chain) - 1 - settings.TRUSTED_PROXIES, 0)] if settings.TRUSTED_PROXIES else chain[-1]
    try:
        address = ipaddress.ip_address(_without_port(given.strip()))
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback:
        return None
    if address.version == 4:
        return str(ipaddress.IPv4Network((int(address), 24), strict=False))
    return str(ipaddress.IPv6Network((int(address), 64), strict=False))


def _without_port(address: str) -> str:
    """The address in "192.0.2.1:4711", "[2001:db8::1]:4711" or "[2001:db8::1]"; another text as it is."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    host, separator, _port = address.partition(":")
    return host if separator and ":" not in _port else address
