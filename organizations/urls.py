from django.urls import path

from .views.best_practice import best_practice, best_practice_list
from .views.initiative import initiative, initiative_list
from .views.inquiry import inquiry, inquiry_sent
from .views.organization import organization, organization_list, organization_suggest

app_name = "organizations"
urlpatterns = [
    path("organizations/", organization_list, name="organization_list"),
    path("organizations/suggest/", organization_suggest, name="organization_suggest"),
    path("organizations/<slug:slug>/", organization, name="organization"),
    path("initiatives/", initiative_list, name="initiative_list"),
    path("initiatives/<slug:slug>/", initiative, name="initiative"),
    path("cases/", best_practice_list, name="best_practice_list"),
    path("cases/<slug:slug>/", best_practice, name="best_practice"),
    path("membership/", inquiry, name="inquiry"),
    path("membership/sent/", inquiry_sent, name="inquiry_sent"),
]
