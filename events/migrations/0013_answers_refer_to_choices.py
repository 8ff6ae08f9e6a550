"""Makes a row of each choice of a question, and lets answers refer to it instead of repeating its words."""

import django.db.models.deletion
from django.db import migrations, models

LANGUAGES = ("en", "ja", "ko")


def _lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def make_choices(apps, schema_editor):
    """Choices from the lines of the questions; answers by the words of any language, since what was kept changed.

    What is no longer among the lines becomes a choice that was withdrawn, so that no answer is lost.
    """
    Question, Choice = apps.get_model("events", "Question"), apps.get_model("events", "Choice")
    for question in Question.objects.order_by("pk").iterator():
        lines = {code: _lines(getattr(question, f"options_{code}")) for code in LANGUAGES}
        written = {code: found for code, found in lines.items() if found} if question.kind != "text" else {}
        number = len(next(iter(written.values()), []))  # the first language is what answers were kept in last
        by_words = {}
        for index in range(number):
            labels = {f"label_{code}": found[index] for code, found in written.items() if len(found) == number}
            choice = Choice.objects.create(question=question, order=index + 1, **labels)
            for words in labels.values():
                by_words.setdefault(words, choice)
        for answer in question.answers.all():
            _turn(apps, answer, question, by_words)
    if schema_editor is not None and schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else the tables cannot be altered after it


def _turn(apps, answer, question, by_words):
    values = [str(value) for value in answer.values] if isinstance(answer.values, list) else [str(answer.values)]
    if question.kind == "text":
        answer.text = "\n".join(values)
        answer.save()
        return
    language = next(code for code in LANGUAGES if getattr(question, f"label_{code}"))
    Choice, AnswerChoice = apps.get_model("events", "Choice"), apps.get_model("events", "AnswerChoice")
    for words in dict.fromkeys(values):
        if words not in by_words:
            number = question.choices.count() + 1
            label = {f"label_{language}": words or "-"}
            by_words[words] = Choice.objects.create(question=question, order=number, is_offered=False, **label)
        AnswerChoice.objects.get_or_create(answer=answer, choice=by_words[words])


class Migration(migrations.Migration):
    dependencies = [("events", "0012_normalised_addresses")]

    operations = [
        migrations.AddField("answer", "text", models.TextField(blank=True, default="", verbose_name="answer"), False),
        migrations.CreateModel(
            name="Choice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.PositiveSmallIntegerField(verbose_name="order")),
                ("label_en", models.CharField(blank=True, max_length=2000, verbose_name="choice")),
                ("label_ja", models.CharField(blank=True, max_length=2000, verbose_name="choice")),
                ("label_ko", models.CharField(blank=True, max_length=2000, verbose_name="choice")),
                (
                    "is_offered",
                    models.BooleanField(
                        default=True,
                        help_text="Untick it to withdraw a choice; who chose it keeps it.",
                        verbose_name="offered",
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="choices",
                        to="events.question",
                        verbose_name="question",
                    ),
                ),
            ],
            options={"verbose_name": "choice", "verbose_name_plural": "choices", "ordering": ["order", "pk"]},
        ),
        migrations.CreateModel(
            name="AnswerChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="events.answer",
                        verbose_name="answer",
                    ),
                ),
                (
                    "choice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="events.choice",
                        verbose_name="choice",
                    ),
                ),
            ],
            options={"verbose_name": "chosen choice", "verbose_name_plural": "chosen choices"},
        ),
        migrations.AddField(
            "answer",
            "choices",
            models.ManyToManyField(
                blank=True,
                related_name="answers",
                through="events.AnswerChoice",
                to="events.choice",
                verbose_name="choices",
            ),
        ),
        migrations.AddConstraint(
            model_name="choice",
            constraint=models.CheckConstraint(
                condition=~models.Q(label_en="") | ~models.Q(label_ja="") | ~models.Q(label_ko=""),
                name="events_choice_has_label",
                violation_error_message="Write the choice in one language at least.",
            ),
        ),
        migrations.AddConstraint(
            model_name="answerchoice",
            constraint=models.UniqueConstraint(fields=("answer", "choice"), name="events_answer_choice_unique"),
        ),
        migrations.RunPython(make_choices, elidable=True),
        migrations.RemoveField(model_name="answer", name="values"),
        migrations.RemoveField(model_name="question", name="options_en"),
        migrations.RemoveField(model_name="question", name="options_ja"),
        migrations.RemoveField(model_name="question", name="options_ko"),
    ]
