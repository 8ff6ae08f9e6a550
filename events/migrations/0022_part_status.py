from django.db import migrations, models


def rename_stored(apps, schema_editor, old, new):
    """Rename the key in the parts as they were before and after a change, which are stored as JSON."""
    changes = apps.get_model("events", "ChangeOfPlans").objects.using(schema_editor.connection.alias)
    for change in changes.only("before", "after").iterator():
        for state in (change.before, change.after):
            for row in state.get("parts", {}).values():
                if old in row:
                    row[new] = row.pop(old)
        changes.filter(pk=change.pk).update(before=change.before, after=change.after)


def to_status(apps, schema_editor):
    rename_stored(apps, schema_editor, "course", "status")


def to_course(apps, schema_editor):
    rename_stored(apps, schema_editor, "status", "course")


class Migration(migrations.Migration):
    dependencies = [("events", "0021_parts_begin_with_one")]

    operations = [
        migrations.RenameField("part", "course", "status"),
        migrations.AlterField(
            model_name="part",
            name="status",
            field=models.CharField(
                choices=[
                    ("planned", "Planned"),
                    ("confirmed", "Confirmed"),
                    ("held", "Held"),
                    ("postponed", "Postponed"),
                    ("replaced", "Replaced"),
                    ("cancelled", "Cancelled"),
                    ("unknown", "Outcome unknown"),
                ],
                default="planned",
                max_length=9,
                verbose_name="status",
            ),
        ),
        migrations.RunPython(to_status, to_course),
    ]
