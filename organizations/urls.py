from django.urls import path

from .views.best_practice import best_practice_detail, best_practice_list
from .views.initiative import initiative_detail, initiative_list
from .views.inquiry import inquiry_form, inquiry_sent
from .views.organization import organization_detail, organization_list, organization_suggest

app_name = "organizations"
urlpatterns = [
    path("organizations/", organization_list, name="organization_list"),
    path("organizations/suggest/", organization_suggest, name="organization_suggest"),
    path("organizations/<slug:slug>/", organization_detail, name="organization_detail"),
    path("initiatives/", initiative_list, name="initiative_list"),
    path("initiatives/<slug:slug>/", initiative_detail, name="initiative_detail"),
    path("cases/", best_practice_list, name="best_practice_list"),
    path("cases/<slug:slug>/", best_practice_detail, name="best_practice_detail"),
    path("membership/", inquiry_form, name="inquiry_form"),
    path("membership/sent/", inquiry_sent, name="inquiry_sent"),
]
