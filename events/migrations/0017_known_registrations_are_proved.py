from django.db import migrations
from django.db.models import F


def count_as_proved(apps, schema_editor):
    """Let nobody who registered before the rule lose a place by it."""
    registrations = apps.get_model("events", "Registration").objects.using(schema_editor.connection.alias)
    registrations.filter(address_proved_at__isnull=True).update(address_proved_at=F("registered_at"))


class Migration(migrations.Migration):
    dependencies = [("events", "0016_address_proof_and_holds")]

    operations = [migrations.RunPython(count_as_proved, migrations.RunPython.noop)]
