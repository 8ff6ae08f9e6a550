"""The foundation's own tables, each defined beside the rule it serves."""

from .outbox import OutboxMail
from .rate_limit import Attempt
from .slugs import OldSlug

__all__ = ["Attempt", "OldSlug", "OutboxMail"]
