from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import TranslatedLabelsMixin

from ..models import Answer, Question


class QuestionInline(TranslatedLabelsMixin, admin.StackedInline):
    """The extra questions of an event's form. One that was answered cannot be deleted."""

    model = Question
    extra = 0
    fields = [
        ("order", "kind", "required"),
        ("label_en", "label_ja", "label_ko"),
        ("options_en", "options_ja", "options_ko"),
    ]


class AnswerInline(admin.TabularInline):
    """What a registrant answered, to look at."""

    model = Answer
    extra = 0
    can_delete = False
    fields = readonly_fields = ["question", "words"]

    def get_queryset(self, request):
        """Answers with their questions."""
        return super().get_queryset(request).select_related("question")

    def has_add_permission(self, request, obj=None):
        return False

    @admin.display(description=_("answer"))
    def words(self, answer):
        """The answer as staff reads it."""
        return answer.words
