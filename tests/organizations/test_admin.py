"""The back office answers for every model with rows, finds them, and moves publication in bulk."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from organizations.models import Inquiry, Organization
from tests.factories import organizations as factories

pytestmark = pytest.mark.django_db

# Model, its factory, and a word by which the search finds one of three rows.
MODELS = {
    "topic": (factories.TopicFactory, {"name_en": "Mobility", "slug": "mobility"}, "mobil"),
    "language": (factories.LanguageFactory, {"code": "ko", "name_en": "Korean"}, "korean"),
    "place": (factories.PlaceFactory, {"name_en": "Busan"}, "busan"),
    "organization": (factories.OrganizationFactory, {"name_ja": "世界都市機構", "slug": "wego"}, "都市機構"),
    "membership": (factories.MembershipFactory, {"member__name_en": "City of Kyoto"}, "kyoto"),
    "person": (factories.PersonFactory, {"name": "Kyong-yul Lee", "slug": "lee"}, "lee"),
    "initiative": (factories.InitiativeFactory, {"title_en": "Smart City Driver", "slug": "driver"}, "driver"),
    "project": (factories.ProjectFactory, {"title_en": "Street lights", "slug": "lights"}, "lights"),
    "resource": (factories.ResourceFactory, {"title_en": "Testing sites", "source": "Seoul"}, "testing"),
    "bestpractice": (factories.BestPracticeFactory, {"title_en": "One dashboard", "slug": "dmo"}, "dashboard"),
    "inquiry": (factories.InquiryFactory, {"organization_name": "City of Toyota"}, "toyota"),
}


def address(model, page, *args):
    return reverse(f"admin:organizations_{model}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_list_search_and_change_page(admin_client, model):
    factory, values, word = MODELS[model]
    codes = {"language": [{"code": "fr"}, {"code": "es"}]}.get(model, [{}, {}])
    others = [factory(**extra) for extra in codes]
    wanted = factory(**values)

    found = admin_client.get(address(model, "changelist"), {"q": word})
    assert found.status_code == 200
    assert [row.pk for row in found.context["cl"].result_list] == [wanted.pk]

    everything = admin_client.get(address(model, "changelist"))
    assert {row.pk for row in everything.context["cl"].result_list} >= {wanted.pk, *(row.pk for row in others)}

    assert admin_client.get(address(model, "change", wanted.pk)).status_code == 200
    assert admin_client.get(address(model, "add")).status_code == (403 if model == "inquiry" else 200)


@pytest.mark.parametrize("model", MODELS)
def test_list_takes_the_same_queries_for_one_row_and_three(
    admin_client, model, django_assert_num_queries, django_assert_max_num_queries
):
    factory, values, _word = MODELS[model]
    factory(**values)
    admin_client.get(address(model, "changelist"))  # content types are read once
    with django_assert_max_num_queries(30) as first:
        admin_client.get(address(model, "changelist"))
    for extra in {"language": [{"code": "fr"}, {"code": "es"}]}.get(model, [{}, {}]):
        factory(**extra)
    with django_assert_num_queries(len(first)):
        admin_client.get(address(model, "changelist"))


def test_organization_inlines_are_in_the_order_of_the_work(admin_client):
    response = admin_client.get(address("organization", "add"))
    prefixes = [formset.formset.prefix for formset in response.context["inline_admin_formsets"]]
    assert prefixes == ["aliases", "memberships", "reported_figures"]


def organization_form(**values):
    form = {"sector": "municipal", "state": "active", "original_language": "en", "publication": "draft"}
    form |= {"founded_precision": "day", "slug": "sejong", "name_en": "City of Sejong"}
    for prefix in ("aliases", "memberships", "reported_figures"):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return form | values


def test_organization_is_added_with_an_alias_and_a_membership(admin_client):
    network = factories.NetworkFactory()
    response = admin_client.post(
        address("organization", "add"),
        organization_form(
            **{
                "aliases-TOTAL_FORMS": "1",
                "aliases-0-name": "세종시",
                "memberships-TOTAL_FORMS": "1",
                "memberships-0-group": network.pk,
                "memberships-0-member_class": "member",
                "memberships-0-state": "active",
                "memberships-0-since_precision": "day",
                "memberships-0-until_precision": "day",
            }
        ),
    )
    assert response.status_code == 302, response.context["errors"]
    added = Organization.objects.get(slug="sejong")
    assert [alias.name for alias in added.aliases.all()] == ["세종시"]
    assert [membership.group for membership in added.memberships.all()] == [network]


def test_an_organization_without_a_name_is_refused_in_words(admin_client):
    response = admin_client.post(address("organization", "add"), organization_form(name_en=""))
    assert response.status_code == 200
    assert "Write the name in at least one language." in response.content.decode()
    assert not Organization.objects.exists()


def test_publish_and_withdraw_in_bulk_change_what_the_public_sees(admin_client, client):
    drafts = [factories.OrganizationFactory(publication="draft") for _ in range(3)]
    page = drafts[0].get_absolute_url()
    assert client.get(page).status_code == 404
    chosen = {"_selected_action": [row.pk for row in drafts]}
    admin_client.post(address("organization", "changelist"), {"action": "publish", **chosen})
    assert client.get(page).status_code == 200
    assert LogEntry.objects.count() == 3
    admin_client.post(address("organization", "changelist"), {"action": "withdraw", **chosen})
    assert client.get(page).status_code == 404


def test_only_what_is_published_has_a_link_to_its_page(admin_client):
    published, draft = factories.OrganizationFactory(), factories.OrganizationFactory(publication="draft")
    assert "viewsitelink" in admin_client.get(address("organization", "change", published.pk)).content.decode()
    assert "viewsitelink" not in admin_client.get(address("organization", "change", draft.pk)).content.decode()
    for city, links in ((published, 1), (draft, 0)):
        case = factories.BestPracticeFactory(city=city)
        page = admin_client.get(address("bestpractice", "change", case.pk)).content.decode()
        assert page.count("viewsitelink") == links


def test_what_a_visitor_sent_cannot_be_changed_and_who_handles_it_is_kept(admin_client, admin_user):
    inquiry = factories.InquiryFactory(message="As it was sent.")
    response = admin_client.post(
        address("inquiry", "change", inquiry.pk), {"state": "in_hand", "note": "Call them.", "message": "Changed."}
    )
    assert response.status_code == 302
    inquiry.refresh_from_db()
    assert (inquiry.message, inquiry.state, inquiry.note) == ("As it was sent.", "in_hand", "Call them.")
    assert inquiry.handled_by == admin_user


def test_inquiries_are_closed_in_bulk(admin_client):
    rows = [factories.InquiryFactory() for _ in range(2)]
    admin_client.post(
        address("inquiry", "changelist"), {"action": "close", "_selected_action": [row.pk for row in rows]}
    )
    assert set(Inquiry.objects.values_list("state", flat=True)) == {"closed"}
