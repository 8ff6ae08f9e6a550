"""The identity of a calendar entry, and of an entry of the news feed, becomes a text of the row's own.

What was sent until now named the portal's host, so rows that exist keep that, with the host of SITE_URL as it is while
this runs. Parts with hours of each day were written as one long block: their number of the change grows, so that
calendars which follow them take the new form.
"""

import datetime
import uuid
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import django.utils.timezone
import events.models.part
from django.conf import settings
from django.db import migrations, models
from django.db.models import F
from django.utils import timezone

BATCH = 500


def keep_what_was_sent(apps, _schema_editor):
    host = urlsplit(settings.SITE_URL).hostname
    for name in ("Part", "Seat"):
        model = apps.get_model("events", name)
        rows = list(model.objects.only("pk", "uid"))
        for row in rows:
            row.uid = f"{uuid.UUID(row.uid)}@{host}"  # SQLite kept it without hyphens
        model.objects.bulk_update(rows, ["uid"], batch_size=BATCH)


def go_back(apps, _schema_editor):
    for name in ("Part", "Seat"):
        model = apps.get_model("events", name)
        rows = list(model.objects.only("pk", "uid"))
        for row in rows:
            row.uid = uuid.UUID(row.uid.partition("@")[0]).hex
        model.objects.bulk_update(rows, ["uid"], batch_size=BATCH)


def announce_daily_hours(apps, _schema_editor):
    parts = apps.get_model("events", "Part").objects.filter(end_date__gt=F("date"), end_time__gt=F("start_time"))
    parts.update(sequence=F("sequence") + 1, changed_at=timezone.now())


def keep_what_the_feed_said(apps, _schema_editor):
    """Noon of the dateline, as far as it is not still to come."""
    stories = list(apps.get_model("events", "Story").objects.all())
    now = timezone.now()
    for story in stories:
        story.feed_id = f"{settings.SITE_URL}/#story-{story.pk}"
        noon = datetime.datetime.combine(story.dateline_date, datetime.time(12), ZoneInfo(settings.TIME_ZONE))
        story.updated_at = min(noon, now)
        if story.publication == "published":
            story.first_published_at = story.updated_at
    names = ["feed_id", "updated_at", "first_published_at"]
    apps.get_model("events", "Story").objects.bulk_update(stories, names, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("events", "0013_answers_refer_to_choices")]

    operations = [
        migrations.AlterField(
            model_name="part",
            name="end_date",
            field=models.DateField(
                blank=True,
                help_text="Only if it is not the first day. If the end is a later hour than the start, the hours hold on each day.",
                null=True,
                verbose_name="last day",
            ),
        ),
        *(
            migrations.AlterField(
                model_name=name,
                name="uid",
                field=models.CharField(
                    default=events.models.part.new_calendar_uid,
                    editable=False,
                    max_length=300,
                    unique=True,
                    verbose_name="calendar identity",
                ),
            )
            for name in ("part", "seat")
        ),
        migrations.AddField("story", "feed_id", models.CharField(editable=False, max_length=300, null=True)),
        migrations.AddField("story", "first_published_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddField(
            "story", "updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)
        ),
        migrations.RunPython(keep_what_was_sent, go_back),
        migrations.RunPython(announce_daily_hours, migrations.RunPython.noop),
        migrations.RunPython(keep_what_the_feed_said, migrations.RunPython.noop),
    ]
