"""The type of a text that is translated when it is shown, as `gettext_lazy` returns it.

Here because other modules here, and events, take such texts. Django's stubs know it as a string, Django as a Promise.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as LazyText
else:
    from django.utils.functional import Promise as LazyText

__all__ = ["LazyText"]
