"""Clean the text of rows that are there, and fill the folded columns."""

from django.db import migrations

from wego_portal.foundation.fold import clean_and_fold


def clean_rows(apps, schema_editor):
    for model in apps.get_app_config("organizations").get_models():
        clean_and_fold(model)


class Migration(migrations.Migration):
    dependencies = [("organizations", "0007_folded_columns")]
    operations = [migrations.RunPython(clean_rows, migrations.RunPython.noop)]
