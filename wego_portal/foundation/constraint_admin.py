"""Forms, formsets and admins that answer what the database would refuse, and save values that rows exchange.

Here because every admin of both apps needs it: the admin site puts these bases under each admin that is registered,
with its inlines, so that none can forget them.
"""

import datetime
import logging
from collections.abc import Callable, Collection, Iterator
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import AdminForm, InlineAdminFormSet
from django.contrib.admin.utils import flatten
from django.contrib.messages.storage import default_storage
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import F, ForeignKey, Model
from django.forms.models import BaseModelFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from .clean_text import CleanTextForm
from .constraint_checks import add_violations, constraint_fields, deletion_error, unique_constraints

logger = logging.getLogger(__name__)

MAX_ROWS = 300  # of an inline, far more than any has; drawing and judging each takes some milliseconds
YEARS = range(1900, 2200)  # of any date that staff enters: beyond them no zone or calendar can be relied on
MANAGEMENT_FORM_ERROR = _(
    "Nothing was saved, because somebody else has just saved a change that conflicts with yours. Check the values here"
    " and save again."
)


class ConstraintForm(CleanTextForm):
    """A form whose instance is judged by all constraints of its model, alone or with the rows of its formset.

    Its texts are looked at as they will be stored.
    """

    in_formset = False  # then the formset judges all its rows together
    is_refused = False  # by the database, though no constraint said why

    def fill_from_siblings(self, rows: list[Model], submitted: Collection[Any]) -> None:
        """Give the instance what depends on other rows, before it is judged; nothing here.

        `rows` are those that the save leaves, in their order, the instance among them; `submitted` are the primary keys
        of all stored rows that it decides on, those to be deleted among them.
        """

    def validate_unique(self) -> None:
        """Nothing: it is judged with all other constraints, against the final state."""

    def _clean_fields(self) -> None:
        super()._clean_fields()
        for name, value in list(self.cleaned_data.items()):
            if isinstance(value, datetime.date) and value.year not in YEARS:
                self.add_error(name, _("This date cannot be."))

    def _post_clean(self) -> None:
        self.instance.full_clean = partial(self.instance.full_clean, validate_constraints=False)
        try:
            super()._post_clean()  # type: ignore[misc]  # Django's stubs leave it out
        finally:
            del self.instance.full_clean
        if not self.in_formset:
            decided = [self.instance.pk]
            self.fill_from_siblings([self.instance], decided)
            add_violations([self], changed=[self], decided=decided)
        if self.is_refused:
            self.add_error(None, MANAGEMENT_FORM_ERROR)


if TYPE_CHECKING:
    FormSetBase = BaseModelFormSet[Model, ConstraintForm]
else:
    FormSetBase = BaseModelFormSet  # which takes no parameters when it runs


class ConstraintFormSet(FormSetBase):
    """A formset whose rows are judged as they will be after the save, and may exchange unique values."""

    fk: "ForeignKey[Model, Model]"  # of the formset of an inline

    def add_fields(self, form: ConstraintForm, index: int | None) -> None:
        """Also tell the form that it is judged here."""
        super().add_fields(form, index)
        form.in_formset = True

    @property
    def _stored_forms(self) -> list[ConstraintForm]:
        """Forms of rows that are stored; one that somebody else deleted meanwhile is said to be no choice."""
        return [form for form in self.initial_forms if not form.instance._state.adding]

    def _is_deleted(self, form: ConstraintForm) -> bool:
        # Django's stubs leave it out.
        return self.can_delete and self._should_delete_form(form)  # type: ignore[attr-defined]

    @property
    def _new_forms(self) -> list[ConstraintForm]:
        return [form for form in self.extra_forms if form.has_changed() and not self._is_deleted(form)]

    def validate_unique(self) -> None:
        """Judge all rows by all constraints, and the deletions. Called by Django's clean()."""
        stored, new = self._stored_forms, self._new_forms
        decided = [form.instance.pk for form in stored]
        kept = [form for form in stored if not self._is_deleted(form)]
        changed = [*(form for form in kept if form.has_changed()), *new]
        rows = [form.instance for form in [*kept, *new]]
        for form in changed:
            form.fill_from_siblings(rows, decided)
        if changed:
            parent = self.fk.name if hasattr(self, "fk") else None
            add_violations([*kept, *new], changed=changed, decided=decided, parent=parent)
        deleted = [form.instance for form in stored if self._is_deleted(form)]
        if errors := [error for error in map(deletion_error, deleted) if error]:
            raise ValidationError(errors)

    def save(self, commit: bool = True) -> list[Model]:
        """Save the rows, once those that leave or change what is unique are out of each other's way."""
        if commit and hasattr(self, "fk"):
            self._park_exchanged_values()
        return super().save(commit)

    def _park_exchanged_values(self) -> None:
        """Let rows whose unique values are wanted by others belong to no parent until they are saved in their turn.

        A parent's key that does not exist (minus the row's own) keeps every unique set free and breaks no check, and
        the database looks at foreign keys only when the transaction ends, when all rows have theirs back.
        """
        model = cast("type[Model]", self.model)
        names = {name for constraint in unique_constraints(model) for name in constraint_fields(constraint)}
        moving = [
            form.instance.pk
            for form in self._stored_forms
            if self._is_deleted(form) or (form.has_changed() and not names.isdisjoint(form.changed_data))
        ]
        if moving and len(moving) + len(self._new_forms) > 1:
            model._base_manager.filter(pk__in=moving).update(**{self.fk.name: F("pk") * -1})


class ConstraintAdmin(ModelAdmin):
    """Base of every registered admin. A save that the database refuses because of another editor becomes a message."""

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        """The form, with its constraints."""
        if "form" in kwargs:
            kwargs["form"] = add_base(kwargs["form"], ConstraintForm)
        form = cast("type[ConstraintForm]", super().get_form(request, obj, change=change, **kwargs))
        form.is_refused = getattr(request, "is_refused", False)
        return form

    def get_formsets_with_inlines(self, request: HttpRequest, obj: Model | None = None) -> Iterator[tuple[type, Any]]:
        """The formset of each inline, with its constraints."""
        for inline in self.get_inline_instances(request, obj):
            form, formset = add_base(inline.form, ConstraintForm), add_base(inline.formset, ConstraintFormSet)
            bound = {"max_num": MAX_ROWS, "absolute_max": MAX_ROWS}
            yield inline.get_formset(request, obj, form=form, formset=formset, **bound), inline

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm]:
        """The form of a row that is edited in the list, with its constraints."""
        return super().get_changelist_form(request, **{"form": ConstraintForm, **kwargs})

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> type[BaseModelFormSet]:
        """The rows that are edited in the list, with their constraints."""
        return super().get_changelist_formset(request, **{"formset": ConstraintFormSet, **kwargs})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """The page of a row. What the database refuses is said in the form, which keeps what was typed."""
        view = super().changeform_view
        try:
            return _repeat_if_refused(view, request, object_id, form_url, extra_context)
        except IntegrityError:
            logger.exception("A save was refused by the database")
            files_are_lost = bool(request.FILES)
            vars(request).update(files_are_lost=files_are_lost, is_refused=True, _files=MultiValueDict())
            _forget_messages(request)
            return view(request, object_id, form_url, extra_context)

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, which hides no error in a folded group, and says that a browser sends no file a second time."""
        if context["errors"]:
            _unfold(context["adminform"], context["adminform"].form.errors)
            for inline in context["inline_admin_formsets"]:
                _unfold(inline, {name for errors in inline.formset.errors for name in errors})
        if context["errors"] and (request.FILES or getattr(request, "files_are_lost", False)):
            messages.warning(request, _("Files that you chose are not kept. Please choose them again."))
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """The list, where an action may have done a part of its work and is therefore not repeated."""
        view = super().changelist_view
        try:
            if "_save" in request.POST:
                return _repeat_if_refused(view, request, extra_context)
            return view(request, extra_context)
        except IntegrityError:
            return _say_refused(request)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        """The page before deleting. A row that is needed since it was shown stays, and the page says for what."""
        try:
            return _repeat_if_refused(super().delete_view, request, object_id, extra_context)
        except IntegrityError:
            return _say_refused(request)


def _repeat_if_refused(view: Callable[..., HttpResponse], request: HttpRequest, *args: Any) -> HttpResponse:
    """The view's answer; where the database refuses the save, of which nothing is left then, that of a second run.

    Its forms see what another editor saved in between and say so beside the field, or the save succeeds now. Raises
    IntegrityError where that does not help, or where files were sent, which cannot be read a second time.
    """
    try:
        return view(request, *args)
    except IntegrityError:
        if request.FILES:
            raise
        _forget_messages(request)
        return view(request, *args)


def _forget_messages(request: HttpRequest) -> None:
    """Begin the request's messages anew, without what was said of a save that was undone."""
    vars(request)["_messages"] = default_storage(request)


def _unfold(drawn: AdminForm | InlineAdminFormSet, names: Collection[str]) -> None:
    """Open the groups with the named fields. Django does it only for fields that have a line of their own."""
    drawn.fieldsets = [
        (title, options)
        if set(flatten([*options["fields"]])).isdisjoint(names)
        else (title, options | {"classes": [each for each in options.get("classes", ()) if each != "collapse"]})
        for title, options in drawn.fieldsets
    ]


def _say_refused(request: HttpRequest) -> HttpResponse:
    logger.exception("A change was refused by the database")
    _forget_messages(request)
    messages.error(request, MANAGEMENT_FORM_ERROR)
    return HttpResponseRedirect(request.get_full_path())


@cache
def add_base(wanted: type, base: type) -> type:
    """The class `wanted` with `base` among its bases, right before those that both have."""
    if issubclass(wanted, base):
        return wanted
    return base if issubclass(base, wanted) else _subclass((wanted, base), {})


def constraint_admin(admin_class: type[ModelAdmin]) -> type[ModelAdmin]:
    """The admin class as it is to be registered."""
    return _subclass((add_base(admin_class, ConstraintAdmin),), {"form": add_base(admin_class.form, ConstraintForm)})


def _subclass(bases: tuple[type, ...], attributes: dict[str, Any]) -> type:
    """A class that goes by the name of its first base."""
    first = bases[0]
    named = {"__module__": first.__module__, "__qualname__": first.__qualname__, "__doc__": first.__doc__}
    return type(first)(first.__name__, bases, named | attributes)
