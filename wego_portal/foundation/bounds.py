"""Form fields that look at the length of what was sent before they look at anything else.

Here because the public forms and filters of both apps are made of them: stripping, normalising and matching cost time
that grows with the text, and a stranger chooses its length.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MaxLengthValidator

if TYPE_CHECKING:
    from django.forms import ChoiceField as ChoiceFieldBase
    from django.forms import Field as FieldBase
else:
    FieldBase = ChoiceFieldBase = object  # the mixins stand before a field's class

MAX_CHOICE_LENGTH = 100  # characters of a value that is looked at although it may be none of the choices
QUOTED_LENGTH = 40  # characters of such a value that are said again when it is much longer
MAX_REDISPLAYED_LENGTH = 10  # a text that is too long is shown again up to this many times its limit


def max_raw_length(max_length: int) -> int:
    """The characters that a field of `max_length` looks at: line breaks may be sent as two, and spaces around it go."""
    return 2 * max_length + 100


def sent_text(data: Mapping[str, Any], name: str, max_length: int) -> str:
    """The text that was sent as `name`, where no form field reads it; "" where it is missing or too long."""
    text = data.get(name) or ""
    return text if len(text) <= max_length else ""


class BoundedMixin(FieldBase):
    """For a form field, before its class in the list of bases: refuses what is far too long, unread.

    What is only a little longer than `max_length` (characters) is cleaned as usual, and refused by its validator.
    """

    max_length: int | None = MAX_CHOICE_LENGTH

    @property
    def _limit(self) -> int:
        return self.max_length or MAX_CHOICE_LENGTH

    def clean(self, value: Any) -> Any:
        """The clean value. Raises ValidationError."""
        if isinstance(value, str) and self.is_overlong(value):
            self.refuse_length(value)
        return super().clean(value)

    def is_overlong(self, value: str) -> bool:
        """Whether a text is too long to be looked at."""
        return len(value) > max_raw_length(self._limit)

    def refuse_length(self, value: str) -> None:
        """Say how long the text may be."""
        MaxLengthValidator(self._limit)(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What the page shows again: an overlong text is cut, so that no page grows with what was sent."""
        value = super().bound_data(data, initial)
        return value[: MAX_REDISPLAYED_LENGTH * self._limit] if isinstance(value, str) else value


class BoundedCharField(BoundedMixin, forms.CharField):
    """A text of at most `max_length` characters, of which a line break is one."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str | None:
        """The text with its line breaks as LF: browsers send CR LF and count one."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n").replace("\r", "\n") if text else text


class BoundedChoiceMixin(BoundedMixin, ChoiceFieldBase):
    def is_overlong(self, value: str) -> bool:
        return super().is_overlong(value) and not self.valid_value(value)

    def refuse_length(self, value: str) -> None:
        params = {"value": f"{value[:QUOTED_LENGTH]}…"}
        raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params=params)


class BoundedChoiceField(BoundedChoiceMixin, forms.ChoiceField):
    """One of several choices."""


class BoundedMultipleChoiceField(BoundedChoiceMixin, forms.MultipleChoiceField):
    """Some of several choices; never more values than there are choices."""

    def clean(self, value: Any) -> list[str]:
        """The chosen values. Raises ValidationError."""
        values = value or []
        overlong = [each for each in values if self.is_overlong(each)]
        choices = len(self.choices)  # type: ignore[arg-type]  # once set they are a sized list
        if overlong or len(values) > choices:
            self.refuse_length(overlong[0] if overlong else "")
        return super().clean(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What the page shows again: only values that are choices."""
        return [each for each in data or [] if self.valid_value(each)]
