"""The foundation's own tables, each defined beside the rule it serves."""

from .limits import Attempt
from .outbox import OutboxMail
from .slugs import OldSlug

__all__ = ["Attempt", "OldSlug", "OutboxMail"]
