"""What mypy takes a mixin of the admin for: the class that it is mixed into. When the portal runs, they have no base.

Here because the admins of both apps are made of such mixins.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as AdminBase
    from django.contrib.admin.options import BaseModelAdmin as AnyAdminBase  # a ModelAdmin or an inline
    from django.contrib.admin.options import _FieldOpts as FieldsetOptions
else:
    AdminBase = AnyAdminBase = object
    FieldsetOptions = dict

__all__ = ["AdminBase", "AnyAdminBase", "FieldsetOptions"]
