import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command

from wego_portal.site.roles import CONTENT, ROLES

pytestmark = pytest.mark.django_db

# Neither content nor for staff to edit.
FOR_NOBODY = {
    ("foundation", "oldslug"),
    ("foundation", "attempt"),
    ("events", "seatcount"),
    ("events", "formercontact"),
    ("events", "answerchoice"),
}


def permissions(role):
    rows = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def test_both_roles_exist_after_migration_with_what_they_need():
    assert {"events.add_event", "events.change_part", "organizations.delete_membership"} <= permissions("Editor")
    assert {"events.view_registration", "events.change_seat", "foundation.change_outboxmail"} <= permissions(
        "Registrar"
    )


def test_every_permission_named_exists():
    for role, models in ROLES.items():
        assert len(permissions(role)) == sum(len(actions) for actions in models.values())


def test_only_the_registrar_sees_personal_data():
    personal = {"registration", "contact", "seat", "answer", "invitation", "suppression", "inquiry", "outboxmail"}
    assert not [name for name in permissions("Editor") if name.split("_")[1] in personal]


def test_every_model_belongs_to_a_role_or_to_nobody_on_purpose():
    models = {
        (model._meta.app_label, model._meta.model_name)
        for app in ("organizations", "events", "foundation")
        for model in apps.get_app_config(app).get_models()
    }
    content = {(app, model) for app, names in CONTENT.items() for model in names}
    assert models == content | set(ROLES["Registrar"]) | FOR_NOBODY


def test_a_new_migration_brings_them_up_to_date():
    Group.objects.get(name="Editor").permissions.clear()
    Group.objects.filter(name="Registrar").delete()
    call_command("migrate", verbosity=0)
    assert "events.add_event" in permissions("Editor")
    assert "events.view_registration" in permissions("Registrar")
