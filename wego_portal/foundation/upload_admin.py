"""Uploads in the admin are looked at before the transaction in which they are saved.

Here because both apps have files and pictures, and on SQLite nobody else can write while such a transaction is open.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.http import HttpRequest, HttpResponse

from .admin_bases import AdminBase


class UploadAdminMixin(AdminBase):
    """For a ModelAdmin whose form or inlines take files; comes before ModelAdmin in the list of bases.

    Django validates and saves a form of the admin within one transaction. What is costly about an upload (decoding a
    picture, reading a transcript) is therefore done first, by the validators of its column and by `prepare_upload` of
    the form, where there is one. Both keep their result with the upload (`uploads.validated_once`), where
    the form finds it.
    """

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of one object; what it was sent is prepared for who may save it."""
        may_save = self.has_change_permission if object_id else self.has_add_permission
        if request.method == "POST" and may_save(request):
            for model, field_name, form, pk, upload in self._uploads(request, object_id):
                # A refusal is kept, and said by the form.
                with contextlib.suppress(ValidationError, FieldDoesNotExist):
                    field = model._meta.get_field(field_name)
                    if isinstance(field, models.FileField):
                        field.run_validators(upload)
                        getattr(form, "prepare_upload", _prepare_nothing)(upload, pk)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _uploads(
        self, request: HttpRequest, object_id: str | None
    ) -> Iterator[tuple[type[models.Model], str, type, int | None, UploadedFile]]:
        """(model, field, form class, primary key of the row or None, file) of each file that was sent."""
        if not request.FILES:
            return
        inlines = {
            inline.get_formset(request).get_default_prefix(): inline for inline in self.get_inline_instances(request)
        }
        for name, upload in request.FILES.items():
            if not isinstance(upload, UploadedFile):
                continue
            prefix, _, field_name = name.rpartition("-")
            inline = inlines.get(prefix.rpartition("-")[0])
            if inline:
                pk = request.POST.get(f"{prefix}-{inline.model._meta.pk.name}", "")
                yield inline.model, field_name, inline.form, _as_key(pk), upload
            elif not prefix:
                yield self.model, field_name, self.form, _as_key(unquote(object_id or "")), upload


def _prepare_nothing(upload: UploadedFile, pk: int | None) -> None:
    """What a form does with an upload that says nothing of it."""


def _as_key(text: str) -> int | None:
    """The number that a primary key is, None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
