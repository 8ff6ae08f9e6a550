from django import forms
from django.utils.translation import gettext_lazy as _


class DecisionForm(forms.Form):
    """What the registrant is told of a decision about the seat."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        help_text=_("Stands in the mail as it is, in every language. May be left empty."),
    )
