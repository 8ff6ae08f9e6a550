"""A walk over every form of the admin: each constraint that staff can break is broken through each, and answered."""

import functools

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import resolve, reverse
from factory.django import DjangoModelFactory

from events.models import Choice, EventAudience, EventOrganization, Follows, StoryPicture
from organizations.models import Alias, Sector
from tests.admin_forms import field_errors, form_data
from tests.factories import events, organizations
from wego_portal.foundation.constraint_admin import MAX_ROWS, ConstraintAdmin, ConstraintForm, ConstraintFormSet
from wego_portal.foundation.constraint_checks import (
    check_constraints,
    constraint_fields,
    field_to_mark,
    unique_constraints,
)
from wego_portal.site.admin_site import PortalAdminSite

pytestmark = pytest.mark.django_db


def without_parts(values):
    """The values with an event that needs no part."""
    return values if "event" in values else {"event": events.EventFactory(takes_registrations=False), **values}


def audience(**values):
    return EventAudience.objects.create(**without_parts({"sector": Sector.MINISTRY, **values}))


def follows(**values):
    return Follows.objects.create(**without_parts({"earlier": events.EventFactory(), **values}))


def role(**values):
    return events.EventOrganizationFactory(**without_parts(values))


def choice(**values):
    question = events.QuestionFactory(choices=events.YES_OR_NO)
    return Choice.objects.create(**{"question": question, "order": 3, "label_en": "Perhaps", **values})


def story_picture(**values):
    return StoryPicture.objects.create(story=events.StoryFactory(), picture="news/a.png", alt_en="A street", **values)


def user(**values):
    number = get_user_model().objects.count()
    return get_user_model().objects.create_user(**{"username": f"user{number}", **values})


def group(**values):
    return Group.objects.create(**{"name": f"Group {Group.objects.count()}", **values})


FACTORIES = {
    factory._meta.model: factory
    for module in (organizations, events)
    for factory in reversed(list(vars(module).values()))  # a factory of the same model that says more comes later
    if isinstance(factory, type) and issubclass(factory, DjangoModelFactory)
} | {
    Choice: choice,
    EventAudience: audience,
    EventOrganization: role,
    Follows: follows,
    StoryPicture: story_picture,
    get_user_model(): user,
    Group: group,
}

# What breaks a check constraint, by its name without the app; of all others the first field is emptied.
BREAKS = {
    "scheduled_has_time": {"publication": "scheduled", "publish_at_0": "", "publish_at_1": ""},
    "membership_not_itself": lambda row: {"group": row.member_id},
    "follows_not_itself": lambda row: {"earlier": row.event_id},
    "event_not_replaced_by_itself": lambda row: {"replaced_by": row.pk},
    "until_after_since": {"since": "2026-02-01", "until": "2026-01-01"},
    "part_start_time_fits_precision": {"precision": "month"},
    "part_end_needs_start": {"precision": "day", "start_time": ""},
    "part_end_date_after_date": {"end_date": "2026-12-01"},
    "part_ends_after_start": {"end_time": "14:00"},
    "event_hold_range": {"hold_hours": "999"},
    "part_closes_after_opens": {
        "registration_opens_at_0": "2026-12-01",
        "registration_opens_at_1": "10:00",
        "registration_closes_at_0": "2026-11-30",
        "registration_closes_at_1": "10:00",
    },
    "place_on_earth": {"latitude": "95"},
    "recording_address_or_file": lambda row: {"file": SimpleUploadedFile("a.mp4", b"\0\0\0\x18ftypmp42")},
}
UNBREAKABLE = {"events_part_span": "both ends are computed, from a day and an hour that other constraints order"}

# How the second of two rows differs that are to collide; without a word here, the factory makes it so.
SECOND = {
    ("event", "organization", "role"): {"role": EventOrganization.Role.PARTNER},
    ("event", "sector"): {"sector": Sector.ACADEMIA},
    ("name_en", "country"): {"country": "JP"},
    ("code",): {"code": "ko"},
    ("part", "language"): lambda: {"language": organizations.LanguageFactory(code="ja")},
    ("part", "recording", "language"): lambda: {"language": organizations.LanguageFactory(code="ja")},
}


def superuser_request():
    request = RequestFactory().get("/")
    request.resolver_match = resolve(reverse("admin:index"))
    request.user = get_user_model()(username="walker", is_superuser=True, is_active=True, is_staff=True)
    return request


@functools.cache
def doors():
    """(admin, inline or None, class of the form, class of the formset or None) of every form of the admin."""
    request, found = superuser_request(), []
    for model, model_admin in admin.site._registry.items():
        stored = model(pk=1)  # pages to change are the ones with the inlines of what cannot be added
        found.append((model_admin, None, model_admin.get_form(request, stored, change=True), None))
        found.append((model_admin, None, model_admin.get_form(request, None), None))
        for formset, inline in model_admin.get_formsets_with_inlines(request, stored):
            found.append((model_admin, inline, formset.form, formset))
    return found


def breakable(kind):
    """(admin, inline or None, constraint) wherever the page to change a row shows a field of a constraint."""
    constraints_of = {"check": check_constraints, "unique": unique_constraints}[kind]
    seen = {}
    for model_admin, inline, form, _formset in doors():
        model = form._meta.model
        for constraint in constraints_of(model):
            if set(constraint_fields(constraint)).intersection(form.base_fields):
                where = f"{model_admin.opts.label_lower}-{type(inline).__name__ if inline else ''}-{constraint.name}"
                seen.setdefault(where, (model_admin, inline, constraint))
    return seen


CHECKS = {where: door for where, door in breakable("check").items() if door[2].name not in UNBREAKABLE}
UNIQUE = breakable("unique")


def test_every_form_and_formset_of_the_admin_judges_constraints():
    for model_admin in admin.site._registry.values():
        assert isinstance(model_admin, ConstraintAdmin), model_admin
    for model_admin, inline, form, formset in doors():
        assert issubclass(form, ConstraintForm), (model_admin, inline)
        assert formset is None or issubclass(formset, ConstraintFormSet), (model_admin, inline)
    inlines = [inline for _admin, inline, _form, _formset in doors() if inline]
    # So many admins, inlines, and pairs of a form and a constraint; more is fine, fewer means that the walk is blind.
    walked = (len(admin.site._registry), len(inlines), len(CHECKS), len(UNIQUE))
    assert all(number >= floor for number, floor in zip(walked, (28, 18, 56, 27), strict=True)), walked


def test_an_admin_that_asks_for_nothing_judges_constraints_too():
    site = PortalAdminSite()
    site.register(Alias)
    assert isinstance(site.get_model_admin(Alias), ConstraintAdmin)
    assert issubclass(site.get_model_admin(Alias).get_form(superuser_request()), ConstraintForm)


def test_lists_that_are_edited_judge_constraints_and_exchange_nothing_unique():
    edited = [each for each in admin.site._registry.values() if each.list_editable]
    for model_admin in edited:
        formset = model_admin.get_changelist_formset(superuser_request())
        assert issubclass(formset, ConstraintFormSet)
        assert issubclass(formset.form, ConstraintForm)
        names = {name for constraint in unique_constraints(model_admin.model) for name in constraint_fields(constraint)}
        assert names.isdisjoint(model_admin.list_editable)  # its rows are saved one by one
    assert edited


@pytest.mark.parametrize("where", [*CHECKS, *UNIQUE])
def test_a_constraint_can_be_judged_and_has_its_own_words(where):
    _admin, inline, constraint = {**CHECKS, **UNIQUE}[where]
    names = constraint_fields(constraint)
    assert names, "A condition of another kind than Q, or expressions: teach constraint_checks to judge it."
    unique_field = getattr(constraint, "fields", None) and len(constraint.fields) == 1  # Django has words for it
    assert unique_field or constraint.violation_error_message != constraint.default_violation_error_message
    if inline and getattr(constraint, "fields", None):
        fk = inline.get_formset(superuser_request()).fk
        assert fk.name in constraint.fields, "Rows can exchange only what is unique within their parent."


def page_of(model_admin, inline, row):
    """(address of the page that shows the row's form, the parent's)."""
    parent = getattr(row, inline.get_formset(superuser_request()).fk.name) if inline else row
    return reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_change", args=[parent.pk])


def sent(client, model_admin, inline, rows):
    """What the page would send, with changes {row: {field: value}} of rows."""
    url = page_of(model_admin, inline, next(iter(rows)))
    data = form_data(client, url)
    prefixes = {}
    if inline:
        formset_prefix = inline.get_formset(superuser_request()).get_default_prefix()
        prefixes = {
            str(data[name]): name.removesuffix("id")
            for name in data
            if name.startswith(f"{formset_prefix}-") and name.endswith("-id")
        }
    for row, changes in rows.items():
        data |= {f"{prefixes[str(row.pk)] if inline else ''}{name}": value for name, value in changes.items()}
    return client.post(url, data)


def sendable(row, name):
    """The value of a row's field as a form sends it."""
    value = getattr(row, row._meta.get_field(name).attname)
    return str(value)


def assert_said_beside_a_field(response, constraint, row):
    assert response.status_code == 200, "It was saved."
    errors = field_errors(response)
    words = str(constraint.get_violation_error_message())
    if constraint.violation_error_message == constraint.default_violation_error_message:
        words = "already exists"
    beside = [name for name, message in errors.items() if words in message]
    assert beside, errors
    assert not any("__all__" in name for name in beside)


@pytest.mark.parametrize("where", CHECKS)
def test_a_check_is_said_beside_a_field(admin_client, where):
    model_admin, inline, constraint = CHECKS[where]
    model = (inline or model_admin).model
    row = FACTORIES[model]()
    breaks = next((value for name, value in BREAKS.items() if constraint.name.endswith(name)), None)
    if breaks is None:
        breaks = dict.fromkeys(constraint_fields(constraint), "")
    changes = breaks(row) if callable(breaks) else breaks
    assert_said_beside_a_field(sent(admin_client, model_admin, inline, {row: changes}), constraint, row)


def two_rows(model, constraint):
    """Two rows that differ in the last field of the constraint only, of those it names."""
    factory, names = FACTORIES[model], tuple(constraint.fields)
    given = {"geonames_id": 1} if names == ("geonames_id",) else {}
    if "recording" in names:
        given["recording"] = events.RecordingFactory()
        given["part"] = given["recording"].part
    first = factory(**given)
    shared = {name: getattr(first, name) for name in names[:-1]}
    second = SECOND.get(names, {})
    return first, factory(**shared, **(second() if callable(second) else second))


@pytest.mark.parametrize("where", UNIQUE)
def test_what_is_unique_is_said_beside_a_field(admin_client, where):
    model_admin, inline, constraint = UNIQUE[where]
    first, second = two_rows((inline or model_admin).model, constraint)
    name = constraint.fields[-1]
    response = sent(admin_client, model_admin, inline, {second: {name: sendable(first, name)}})
    assert_said_beside_a_field(response, constraint, second)


@pytest.mark.parametrize("where", [where for where, (_admin, inline, _constraint) in UNIQUE.items() if inline])
def test_rows_of_one_parent_exchange_what_is_unique(admin_client, where):
    model_admin, inline, constraint = UNIQUE[where]
    first, second = two_rows(inline.model, constraint)
    name = constraint.fields[-1]
    before = sendable(first, name), sendable(second, name)
    changes = {first: {name: before[1]}, second: {name: before[0]}}
    response = sent(admin_client, model_admin, inline, changes)
    assert response.status_code == 302, field_errors(response)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (sendable(second, name), sendable(first, name)) == before


def test_a_field_of_a_constraint_that_the_page_hides_is_not_marked():
    model_admin = admin.site._registry[StoryPicture.story.field.related_model]
    (formset,) = [formset for formset, _inline in model_admin.get_formsets_with_inlines(superuser_request())]
    form = formset().empty_form
    (constraint,) = check_constraints(StoryPicture)
    assert field_to_mark(form, constraint) == "alt_en"


@pytest.mark.parametrize("day", ["0001-01-01", "1800-01-01", "9999-12-31"])
def test_a_date_at_the_ends_of_the_calendar_is_said_beside_its_field(admin_client, day):
    event = events.EventFactory(with_part=True)
    url = reverse("admin:events_event_change", args=[event.pk])
    data = form_data(admin_client, url) | {"publication": "scheduled", "publish_at_0": day, "publish_at_1": "00:00"}
    errors = field_errors(admin_client.post(url, data | {"parts-0-date": day}))
    assert errors["publish_at"] == "This date cannot be."
    assert "This date cannot be." in errors["parts-0-date"]


def test_no_page_is_drawn_with_more_rows_than_anybody_needs(admin_client):
    event = events.EventFactory(with_part=True)
    url = reverse("admin:events_event_change", args=[event.pk])
    page = admin_client.post(url, form_data(admin_client, url) | {"roles-TOTAL_FORMS": 5_000, "title_en": ""})
    assert [len(each.formset.forms) for each in page.context["inline_admin_formsets"]][1] == MAX_ROWS
