"""The extra questions of an event: asked in the form, kept with the registration, shown, exported, erased."""

import csv
import io

import openpyxl
import pytest
from django.contrib.auth.models import Permission

from events.domain.privacy import erase_registration
from events.models import Answer, Choice, Question, Registration
from tests.admin_forms import form_data
from tests.factories.events import YES_OR_NO, EventFactory, QuestionFactory
from tests.factories.registrations import details, registered
from tests.moments import NOW
from wego_portal.foundation.models import OutboxMail

from .form_filling import TYPED, filled_in, form_of, send, text
from .mail_reading import body, send_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def event():
    return EventFactory(with_part=True)


@pytest.fixture
def plain(event):
    return QuestionFactory(event=event, label_en="What do you want to learn?")


@pytest.fixture
def one_of(event):
    return QuestionFactory(
        event=event, choices=YES_OR_NO, label_en="Interpretation?", label_ja="通訳は必要ですか", order=1
    )


@pytest.fixture
def any_of(event):
    choices = [("Water", "水"), ("Transport", "交通"), ("Energy", "エネルギー")]
    return QuestionFactory(event=event, kind="choices", label_en="Topics?", order=2, choices=choices)


def name_of(question):
    return f"question_{question.pk}"


def key_of(question, *words):
    """The values that the form has for these choices."""
    return [str(question.choices.get(label_en=each).pk) for each in words]


def answers():
    """What is kept, in English."""
    return {answer.question: answer.texts_for_display for answer in Answer.objects.select_related("question")}


class TestForm:
    def test_answers_are_kept_with_the_registration(self, client, event, plain, one_of, any_of):
        given = {name_of(plain): " How to begin ", name_of(one_of): key_of(one_of, "No")}
        given |= {name_of(any_of): key_of(any_of, "Energy", "Water")}
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

    @pytest.mark.parametrize("wrong", ["Yes", "0", "1e3", "No" * 2000])
    def test_only_what_is_offered_can_be_chosen(self, client, event, one_of, any_of, wrong):
        other = QuestionFactory(choices=YES_OR_NO)
        withdrawn = [one_of.choices.first(), any_of.choices.first()]
        Choice.objects.filter(pk__in=[choice.pk for choice in withdrawn]).update(is_offered=False)
        for question, own in zip((one_of, any_of), withdrawn, strict=True):
            for value in (wrong, *key_of(other, "Yes"), own.pk):
                assert send(client, event, **{name_of(question): value}).status_code == 422
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

    def test_choices_are_read_in_the_readers_language(self, client, event, one_of):
        page = text(client.get(f"/ja{form_of(event)}"))
        assert "通訳は必要ですか" in page
        assert "はい" in page
        send(client, event, **{name_of(one_of): key_of(one_of, "Yes")}, language="ja")
        assert answers() == {one_of: ["Yes"]}
        registration = Registration.objects.get()
        shown = client.get(f"/ja/registrations/{registration.token}/").content.decode()
        (key,) = key_of(one_of, "Yes")
        assert "checked" in shown.partition(f'name="{name_of(one_of)}" value="{key}"')[2].partition(">")[0]

    def test_the_first_mail_repeats_them_in_its_language(self, client, event, one_of, plain, mailoutbox):
        send(client, event, **{name_of(one_of): key_of(one_of, "Yes"), name_of(plain): "<b>Costs</b>"}, language="ja")
        registration = Registration.objects.get()
        client.post(f"/registrations/{registration.token}/", {"do": "keep"})
        (mail,) = send_all(mailoutbox, NOW)
        assert "通訳は必要ですか：はい" in body(mail)
        # Whoever wrote it may have typed another's address.
        assert "Costs" not in body(mail) + body(mail, "html")

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries(self, client, event, rows, django_assert_num_queries):
        for _ in range(rows):
            QuestionFactory(event=event, choices=YES_OR_NO)
        with django_assert_num_queries(6):  # event, parts, questions, their choices, hosts, languages
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
        self.change(client, registration, **{name_of(plain): "Costs", name_of(any_of): key_of(any_of, "Energy")})
        assert answers() == {plain: ["Costs"], any_of: ["Energy"]}
        (mail,) = send_all(mailoutbox, NOW)
        assert "Topics?: Energy" in body(mail)

    def test_the_same_answers_are_no_change(self, client, registration, plain, any_of):
        page = self.change(client, registration, **{name_of(plain): "Costs", name_of(any_of): key_of(any_of, "Water")})
        assert "Nothing was different" in text(page)

    def test_a_choice_that_is_not_offered_any_more_stays_readable(self, client, registration, event, any_of):
        any_of.choices.filter(label_en="Water").update(is_offered=False)
        event.parts.update(registration_closes_at=NOW)
        assert [answer.text_for_display for answer in registration.answers.order_by("question__order")] == [
            "Costs",
            "Water",
        ]

    def test_they_are_in_the_download_and_go_with_the_person(self, client, registration, plain):
        data = client.get(f"/personal-data/{registration.contact.data_token}/file/").json()
        assert {"question": "What do you want to learn?", "answer": ["Costs"]} in data["registrations"][0]["answers"]
        erase_registration(registration=registration, now=NOW)
        assert answers() == {}

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries(self, client, event, rows, django_assert_num_queries):
        questions = [QuestionFactory(event=event, choices=YES_OR_NO) for _ in range(rows)]
        registration = registered(event.parts.get(), now=NOW, answers={each: ["Yes"] for each in questions})
        # Registration, parts, answers with questions and choices, seats with positions, questions with choices.
        with django_assert_num_queries(8):
            client.get(f"/registrations/{registration.token}/")


class TestStaff:
    def test_an_editor_writes_them_in_the_event(self, admin_client, event):
        address = f"/admin/events/event/{event.pk}/change/"
        data = form_data(admin_client, address) | {
            "questions-TOTAL_FORMS": 1,
            "questions-0-order": 0,
            "questions-0-kind": "choice",
            "questions-0-label_en": "Interpretation?",
            "questions-0-new_choices_en": "Yes\r\n No \r\n\r\n",
            "questions-0-new_choices_ko": "예\n아니요",
        }
        admin_client.post(address, data)
        choices = Question.objects.get().choices.values_list("order", "label_en", "label_ja", "label_ko", "is_offered")
        assert list(choices) == [(1, "Yes", "", "예", True), (2, "No", "", "아니요", True)]
        assert text(admin_client.get(address)).count("Yes No") == 1

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


class TestWhatCannotBeAsked:
    """Questions that are refused in the event, beside the field that is wrong."""

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"kind": "choice"}, "new_choices_en"),
            ({"kind": "choice", "new_choices_en": "Only one"}, "new_choices_en"),
            ({"kind": "choice", "new_choices_en": "Same\nSame"}, "new_choices_en"),
            ({"kind": "choices", "new_choices_en": "Yes\nNo", "new_choices_ko": "예"}, "new_choices_ko"),
            ({"kind": "choices", "new_choices_en": "Yes\nNo", "new_choices_ja": "一\n二\n三"}, "new_choices_en"),
            ({"kind": "text", "new_choices_ja": "一\n二"}, "new_choices_ja"),
            ({"label_en": ""}, "label_en"),
        ],
    )
    def test_a_new_one(self, admin_client, event, given, field):
        address = f"/admin/events/event/{event.pk}/change/"
        given = {"order": 1, "kind": "text", "label_en": "Which?", **given}
        data = form_data(admin_client, address) | {"questions-TOTAL_FORMS": 1}
        page = admin_client.post(address, data | {f"questions-0-{name}": value for name, value in given.items()})
        assert page.status_code == 200
        (formset,) = [each.formset for each in page.context["inline_admin_formsets"] if each.formset.model is Question]
        assert field in formset.errors[0]
        assert not Question.objects.exists()

    def test_one_that_was_answered_keeps_its_kind(self, admin_client, event, one_of):
        registered(event.parts.get(), now=NOW, answers={one_of: ["Yes"]})
        address = f"/admin/events/event/{event.pk}/change/"
        page = admin_client.post(address, form_data(admin_client, address) | {"questions-0-kind": "text"})
        assert "It was answered already." in text(page)
        one_of.refresh_from_db()
        assert one_of.kind == "choice"


class TestChoices:
    """Their words change, and answers stay: on the page of a question, and on the personal page after that."""

    def page(self, question):
        return f"/admin/events/question/{question.pk}/change/"

    def correct(self, admin_client, question, **changes):
        return admin_client.post(self.page(question), form_data(admin_client, self.page(question)) | changes)

    def save(self, client, registration, **typed):
        """Save something else on the personal page, as a browser sends its form."""
        address = f"/registrations/{registration.token}/"
        return client.post(
            address, filled_in(client.get(address), "name") | {"do": "change", "position": "Mayor", **typed}
        )

    def test_an_answer_outlives_the_translation_of_its_choice(self, client, admin_client, event, any_of):
        any_of.choices.update(label_en="")
        first = any_of.choices.first()
        send(client, event, **{name_of(any_of): [first.pk]})
        self.correct(admin_client, any_of, **{f"choices-{n}-label_en": words for n, words in enumerate("ABC")})
        registration = Registration.objects.get()
        assert self.save(client, registration).status_code == 302
        registration.refresh_from_db()
        assert registration.position == "Mayor"
        assert answers() == {any_of: ["A"]}
        for language, words in (("ja", "水"), ("en", "A")):
            prefix = "" if language == "en" else f"/{language}"
            data = client.get(f"{prefix}/personal-data/{registration.contact.data_token}/file/").json()
            assert data["registrations"][0]["answers"][0]["answer"] == [words]

    def test_an_answer_outlives_a_correction(self, client, admin_client, event, one_of, any_of):
        registration = registered(event.parts.get(), now=NOW, answers={one_of: ["Yes"], any_of: ["Water", "Energy"]})
        self.correct(admin_client, one_of, **{"choices-0-label_en": "Yes, please", "choices-0-order": 9})
        self.correct(admin_client, any_of, **{"choices-0-label_en": "Waters"})
        self.save(client, registration)
        assert answers() == {one_of: ["Yes, please"], any_of: ["Waters", "Energy"]}

    def test_a_choice_that_was_withdrawn_stays_with_who_chose_it(self, client, admin_client, event, one_of, any_of):
        registration = registered(event.parts.get(), now=NOW, answers={one_of: ["Yes"], any_of: ["Water"]})
        one_of.choices.create(order=3, label_en="Perhaps")
        data = form_data(admin_client, self.page(one_of))
        del data["choices-0-is_offered"]
        admin_client.post(self.page(one_of), data)
        any_of.choices.filter(label_en="Water").update(is_offered=False)
        assert "Water" not in text(client.get(form_of(event)))
        self.save(client, registration)
        assert answers() == {one_of: ["Yes"], any_of: ["Water"]}
        self.save(client, registration, **{name_of(one_of): key_of(one_of, "No"), name_of(any_of): ""})
        assert answers() == {one_of: ["No"]}
        page = client.get(f"/registrations/{registration.token}/").content.decode()
        assert f'name="{name_of(one_of)}" value="{key_of(one_of, "Yes")[0]}"' not in page

    def test_one_that_was_chosen_cannot_be_deleted(self, admin_client, event, one_of):
        one_of.choices.create(order=3, label_en="Perhaps")
        registered(event.parts.get(), now=NOW, answers={one_of: ["Yes"]})
        page = self.correct(admin_client, one_of, **{"choices-0-DELETE": "on"})
        assert "still in use (chosen choices: 1)" in text(page)
        self.correct(admin_client, one_of, **{"choices-1-DELETE": "on"})
        assert [str(choice) for choice in one_of.choices.all()] == ["Yes", "Perhaps"]

    @pytest.mark.parametrize(
        "changes", [{"choices-0-DELETE": "on"}, {"choices-0-label_en": "No"}, {"choices-0-label_ja": "いいえ"}]
    )
    def test_two_or_more_stay_each_once(self, admin_client, one_of, changes):
        assert "Give two choices or more" in text(self.correct(admin_client, one_of, **changes))

    def test_what_the_form_did_not_show_is_left(self, client, event, plain, one_of, any_of):
        given = {plain: ["Costs"], one_of: ["Yes"], any_of: ["Water"]}
        registration = registered(event.parts.get(), now=NOW, answers=given)
        typed = {**TYPED, "do": "change", "position": "Mayor"}
        assert client.post(f"/registrations/{registration.token}/", typed).status_code == 302
        assert answers() == given
        # An empty value says that its boxes were shown, and none was ticked.
        client.post(f"/registrations/{registration.token}/", typed | {name_of(any_of): "", name_of(plain): ""})
        assert answers() == {one_of: ["Yes"]}
        assert f'<input type="hidden" name="{name_of(any_of)}" value="">' in client.get(form_of(event)).content.decode()

    def test_a_question_whose_choices_are_all_withdrawn_is_not_asked(self, client, event, one_of):
        one_of.choices.update(is_offered=False)
        Question.objects.update(required=True)
        assert "Interpretation?" not in text(client.get(form_of(event)))
        assert send(client, event).status_code == 302

    def test_an_editor_may_and_a_registrar_may_not(self, staff_with, one_of):
        assert staff_with("Editor").get(self.page(one_of)).status_code == 200
        assert staff_with("Registrar").get(self.page(one_of)).status_code == 403

    def test_who_may_only_look_looks(self, client, event, one_of, django_user_model):
        user = django_user_model.objects.create_user("looker", password="x", is_staff=True)
        names = ("view_event", "view_question", "view_choice")
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(user)
        for address in (self.page(one_of), f"/admin/events/event/{event.pk}/change/"):
            page = client.get(address)
            assert page.status_code == 200
            assert "Yes" in text(page)

    def test_a_choice_without_an_order_comes_last(self, admin_client, one_of):
        added = {"choices-2-label_en": "Perhaps", "choices-TOTAL_FORMS": 3}
        self.correct(admin_client, one_of, **added)
        assert list(one_of.choices.values_list("label_en", "order")) == [("Yes", 1), ("No", 2), ("Perhaps", 3)]

    def test_they_are_added_to_in_the_event_and_reached_from_it(self, admin_client, event, one_of):
        address = f"/admin/events/event/{event.pk}/change/"
        assert self.page(one_of) in admin_client.get(address).content.decode()
        admin_client.post(address, form_data(admin_client, address) | {"questions-0-new_choices_en": "Perhaps"})
        assert [str(choice) for choice in one_of.choices.all()] == ["Yes", "No", "Perhaps"]


def test_answers_of_a_second_registration_replace_the_first(event, plain):
    registration = registered(event.parts.get(), now=NOW, answers={plain: ["Costs"]})
    from events.domain.registration import cancel, register

    cancel(registration=registration, now=NOW)
    register(event=event, parts=list(event.parts.all()), details=details(answers={plain: ["Time"]}), now=NOW)
    assert answers() == {plain: ["Time"]}
