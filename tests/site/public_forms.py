"""The forms and filters that a visitor can send, found in the code."""

import copy
import importlib
import pkgutil

import django_filters
from django import forms

from events.forms import question_field
from events.models import Choice, Question

PACKAGES = ["wego_portal", "organizations", "events"]


def modules():
    """Every module of the code, imported."""
    for package in PACKAGES:
        root = importlib.import_module(package)
        yield root
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            if ".migrations" not in found.name and found.name != "wego_portal.asgi":
                yield importlib.import_module(found.name)


def subclasses(base):
    """The classes of the code below `base`, without those of the admin, which only staff reach."""
    found = {one for one in base.__subclasses__()}
    for one in list(found):
        found |= subclasses_of_any(one)
    ours = {one for one in found if one.__module__.split(".")[0] in PACKAGES}
    return {one for one in ours if ".admin" not in one.__module__}


def subclasses_of_any(base):
    return {one for direct in base.__subclasses__() for one in (direct, *subclasses_of_any(direct))}


def public_fields():
    """{name: field} of every form and filter that a visitor can send."""
    list(modules())
    fields = {}
    for form in subclasses(forms.BaseForm):
        fields |= {f"{form.__name__}.{name}": field for name, field in form.base_fields.items()}
    for filterset in subclasses(django_filters.FilterSet):
        for name, one in copy.deepcopy(filterset.base_filters).items():
            if isinstance(one, django_filters.ChoiceFilter):
                one.extra.setdefault("choices", [("a", "A")])
            fields[f"{filterset.__name__}.{name}"] = one.field
    for kind in Question.Kind:
        question, chosen = (
            Question(kind=kind, label_en="Why?"),
            [Choice(pk=1, label_en="a"), Choice(pk=2, label_en="b")],
        )
        question.choices_to_offer = lambda chosen: chosen
        fields[f"question of kind {kind}"] = question_field(question, chosen)
    return fields


def typed_into(form, text):
    """What is sent where the text is typed into every field of a form, those that programs fill in too."""
    return dict.fromkeys([*form.fields, "stamp", "comment", "person", "request", "invitation"], text)
