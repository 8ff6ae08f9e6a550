"""Loads the content of the app `organizations`: lists, organizations, memberships, people, initiatives, cases."""

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

from .rows import Rows, read_rows


def load_organizations(rows: Rows) -> None:
    """Load lists, places, organizations with their memberships, people, initiatives and cases, in this order."""
    for row in read_rows("topics"):
        rows.put(Topic, row)
    for row in read_rows("languages"):
        rows.put(Language, row, key=("code",))
    for row in read_rows("places"):
        rows.put(Place, row, key=("name_en", "country"))
    _load_organizations(rows)
    for row in read_rows("people"):
        positions = row.pop("positions", [])
        person, is_written = rows.put(Person, row)
        for position in positions if is_written else []:
            rows.put(Position, {"person": person, **position}, key=("person", "organization"))
    _load_initiatives(rows)
    for row in read_rows("best_practices"):
        rows.put(BestPractice, row)


def _load_organizations(rows: Rows) -> None:
    for row in read_rows("organizations"):
        aliases = row.pop("aliases", [])
        organization, is_written = rows.put(Organization, row)
        for name in aliases if is_written else []:
            rows.put(Alias, {"organization": organization, "name": name}, key=("organization", "name"))
    for row in read_rows("memberships"):
        rows.put(Membership, row, key=("member", "group"))
    for row in read_rows("reported_figures"):
        rows.put(ReportedFigure, row, key=("organization", "label_en", "as_of"))


def _load_initiatives(rows: Rows) -> None:
    for row in read_rows("initiatives"):
        stages = row.pop("stages", [])
        initiative, is_written = rows.put(Initiative, row)
        for number, stage in enumerate(stages if is_written else [], start=1):
            rows.put(Stage, {"initiative": initiative, "number": number, **stage}, key=("initiative", "number"))
    for row in read_rows("projects"):
        number = row.pop("stage_number", None)
        initiative = rows.find(Initiative, row["initiative"])
        stage = initiative.stages.filter(number=number).first() if number else None
        rows.put(Project, {**row, "stage": stage})
    for row in read_rows("resources"):
        rows.put(Resource, row, key=("initiative", "url"))
