"""Loads what the app `organizations` holds: lists, bodies, who belongs where, people, initiatives, cases."""

from organizations.models import (
    Alias,
    BestPractice,
    Initiative,
    Language,
    Membership,
    Organization,
    Person,
    Place,
    Position,
    Project,
    ReportedFigure,
    Resource,
    Stage,
    Topic,
)

from .rows import read


def load_organizations(rows):
    """Put lists, places, organizations with their memberships, people, initiatives and cases, in this order."""
    for row in read("topics"):
        rows.put(Topic, row)
    for row in read("languages"):
        rows.put(Language, row, key=("code",))
    for row in read("places"):
        rows.put(Place, row, key=("name_en", "country"))
    _load_bodies(rows)
    for row in read("people"):
        positions = row.pop("positions", [])
        person, fresh = rows.put(Person, row)
        for position in positions if fresh else []:
            rows.put(Position, {"person": person, **position}, key=("person", "organization"))
    _load_initiatives(rows)
    for row in read("best_practices"):
        rows.put(BestPractice, row)


def _load_bodies(rows):
    for row in read("organizations"):
        aliases = row.pop("aliases", [])
        organization, fresh = rows.put(Organization, row)
        for name in aliases if fresh else []:
            rows.put(Alias, {"organization": organization, "name": name}, key=("organization", "name"))
    for row in read("memberships"):
        rows.put(Membership, row, key=("member", "group"))
    for row in read("reported_figures"):
        rows.put(ReportedFigure, row, key=("organization", "label_en", "as_of"))


def _load_initiatives(rows):
    for row in read("initiatives"):
        stages = row.pop("stages", [])
        initiative, fresh = rows.put(Initiative, row)
        for number, stage in enumerate(stages if fresh else [], start=1):
            rows.put(Stage, {"initiative": initiative, "number": number, **stage}, key=("initiative", "number"))
    for row in read("projects"):
        number = row.pop("stage_number", None)
        initiative = rows.find(Initiative, row["initiative"])
        stage = initiative.stages.filter(number=number).first() if number else None
        rows.put(Project, {**row, "stage": stage})
    for row in read("resources"):
        rows.put(Resource, row, key=("initiative", "url"))
