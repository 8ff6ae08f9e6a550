"""The extra questions of an event: asked in the form, kept with the registration, shown, exported, erased."""

import csv
import datetime
import io

import openpyxl
import pytest
import time_machine
from django.core.exceptions import ValidationError

from events.domain.privacy import erase
from events.models import Answer, Question, Registration
from tests.factories.events import EventFactory, QuestionFactory
from tests.factories.registrations import details, registered
from wego_portal.foundation.models import OutboxMail

from .form_filling import TYPED, form_of, send, text
from .mail_reading import body, send_all
from .test_admin import form_data

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def event():
    return EventFactory(with_part=True)


@pytest.fixture
def plain(event):
    return QuestionFactory(event=event, label_en="What do you want to learn?")


@pytest.fixture
def one_of(event):
    return QuestionFactory(event=event, choices=True, label_en="Interpretation?", label_ja="通訳は必要ですか", order=1)


@pytest.fixture
def any_of(event):
    options = {"options_en": "Water\nTransport\nEnergy", "options_ja": "水\n交通\nエネルギー"}
    return QuestionFactory(event=event, kind="choices", label_en="Topics?", order=2, **options)


def name_of(question):
    return f"question_{question.pk}"


def answers():
    return {answer.question: answer.values for answer in Answer.objects.select_related("question")}


class TestForm:
    def test_answers_are_kept_with_the_registration(self, client, event, plain, one_of, any_of):
        given = {name_of(plain): " How to begin ", name_of(one_of): "No", name_of(any_of): ["Water", "Energy"]}
        assert send(client, event, **given).status_code == 302
        assert answers() == {plain: ["How to begin"], one_of: ["No"], any_of: ["Water", "Energy"]}

    def test_what_is_not_required_may_be_left(self, client, event, plain, one_of, any_of):
        assert send(client, event, **{name_of(one_of): "", name_of(plain): " "}).status_code == 302
        assert answers() == {}

    def test_what_is_required_is_asked_for_beside_the_field(self, client, event, plain, one_of, any_of):
        Question.objects.update(required=True)
        page = send(client, event)
        assert page.status_code == 422
        for words in ("Answer this question.", "Choose one.", "Choose one or more."):
            assert words in text(page)
        assert not Registration.objects.exists()

    @pytest.mark.parametrize("wrong", ["Perhaps", "はい", "1", "No\0"])
    def test_only_what_is_offered_can_be_chosen(self, client, event, one_of, any_of, wrong):
        for question in (one_of, any_of):
            assert send(client, event, **{name_of(question): wrong}).status_code == 422
        assert not Registration.objects.exists()

    @pytest.mark.parametrize("wrong", ["a\x0bb", "a\x1fb", "a\uffffb", "a\ufdd0b", "a\u202eb", "a\u2028b"])
    def test_a_text_has_nothing_that_a_file_cannot_hold(self, client, event, plain, wrong):
        page = send(client, event, **{name_of(plain): wrong})
        assert page.status_code == 422
        assert "Write it without control characters" in text(page)
        assert send(client, event, **{name_of(plain): "Two\r\nlines\tand 🏙"}).status_code == 302

    def test_a_text_has_an_end(self, client, event, plain):
        assert send(client, event, **{name_of(plain): "a" * 1001}).status_code == 422
        assert send(client, event, **{name_of(plain): "a" * 1000}).status_code == 302

    def test_the_questions_of_another_event_are_not_asked(self, client, event):
        other = QuestionFactory(required=True)
        assert str(other.label) not in text(client.get(form_of(event)))
        assert send(client, event, **{name_of(other): "Something"}).status_code == 302
        assert answers() == {}

    def test_choices_are_read_in_the_readers_language_and_kept_in_one(self, client, event, one_of):
        page = text(client.get(f"/ja{form_of(event)}"))
        assert "通訳は必要ですか" in page
        assert "はい" in page
        send(client, event, **{name_of(one_of): "Yes"}, language="ja")
        assert answers() == {one_of: ["Yes"]}
        registration = Registration.objects.get()
        shown = client.get(f"/ja/registrations/{registration.token}/").content.decode()
        assert 'value="Yes"' in shown
        assert "checked" in shown.partition(f'name="{name_of(one_of)}" value="Yes"')[2].partition(">")[0]

    def test_the_first_mail_repeats_them_in_its_language(self, client, event, one_of, plain, mailoutbox):
        send(client, event, **{name_of(one_of): "Yes", name_of(plain): "<b>Costs</b>"}, language="ja")
        registration = Registration.objects.get()
        client.post(f"/registrations/{registration.token}/", {"do": "keep"})
        (mail,) = send_all(mailoutbox, NOW)
        assert "通訳は必要ですか：はい" in body(mail)
        # Whoever wrote it may have typed another's address.
        assert "Costs" not in body(mail) + body(mail, "html")

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries(self, client, event, rows, django_assert_num_queries):
        for _ in range(rows):
            QuestionFactory(event=event, choices=True)
        with django_assert_num_queries(5):  # event, parts, questions, hosts, languages
            client.get(form_of(event))


class TestPersonalPage:
    @pytest.fixture
    def registration(self, event, plain, any_of):
        return registered(event.parts.get(), now=NOW, answers={plain: ["Costs"], any_of: ["Water"]})

    def change(self, client, registration, **given):
        typed = {**TYPED, "do": "change", "position": "Head of unit", **given}
        return client.post(f"/registrations/{registration.token}/", typed, follow=True)

    def test_answers_are_changed_and_the_mail_says_how_they_are_now(
        self, client, registration, plain, any_of, mailoutbox
    ):
        OutboxMail.objects.all().delete()
        self.change(client, registration, **{name_of(plain): "Costs", name_of(any_of): ["Energy"]})
        assert answers() == {plain: ["Costs"], any_of: ["Energy"]}
        (mail,) = send_all(mailoutbox, NOW)
        assert "Topics?: Energy" in body(mail)

    def test_the_same_answers_are_no_change(self, client, registration, plain, any_of):
        page = self.change(client, registration, **{name_of(plain): "Costs", name_of(any_of): ["Water"]})
        assert "Nothing was different" in text(page)

    def test_a_choice_that_is_not_offered_any_more_stays_readable(self, client, registration, event, any_of):
        any_of.options_en, any_of.options_ja = "Transport\nEnergy", "交通\nエネルギー"
        any_of.save()
        event.parts.update(registration_closes_at=NOW)
        assert [answer.words for answer in registration.answers.order_by("question__order")] == ["Costs", "Water"]

    def test_they_are_in_the_download_and_go_with_the_person(self, client, registration, plain):
        data = client.get(f"/personal-data/{registration.contact.data_token}/file/").json()
        assert {"question": "What do you want to learn?", "answer": ["Costs"]} in data["registrations"][0]["answers"]
        erase(registration=registration, now=NOW)
        assert answers() == {}

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries(self, client, event, rows, django_assert_num_queries):
        questions = [QuestionFactory(event=event) for _ in range(rows)]
        registration = registered(event.parts.get(), now=NOW, answers={each: ["Yes"] for each in questions})
        # Registration, parts, answers, their questions, seats with positions, questions.
        with django_assert_num_queries(6):
            client.get(f"/registrations/{registration.token}/")


class TestStaff:
    def test_an_editor_writes_them_in_the_event(self, admin_client, event):
        address = f"/admin/events/event/{event.pk}/change/"
        data = form_data(admin_client, address) | {
            "questions-TOTAL_FORMS": 1,
            "questions-0-order": 0,
            "questions-0-kind": "choice",
            "questions-0-label_en": "Interpretation?",
            "questions-0-options_en": "Yes\r\nNo\r\n",
        }
        admin_client.post(address, data)
        assert Question.objects.get().choices == [("Yes", "Yes"), ("No", "No")]

    def test_one_that_was_answered_cannot_be_deleted(self, admin_client, event, plain):
        registered(event.parts.get(), now=NOW, answers={plain: ["Costs"]})
        address = f"/admin/events/event/{event.pk}/change/"
        page = admin_client.post(address, form_data(admin_client, address) | {"questions-0-DELETE": "on"})
        assert page.status_code == 200
        assert Question.objects.exists()

    def test_the_registration_shows_its_answers(self, admin_client, event, plain):
        registration = registered(event.parts.get(), now=NOW, answers={plain: ["Costs and <time>"]})
        page = admin_client.get(f"/admin/events/registration/{registration.pk}/change/")
        assert "What do you want to learn?" in text(page)
        assert b"Costs and &lt;time&gt;" in page.content

    def test_the_export_has_a_column_for_each_question_that_was_answered(self, admin_client, event, plain, any_of):
        QuestionFactory(event=event, label_en="Nobody answered?")
        registered(event.parts.get(), now=NOW, answers={plain: ["=1+1"], any_of: ["Water", "Energy"]})
        registered(event.parts.get(), now=NOW, number=2)
        chosen = {"format": "1", "registrationresource_id": "on", "resource": ""}
        chosen |= {f"registrationresource_{name}": "on" for name in ("name", "request")}
        answer = admin_client.post("/admin/events/registration/export/", chosen)
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert {row["name"]: row["Topics?"] for row in rows} == {"Observer 1": "Water, Energy", "Observer 2": ""}
        assert {row["What do you want to learn?"] for row in rows} == {"'=1+1", ""}
        assert "Nobody answered?" not in rows[0]

    def test_the_export_leaves_out_what_its_file_cannot_hold(self, admin_client, event, plain):
        registered(event.parts.get(), now=NOW, answers={plain: ["a\x0bb\uffff"]}, name="Ada\x01")
        chosen = {"format": "0", "registrationresource_id": "on", "resource": "", "registrationresource_name": "on"}
        answer = admin_client.post("/admin/events/registration/export/", chosen)
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        assert [cell.value for cell in sheet[2]] == ["Ada", "ab"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "choice"}, "options_en"),
        ({"kind": "choice", "options_en": "Only one"}, "options_en"),
        ({"kind": "choice", "options_en": "Same\nSame"}, "options_en"),
        ({"kind": "choices", "options_en": "Yes\nNo", "options_ko": "예"}, "options_ko"),
        ({"kind": "choices", "options_en": "Yes\nNo", "options_ja": "一\n二\n三"}, "options_ja"),
        ({"kind": "text", "options_ja": "一\n二"}, "options_ja"),
        ({"label_en": ""}, "__all__"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(event, given, field):
    question = Question(event=event, **{"label_en": "Which?", **given})
    with pytest.raises(ValidationError) as refusal:
        question.full_clean()
    assert list(refusal.value.message_dict) == [field]


def test_answers_of_a_second_registration_replace_the_first(event, plain):
    registration = registered(event.parts.get(), now=NOW, answers={plain: ["Costs"]})
    from events.domain.registration import cancel, register

    cancel(registration=registration, now=NOW)
    register(event=event, parts=list(event.parts.all()), details=details(answers={plain: ["Time"]}), now=NOW)
    assert answers() == {plain: ["Time"]}
