import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0003_reliable_registration"),
    ]

    # Dropped and added, since a text is no JSON and nothing was kept in either yet.
    operations = [
        migrations.RemoveField(model_name="changeofplans", name="before"),
        migrations.RemoveField(model_name="changeofplans", name="after"),
        migrations.AddField(
            model_name="changeofplans",
            name="before",
            field=models.JSONField(default=dict, verbose_name="before"),
        ),
        migrations.AddField(
            model_name="changeofplans",
            name="after",
            field=models.JSONField(default=dict, verbose_name="after"),
        ),
        migrations.AlterField(
            model_name="changeofplans",
            name="part",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty for the whole event.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changes_of_plans",
                to="events.part",
                verbose_name="part",
            ),
        ),
    ]
