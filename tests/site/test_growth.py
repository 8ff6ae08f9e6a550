"""Nothing sent costs more than its length deserves: fields, forms, parameters, uploads and regular expressions."""

import ast
import contextlib
import re
from pathlib import Path
from urllib.parse import urlencode

import django_filters
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.validators import RegexValidator
from django.urls import URLPattern, get_resolver

from events.models import Event
from tests.growth import FEW_UNITS, UNITS, grows_too_fast, texts
from wego_portal.foundation.uploads import AllowedFile

from .public_forms import modules, public_fields, subclasses, typed_into

# Bytes of the shorter text: few, for what doubles with each, and many.
SIZES = (12, 1_000, 4_000)


def patterns():
    """Every regular expression in the code: kept in modules, checked by fields, or written in a call."""
    found = set()
    for module in modules():
        found |= {value for value in vars(module).values() if isinstance(value, re.Pattern)}
        for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_call and getattr(node.func.value, "id", "") == "re" and isinstance(node.args[0], ast.Constant):
                found.add(re.compile(node.args[0].value))
    validators = (validator for field in public_fields().values() for validator in field.validators)
    found |= {validator.regex for validator in validators if isinstance(validator, RegexValidator)}
    return sorted(found, key=lambda pattern: pattern.pattern)


def refuse_growth(work, floor, sizes=SIZES, units=UNITS, literals=(), name=""):
    """Fail where `work` on a text grows faster than the text; `literals` are what the texts may begin with too, and
    `name` says what was walked."""
    for size in sizes:
        single, double = texts(size, [*units, *literals]), texts(2 * size, [*units, *literals])
        for prefix in ("", *literals):
            for unit, text in double.items():
                assert not grows_too_fast(work, prefix + single[unit], prefix + text, floor), (name, prefix, unit, size)


def test_no_regular_expression_grows_faster_than_its_text():
    found = patterns()
    for pattern in found:
        # What the expression itself looks for leads deeper into it than any text that knows nothing of it.
        literals = re.findall(r"[^\\()\[\]{}?*+|^$.\s]+", pattern.pattern)[:3]
        literals += ["".join(literals[:2])] if literals else []

        def probe(text, pattern=pattern):
            pattern.fullmatch(text)
            for _match in pattern.finditer(text):
                pass

        refuse_growth(probe, floor=0.02, literals=literals, name=pattern.pattern)
    assert len(found) >= 12, found


def test_no_field_grows_faster_than_what_is_typed():
    fields = public_fields()
    for field in fields.values():

        def clean(text, field=field):
            with contextlib.suppress(ValidationError):
                field.clean([text] if isinstance(field, forms.MultipleChoiceField) else text)

        refuse_growth(clean, floor=0.02)
    assert len(fields) >= 70, sorted(fields)


def test_no_form_grows_faster_than_what_is_sent(client, form_addresses):
    shown = set()
    for address in form_addresses.values():
        form = client.get(address).context["form"]
        shown.add(type(form).__name__)
        fields = len(typed_into(form, ""))

        def send(text, address=address, form=form):
            response = client.post(address, {**typed_into(form, text), "do": "change"})
            assert response.status_code in (200, 400, 413, 422), (address, text[:20], response.status_code)

        # As much as a form takes.
        refuse_growth(send, floor=0.15, sizes=[240_000 // fields // 2], units=FEW_UNITS)
    assert shown == set(form_addresses)
    known = {form.__name__ for form in subclasses(forms.Form) if form.base_fields}
    searches = {"FindForm", "SuggestForm"}  # sent in an address
    mixins = {"GuardedForm", "DetailsForm"}
    assert {name for name in known - shown - searches - mixins if not name.endswith("FilterForm")} == set()


def addresses_without_arguments(resolver=None, prefix="/"):
    """The addresses of all pages that take nothing from their address, but those of the admin."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = str(entry.pattern)
        if "<" in route or route.startswith("admin"):
            continue
        if isinstance(entry, URLPattern):
            yield prefix + route
        else:
            yield from addresses_without_arguments(entry, prefix + route)


def test_no_parameter_grows_faster_than_what_is_asked(client, form_addresses):
    event = Event.objects.get()
    addresses = [*addresses_without_arguments(), f"/events/{event.slug}/"]
    names = {name for filterset in subclasses(django_filters.FilterSet) for name in filterset.base_filters}
    names |= {"q", "page", "done", "next", "no_such"}
    names = sorted(names)
    for address in addresses:

        def ask(query, address=address):
            client.get(f"{address}?{urlencode(query, doseq=True)}")

        # Each parameter with another text, until each had every one; then one parameter many times.
        for turn in range(0, len(UNITS), 8):
            single, double = (
                {name: unit * length for name, unit in zip(names, UNITS[turn:] + UNITS, strict=False)}
                for length in (6, 12)
            )
            assert not grows_too_fast(ask, single, double, 0.15), (address, turn)
        assert not grows_too_fast(ask, {"series": ["a"] * 24}, {"series": ["a"] * 48}, 0.15), address
    assert len(addresses) >= 18, addresses
    assert len(names) >= 20, names


def upload_forms(request):
    """Each form of the admin that takes a file, of a page or of a row in it."""
    for model_admin in admin.site._registry.values():
        yield model_admin.get_form(request)
        for inline in model_admin.get_inline_instances(request):
            yield inline.get_formset(request).form


def test_no_upload_grows_faster_than_the_file(admin_client, form_addresses):
    request = admin_client.get("/admin/events/event/add/").wsgi_request
    tried = set()
    for form in upload_forms(request):
        for name, field in form.base_fields.items():
            if not isinstance(field, forms.FileField):
                continue
            validators = form._meta.model._meta.get_field(name).validators
            checks = [each for each in validators if isinstance(each, AllowedFile)]
            for suffix in checks[0].extensions if checks else [".png"]:

                def upload(text, form=form, name=name, suffix=suffix):
                    file = SimpleUploadedFile(f"file{suffix}", text.encode())
                    form({}, {name: file}).full_clean()

                refuse_growth(upload, floor=0.15, sizes=[8_000], units=FEW_UNITS)
                tried.add((form._meta.model.__name__, name, suffix))
    page = f"/admin/events/event/{Event.objects.get().pk}/invite/"

    def invite_from(text):
        file = SimpleUploadedFile("list.csv", b"email\n" + text.encode())
        given = {"do": "look", "source": "file", "basis": "x", "expires_on": "2026-12-01", "file": file}
        assert admin_client.post(page, given).status_code == 200

    refuse_growth(invite_from, floor=0.15, sizes=[20_000], units=FEW_UNITS)
    assert len(tried) >= 15, sorted(tried)
