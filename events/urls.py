from django.urls import path

from . import feeds
from .views import (
    attendance,
    calendar,
    contact,
    event,
    event_list,
    invitation,
    privacy,
    registration,
    series,
    story,
    transcript,
    watch,
)

app_name = "events"
urlpatterns = [
    path("events/", event_list.event_list, name="event_list"),
    path("events/calendar.ics", calendar.calendar_feed, name="calendar_feed"),
    path("events/<slug:slug>/", event.event_page, name="event"),
    path("events/<slug:slug>/calendar.ics", calendar.event_calendar, name="event_calendar"),
    path("events/<slug:slug>/parts/<int:number>/calendar.ics", calendar.part_calendar, name="part_calendar"),
    path("events/<slug:slug>/register/", registration.register, name="register"),
    path("events/<slug:slug>/registered/<str:token>/", registration.registered, name="registered"),
    path("registrations/lost-link/", privacy.lost_link, name="lost_link"),
    path("registrations/lost-link/sent/", privacy.lost_link_sent, name="lost_link_sent"),
    path("registrations/<str:token>/data/", privacy.personal_data, name="personal_data"),
    path("registrations/<str:token>/erase/", privacy.erase, name="erase"),
    path("personal-data/<str:token>/", privacy.own_data, name="own_data"),
    path("personal-data/<str:token>/file/", privacy.own_data_file, name="own_data_file"),
    path("registrations/<str:token>/", registration.registration, name="registration"),
    path(
        "registrations/<str:token>/parts/<int:number>/calendar.ics",
        registration.registration_calendar,
        name="registration_calendar",
    ),
    path("registrations/<str:token>/rooms/<int:part>/", attendance.join, name="join"),
    path("registrations/<str:token>/entries/<int:part>/calendar.ics", registration.registration_calendar, name="entry"),
    # As mails had them before: by the number of the part, which staff can exchange with that of another.
    path("registrations/<str:token>/join/<int:number>/", attendance.join, name="join_by_number"),
    path("invitations/<str:token>/", invitation.invitation, name="invitation"),
    path("unsubscribe/<str:token>/", contact.unsubscribe, name="unsubscribe"),
    path("series/", series.series_list, name="series_list"),
    path("series/<slug:slug>/", series.series_page, name="series"),
    path("events/<slug:slug>/transcripts/<int:pk>/", transcript.transcript, name="transcript"),
    path(
        "events/<slug:slug>/transcripts/<int:pk>/<slug:file_format>/",
        transcript.transcript_file,
        name="transcript_file",
    ),
    path("watch/", watch.watch, name="watch"),
    path("news/", story.story_list, name="story_list"),
    path("news/feed/", feeds.NewsFeed(), name="news_feed"),
    path("news/<slug:slug>/", story.story, name="story"),
    path("series/<slug:slug>/calendar.ics", calendar.series_calendar, name="series_calendar"),
]
