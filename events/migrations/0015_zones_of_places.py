"""Old names of time zones become those of their places; what means no one place stays, and its form asks.

Feed identities, filled by the migration before, become unique.
"""

import events.models.story
from django.db import migrations, models

from wego_portal.foundation.time_zones import places_of_old_names


def name_places(apps, _schema_editor):
    parts = apps.get_model("events", "Part").objects
    for old, place in places_of_old_names().items():
        parts.filter(time_zone=old).update(time_zone=place)


class Migration(migrations.Migration):
    dependencies = [("events", "0014_lasting_identities")]

    operations = [
        migrations.AlterField(
            model_name="story",
            name="feed_id",
            field=models.CharField(
                default=events.models.story.new_feed_id, editable=False, max_length=300, unique=True
            ),
        ),
        migrations.RunPython(name_places, migrations.RunPython.noop),
    ]
