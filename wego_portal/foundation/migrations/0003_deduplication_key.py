from django.db import migrations, models


class Migration(migrations.Migration):
    """The column keeps its values under the term that the code uses for it."""

    dependencies = [("foundation", "0002_attempts")]

    operations = [
        migrations.RenameField("outboxmail", "cause", "deduplication_key"),
        migrations.AlterField(
            "outboxmail",
            "deduplication_key",
            models.CharField(
                help_text="What the mail is about, in one word for the database: a second mail with the same key is not queued.",
                max_length=200,
                unique=True,
                verbose_name="deduplication key",
            ),
        ),
    ]
