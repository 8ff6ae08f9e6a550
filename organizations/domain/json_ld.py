"""What organizations are in the words of schema.org, for machines."""

from django.conf import settings

from wego_portal.foundation.partial_dates import iso_partial

from ..models import Organization, Sector

GOVERNMENTS = {Sector.MINISTRY, Sector.PREFECTURAL, Sector.MUNICIPAL, Sector.AGENCY}


def organization_json_ld(organization: Organization) -> dict[str, object]:
    """The organization in the words of schema.org, with what is known and nothing else."""
    kind = "GovernmentOrganization" if organization.sector in GOVERNMENTS else "Organization"
    known = {
        "@type": kind,
        "@id": f"{settings.SITE_URL}{organization.get_absolute_url()}",
        "url": organization.website or f"{settings.SITE_URL}{organization.get_absolute_url()}",
        "name": organization.name,
        "alternateName": [name for name in (organization.short_name, organization.native_name) if name],
        "description": organization.summary,
        "foundingDate": iso_partial(organization.founded, organization.founded_precision),
        "address": {
            "@type": "PostalAddress",
            "addressCountry": organization.country.code,
            **({"addressLocality": organization.place.name} if organization.place else {}),
        }
        if organization.country
        else None,
    }
    return {key: value for key, value in known.items() if value}
