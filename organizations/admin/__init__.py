"""The back office of organizations, one file a noun. Rule: an action calls the verb the public page would call."""

from . import (
    best_practice,
    initiative,
    inquiry,
    membership,
    organization,
    person,
    place,
    project,
    resource,
    vocabularies,
)

__all__ = [
    "best_practice",
    "initiative",
    "inquiry",
    "membership",
    "organization",
    "person",
    "place",
    "project",
    "resource",
    "vocabularies",
]
