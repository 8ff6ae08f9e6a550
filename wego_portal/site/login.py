"""Signing in to the back office."""

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import UsernameField

from wego_portal.foundation.bounds import BoundedCharField, BoundedMixin

MAX_USERNAME_LENGTH = 150  # characters, as the model of accounts has it
MAX_PASSWORD_LENGTH = 4_096


class BoundedUsernameField(BoundedMixin, UsernameField):
    """The name of a login, of at most as many characters as one can have."""


class LoginForm(AdminAuthenticationForm):
    """The sign-in form of the back office."""

    username = BoundedUsernameField(max_length=MAX_USERNAME_LENGTH, widget=forms.TextInput(attrs={"autofocus": True}))
    password = BoundedCharField(
        label=AdminAuthenticationForm.base_fields["password"].label,
        strip=False,
        max_length=MAX_PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
