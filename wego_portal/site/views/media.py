"""Uploaded files, each only as long as its owner is published."""

import io
import re
from pathlib import PurePosixPath

from django.apps import apps
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header, http_date
from django.views.decorators.http import require_safe

from wego_portal.foundation.uploads import upload_owner

SHOWN_IN_PAGES = {".webp": "image/webp", ".mp4": "video/mp4", ".webm": "video/webm"}
DOWNLOADED = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
    ".srt": "text/plain; charset=utf-8",
}
KEPT_SECONDS = 300  # how long a browser may show a file after it was withdrawn
ALONE = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
)


@require_safe
def media(request, path):
    """The file `path` if its owner is published, or for staff who may view the owner; 404 in every other case.

    Pictures and videos are shown, documents downloaded. One range of bytes is answered (206), so that a video can be
    wound forward; a range outside the file gets 416.
    """
    owner = upload_owner(path.partition("/")[0])
    if owner is None:
        raise Http404
    model, field = apps.get_model(owner[0]), owner[1]
    if model.objects.published(timezone.now()).filter(**{field: path}).exists():
        cache_control = f"public, max-age={KEPT_SECONDS}"
    elif model.objects.filter(**{field: path}).exists() and _may_view(request.user, model):
        cache_control = "private, no-store"
    else:
        raise Http404
    try:
        file = default_storage.open(path)
        modified = default_storage.get_modified_time(path).timestamp()
    except FileNotFoundError:
        raise Http404
    etag = f'"{file.size:x}-{int(modified * 1000):x}"'
    response = _ranged(request, file, etag) or FileResponse(file)
    suffix = PurePosixPath(path).suffix.lower()
    response["Content-Type"] = SHOWN_IN_PAGES.get(suffix) or DOWNLOADED.get(suffix, "application/octet-stream")
    if suffix not in SHOWN_IN_PAGES:
        response["Content-Disposition"] = content_disposition_header(True, PurePosixPath(path).name)
    else:
        response.headers.pop("Content-Disposition", None)
    response["Cache-Control"] = cache_control
    response["ETag"] = etag
    response["Last-Modified"] = http_date(modified)
    response["Accept-Ranges"] = "bytes"
    response["Content-Security-Policy"] = ALONE
    return response


def _may_view(user, model):
    return user.is_active and user.is_staff and user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")


def _ranged(request, file, etag):
    """The part of the file that the Range header asks for, or None when the whole file is due."""
    asked = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", request.headers.get("Range", ""))
    if not asked or request.headers.get("If-Range", etag) != etag or not any(asked.groups()):
        return None
    first, last = asked.groups()
    if first:
        start, end = int(first), min(int(last) if last else file.size - 1, file.size - 1)
    else:
        start, end = max(file.size - int(last), 0), file.size - 1
    if start > end:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    response = FileResponse(_Slice(file, start, end + 1), status=206)
    response["Content-Range"] = f"bytes {start}-{end}/{file.size}"
    return response


class _Slice(io.RawIOBase):
    """The bytes of `file` from `start` up to and without `end`, as a file that the web server sends by itself."""

    def __init__(self, file: File, start: int, end: int) -> None:
        self.file, self.start, self.end = file, start, end
        file.seek(start)

    def read(self, size: int = -1) -> bytes:
        left = max(self.end - self.file.tell(), 0)
        return self.file.read(left if size < 0 else min(size, left))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.file.tell() - self.start

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: self.start, io.SEEK_CUR: self.file.tell(), io.SEEK_END: self.end}[whence]
        return self.file.seek(base + offset) - self.start

    def close(self) -> None:
        self.file.close()
        super().close()
