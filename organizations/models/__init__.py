"""Models of organizations, one file a noun. Rule: integrity is a named constraint, `on_delete` is chosen on purpose."""

from .best_practice import BestPractice
from .initiative import Initiative, Stage
from .inquiry import Inquiry
from .language import Language
from .membership import Membership
from .organization import Alias, Organization
from .person import Person, Position
from .place import Place
from .project import Project
from .reported_figure import ReportedFigure
from .resource import Resource
from .sector import Sector
from .topic import Topic

__all__ = [
    "Alias",
    "BestPractice",
    "Initiative",
    "Inquiry",
    "Language",
    "Membership",
    "Organization",
    "Person",
    "Place",
    "Position",
    "Project",
    "ReportedFigure",
    "Resource",
    "Sector",
    "Stage",
    "Topic",
]
