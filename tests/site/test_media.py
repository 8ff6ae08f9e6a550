"""Uploaded files are served as long as their owner is published, and then safely."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from waitress.buffers import ReadOnlyFileBasedBuffer

from tests.factories.events import HandoutFactory
from tests.factories.organizations import OrganizationFactory
from tests.upload_files import picture
from wego_portal.foundation.publication import Publication
from wego_portal.wsgi import application

pytestmark = pytest.mark.django_db
PDF = b"%PDF-" + bytes(range(250)) * 4


@pytest.fixture
def handout():
    return HandoutFactory(
        url="", file=SimpleUploadedFile("slides.pdf", PDF), part__event__publication=Publication.PUBLISHED
    )


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_document_is_downloaded(client, handout):
    response = client.get(handout.file.url)
    assert response.status_code == 200
    assert body(response) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "public, max-age=300"
    assert not response.cookies


def test_a_picture_is_shown(client):
    organization = OrganizationFactory(picture=SimpleUploadedFile("a.png", picture()))
    response = client.get(organization.picture.url)
    assert response["Content-Type"] == "image/webp"
    assert not response.get("Content-Disposition", "").startswith("attachment")


@pytest.mark.parametrize("hidden", ["handout", "event"])
def test_a_file_of_what_is_not_published_is_not_there(client, handout, hidden):
    row = handout if hidden == "handout" else handout.part.event
    row.publication = Publication.WITHDRAWN
    row.save()
    assert client.get(handout.file.url).status_code == 404


def test_staff_who_may_view_the_owner_see_its_files_and_others_do_not(client, django_user_model, handout):
    handout.publication = Publication.DRAFT
    handout.save()
    user = django_user_model.objects.create_user("kim", is_staff=True)
    client.force_login(user)
    assert client.get(handout.file.url).status_code == 404
    user.user_permissions.add(Permission.objects.get(codename="view_handout"))
    response = client.get(handout.file.url)
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path",
    ["", "x", "nowhere/a.pdf", "handouts/", "handouts/missing.pdf", "handouts/../settings.py", "handouts/%2e%2e/x"],
)
def test_no_other_path_leads_to_a_file(client, handout, path):
    assert client.get(f"/media/{path}").status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_not_found(client, handout):
    handout.file.storage.delete(handout.file.name)
    assert client.get(handout.file.url).status_code == 404


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=100-", 100, len(PDF) - 1),
        ("bytes=-5", len(PDF) - 5, len(PDF) - 1),
        ("bytes=0-99999", 0, len(PDF) - 1),
    ],
)
def test_a_range_is_answered(client, handout, asked, start, end):
    response = client.get(handout.file.url, headers={"Range": asked, "Accept-Encoding": "gzip"})
    assert response.status_code == 206
    assert body(response) == PDF[start : end + 1]
    assert response["Content-Range"] == f"bytes {start}-{end}/{len(PDF)}"
    assert response["Content-Length"] == str(end - start + 1)


@pytest.mark.parametrize("asked", ["bytes=-", "bytes=1-2,4-5", "lines=1-2", "bytes=a-b", "bytes=" + "9" * 40 + "-"])
def test_a_range_nobody_understands_gets_the_whole_file(client, handout, asked):
    response = client.get(handout.file.url, headers={"Range": asked})
    assert response.status_code == 200
    assert body(response) == PDF


@pytest.mark.parametrize("asked", ["bytes=5000-", "bytes=9-3", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(client, handout, asked):
    response = client.get(handout.file.url, headers={"Range": asked})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(PDF)}"


def test_a_range_of_an_older_file_gets_the_whole_new_one(client, handout):
    assert client.get(handout.file.url, headers={"Range": "bytes=0-9", "If-Range": '"old"'}).status_code == 200


def test_an_unchanged_file_is_not_sent_again(client, handout):
    etag = client.get(handout.file.url)["ETag"]
    assert client.get(handout.file.url, headers={"If-None-Match": etag}).status_code == 304


def test_files_are_only_read(client, handout):
    assert client.post(handout.file.url).status_code == 405


@pytest.mark.parametrize(("asked", "sent"), [("", PDF), ("bytes=5-14", PDF[5:15]), ("bytes=-3", PDF[-3:])])
def test_files_and_ranges_go_to_the_web_server_as_files_that_it_sends_by_itself(handout, rf, asked, sent):
    """waitress measures and seeks them; without that a thread would copy a recording into memory."""
    response = application.get_response(rf.get(handout.file.url, headers={"Range": asked}))  # through all middleware
    body = ReadOnlyFileBasedBuffer(response.file_to_stream)
    assert body.prepare(int(response["Content-Length"])) == len(sent)
    assert body.get(2) == body.get(2) == sent[:2]
    body.skip(2)
    assert body.get() == sent[2:]
    body.close()
    assert response.file_to_stream.closed
