"""The roles of staff: groups with their permissions, brought up to date after every migration.

A role is what this module says. Who needs another makes a group of their own; changes to these two do not last.
"""

from django.contrib.auth.models import Group, Permission

ALL = ("view", "add", "change", "delete")
EDIT = ("view", "change")

CONTENT = {
    "organizations": [
        "alias",
        "bestpractice",
        "initiative",
        "language",
        "membership",
        "organization",
        "person",
        "place",
        "position",
        "project",
        "reportedfigure",
        "resource",
        "stage",
        "topic",
    ],
    "events": [
        "agendaitem",
        "appearance",
        "choice",
        "cue",
        "event",
        "eventaudience",
        "eventorganization",
        "follows",
        "handout",
        "part",
        "question",
        "recording",
        "series",
        "story",
        "storypicture",
        "transcript",
    ],
}

# {role: {(app, model): permissions}}. Personal data is for the Registrar alone, who sees the content it is about.
ROLES = {
    "Editor": {
        **{(app, model): ALL for app, models in CONTENT.items() for model in models},
        ("events", "schedulechange"): ("view",),
    },
    "Registrar": {
        ("events", "registration"): ("view", "change", "delete"),
        ("events", "contact"): ("view", "change", "delete"),
        ("events", "seat"): ("view", "change"),
        ("events", "answer"): ("view",),
        ("events", "invitation"): ("view", "add", "change"),
        ("events", "suppression"): ("view", "add"),
        ("organizations", "inquiry"): ("view", "change", "delete"),
        ("foundation", "outboxmail"): EDIT,
        ("events", "event"): ("view",),
        ("events", "part"): ("view",),
        ("events", "schedulechange"): ("view",),
        ("organizations", "organization"): ("view",),
    },
}


def update_roles(using, **_kwargs):
    """Make the groups, and give them exactly these permissions. Runs when all permissions exist."""
    everything = {
        (permission.content_type.app_label, permission.codename): permission
        for permission in Permission.objects.using(using).select_related("content_type")
    }
    for name, models in ROLES.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        wanted = [(app, f"{action}_{model}") for (app, model), actions in models.items() for action in actions]
        group.permissions.set([everything[key] for key in wanted if key in everything])
