"""The extra questions of an event's form: written in the event; the choices of one are corrected on its own page."""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from translated_fields import to_attribute

from wego_portal.foundation.content_admin import TranslatedLabelsMixin
from wego_portal.foundation.translated import INTERFACE_LANGUAGES

from ..models import Answer, Choice, Question
from .mixins import AutoNumberedForm

LABELS = [to_attribute("label", code) for code in INTERFACE_LANGUAGES]
TOO_FEW = _("Give two choices or more, each once.")
NEW_CHOICES = [to_attribute("new_choices", code) for code in INTERFACE_LANGUAGES]


class QuestionForm(AutoNumberedForm):
    """A question. Its kind stays once somebody answered, so that answers keep their meaning."""

    number_field = "order"
    number_scope = "event"

    def clean_kind(self):
        kind = self.cleaned_data["kind"]
        if self.instance.pk and "kind" in self.changed_data and self.instance.answers.exists():
            raise ValidationError(gettext("It was answered already. Ask another question instead."))
        return kind


class QuestionInEventForm(QuestionForm):
    """A question with lines to type new choices, which become rows when it is saved."""

    new_choices_en = forms.CharField(max_length=2000, required=False)
    new_choices_ja = forms.CharField(max_length=2000, required=False)
    new_choices_ko = forms.CharField(max_length=2000, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.new_choices = []
        for name, (code, language) in zip(NEW_CHOICES, settings.LANGUAGES, strict=True):
            field = self.fields[name]
            words = {"label": gettext("Choices to add"), "language": gettext(language)}
            field.label = gettext("%(label)s (%(language)s)") % words
            field.help_text = _("One a line, in the same order in each language.")
            field.widget = forms.Textarea(attrs={"rows": 4, "cols": 30, "lang": code})

    def clean(self):
        """As many new choices in each language in which there are any; with those that are there two or more."""
        data = super().clean()
        lines = [[line.strip() for line in data.get(name, "").splitlines() if line.strip()] for name in NEW_CHOICES]
        number = max(map(len, lines))
        for name, found in zip(NEW_CHOICES, lines, strict=True):
            if found and data.get("kind") == Question.Kind.TEXT:
                self.add_error(name, gettext("A question for a text has no choices."))
            elif found and len(found) != number:
                self.add_error(name, gettext("Give as many choices in each language, in the same order."))
        if self.errors or data.get("kind") == Question.Kind.TEXT:
            return data
        self.new_choices = [
            {label: found[index] for label, found in zip(LABELS, lines, strict=True) if found}
            for index in range(number)
        ]
        kept = list(self.instance.choices.values("is_offered", *LABELS)) if self.instance.pk else []
        if not has_enough_choices([*kept, *self.new_choices]):
            self.add_error(NEW_CHOICES[0], TOO_FEW)
        return data

    def _save_m2m(self):
        super()._save_m2m()
        last = max((choice.order for choice in self.instance.choices.all()), default=0)
        for order, labels in enumerate(self.new_choices, last + 1):
            Choice.objects.create(question=self.instance, order=order, **labels)


def has_enough_choices(rows):
    """Whether two or more of the rows (values of a Choice) are offered, and no two read the same in a language."""
    texts = [[row[label] for row in rows if row.get(label)] for label in LABELS]
    is_double = any(len(set(found)) < len(found) for found in texts)
    return not is_double and sum(row.get("is_offered", True) for row in rows) >= 2


class QuestionInline(TranslatedLabelsMixin, admin.StackedInline):
    """The extra questions of an event's form. One that was answered cannot be deleted."""

    model = Question
    form = QuestionInEventForm
    extra = 0
    show_change_link = True
    readonly_fields = ["offered"]
    fields = [("order", "kind", "required"), tuple(LABELS), "offered", tuple(NEW_CHOICES)]

    def get_queryset(self, request):
        """Questions with their choices."""
        return super().get_queryset(request).prefetch_related("choices")

    @admin.display(description=_("choices (“Change” corrects, orders and withdraws them)"))
    def offered(self, question):
        """The choices that are there, one a line."""
        choices = question.choices.all() if question.pk else []
        return format_html_join("\n", "<div>{}</div>", [[_words(choice)] for choice in choices]) or "-"


def _words(choice):
    return str(choice.label) if choice.is_offered else gettext("%(choice)s (withdrawn)") % {"choice": choice.label}


class ChoiceForm(AutoNumberedForm):
    """A choice; what is left without an order comes last."""

    number_field = "order"
    number_scope = "question"


class ChoiceFormSet(BaseInlineFormSet):
    """Two choices or more stay offered, each once."""

    def clean(self):
        super().clean()
        if any(self.errors) or self.instance.kind == Question.Kind.TEXT:
            return
        left = [form for form in self.forms if form not in self.deleted_forms]
        rows = [form.cleaned_data for form in left if form.cleaned_data]
        if not has_enough_choices(rows):
            raise ValidationError(TOO_FEW)


class ChoiceInline(TranslatedLabelsMixin, admin.TabularInline):
    """The choices of a question. One that was chosen cannot be deleted; it can be withdrawn."""

    model = Choice
    form = ChoiceForm
    formset = ChoiceFormSet
    extra = 1
    fields = ["order", *LABELS, "is_offered"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in LABELS:
            field.widget.attrs |= {"class": "", "size": 22}  # so that three languages stand side by side
        return field


@admin.register(Question)
class QuestionAdmin(TranslatedLabelsMixin, admin.ModelAdmin):
    """One question with its choices. Reached from its event, where questions are added and deleted."""

    form = QuestionForm
    fields = ["event", ("order", "kind", "required"), tuple(LABELS)]
    readonly_fields = ["event"]
    inlines = [ChoiceInline]

    def has_module_permission(self, request):
        """It has no list of its own on the first page."""
        return False

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class AnswerInline(admin.TabularInline):
    """What a registrant answered, to look at."""

    model = Answer
    extra = 0
    can_delete = False
    fields = readonly_fields = ("question", "words")

    def get_queryset(self, request):
        """Answers with their questions and choices."""
        return super().get_queryset(request).select_related("question").prefetch_related("choices")

    def has_add_permission(self, request, obj=None):
        return False

    @admin.display(description=_("answer"))
    def words(self, answer):
        """The answer as staff reads it."""
        return answer.text_for_display
