"""Keeps the address of each inquiry as it is spelled today, so that it is found with its person."""

from django.core.exceptions import ValidationError
from django.db import migrations, models
from django.db.models.functions import Lower

from wego_portal.foundation.email_address import normalise_address


def respell(apps, schema_editor):
    """Respell each address; one to which no mail can go is only written in lower case."""
    Inquiry = apps.get_model("organizations", "Inquiry")
    for key, email in Inquiry.objects.values_list("pk", "email").iterator():
        try:
            address = normalise_address(email)
        except ValidationError:
            continue
        if address != email:
            Inquiry.objects.filter(pk=key).update(email=address)
    Inquiry.objects.update(email=Lower("email"))


class Migration(migrations.Migration):
    dependencies = [("organizations", "0004_constraint_words")]

    operations = [
        migrations.RunPython(respell, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="inquiry",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", Lower(models.F("email")))), name="organizations_inquiry_address_lower_case"
            ),
        ),
    ]
