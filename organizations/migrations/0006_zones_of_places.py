"""Old names of time zones become those of their places; what means no one place stays, and its form asks."""

from django.db import migrations

from wego_portal.foundation.time_zones import places_of_old_names


def name_places(apps, _schema_editor):
    places = apps.get_model("organizations", "Place").objects
    for old, place in places_of_old_names().items():
        places.filter(time_zone=old).update(time_zone=place)


class Migration(migrations.Migration):
    dependencies = [("organizations", "0005_normalised_addresses")]

    operations = [migrations.RunPython(name_places, migrations.RunPython.noop)]
