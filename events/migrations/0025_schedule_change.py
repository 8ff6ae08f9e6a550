import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KINDS = ("rescheduled", "postponed", "cancelled")


def rename_mails(apps, schema_editor, old, new):
    """Mails that are queued are rendered by the new name of their kind."""
    mails = apps.get_model("foundation", "OutboxMail").objects.using(schema_editor.connection.alias)
    for kind in KINDS:
        mails.filter(kind=f"{old}_{kind}").update(kind=f"{new}_{kind}")


def rename_permissions(apps, schema_editor, old, new):
    """Who was given a permission on the model keeps it."""
    permissions = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    for action in ("add", "change", "delete", "view"):
        permissions.filter(content_type__app_label="events", codename=f"{action}_{old}").update(
            codename=f"{action}_{new}"
        )


def forwards(apps, schema_editor):
    rename_mails(apps, schema_editor, "plans", "event")
    rename_permissions(apps, schema_editor, "changeofplans", "schedulechange")


def backwards(apps, schema_editor):
    rename_mails(apps, schema_editor, "event", "plans")
    rename_permissions(apps, schema_editor, "schedulechange", "changeofplans")


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0024_waitlist"),
        ("foundation", "0002_attempts"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("ChangeOfPlans", "ScheduleChange"),
        migrations.RenameField("schedulechange", "told", "notified_count"),
        migrations.AlterModelOptions(
            name="schedulechange",
            options={
                "ordering": ["-changed_at"],
                "verbose_name": "schedule change",
                "verbose_name_plural": "schedule changes",
            },
        ),
        migrations.AlterField(
            model_name="schedulechange",
            name="notified_count",
            field=models.PositiveIntegerField(verbose_name="people notified"),
        ),
        migrations.AlterField(
            model_name="schedulechange",
            name="event",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="schedule_changes",
                to="events.event",
                verbose_name="event",
            ),
        ),
        migrations.AlterField(
            model_name="schedulechange",
            name="part",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty for the whole event.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="schedule_changes",
                to="events.part",
                verbose_name="part",
            ),
        ),
        migrations.RunPython(forwards, backwards),
    ]
