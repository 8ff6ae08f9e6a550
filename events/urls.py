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
    recording,
    registration,
    series,
    story,
    transcript,
)

app_name = "events"
urlpatterns = [
    path("events/", event_list.event_list, name="event_list"),
    path("events/calendar.ics", calendar.calendar_feed, name="calendar_feed"),
    path("events/<slug:slug>/", event.event_detail, name="event_detail"),
    path("events/<slug:slug>/calendar.ics", calendar.event_calendar, name="event_calendar"),
    path("events/<slug:slug>/parts/<int:number>/calendar.ics", calendar.part_calendar, name="part_calendar"),
    path("events/<slug:slug>/register/", registration.registration_form, name="registration_form"),
    path(
        "events/<slug:slug>/registered/<str:token>/", registration.registration_received, name="registration_received"
    ),
    path("registrations/lost-link/", privacy.lost_link, name="lost_link"),
    path("registrations/lost-link/sent/", privacy.lost_link_sent, name="lost_link_sent"),
    path("registrations/<str:token>/data/", privacy.request_data_link, name="request_data_link"),
    path("registrations/<str:token>/erase/", privacy.redirect_to_data_link, name="redirect_to_data_link"),
    path("personal-data/<str:token>/", privacy.personal_data, name="personal_data"),
    path("personal-data/<str:token>/file/", privacy.personal_data_file, name="personal_data_file"),
    path("registrations/<str:token>/", registration.registration_detail, name="registration_detail"),
    path(
        "registrations/<str:token>/parts/<int:number>/calendar.ics",
        registration.registration_calendar,
        name="registration_calendar_by_number",
    ),
    path("registrations/<str:token>/rooms/<int:part>/", attendance.enter_room, name="enter_room"),
    path(
        "registrations/<str:token>/entries/<int:part>/calendar.ics",
        registration.registration_calendar,
        name="registration_calendar",
    ),
    # As mails had them before: by the number of the part, which staff can exchange with that of another.
    path("registrations/<str:token>/join/<int:number>/", attendance.enter_room, name="enter_room_by_number"),
    path("invitations/<str:token>/", invitation.invitation_detail, name="invitation_detail"),
    path("unsubscribe/<str:token>/", contact.unsubscribe, name="unsubscribe"),
    path("series/", series.series_list, name="series_list"),
    path("series/<slug:slug>/", series.series_detail, name="series_detail"),
    path("events/<slug:slug>/transcripts/<int:pk>/", transcript.transcript_detail, name="transcript_detail"),
    path(
        "events/<slug:slug>/transcripts/<int:pk>/<slug:file_format>/",
        transcript.transcript_file,
        name="transcript_file",
    ),
    path("watch/", recording.recording_list, name="recording_list"),
    path("news/", story.story_list, name="story_list"),
    path("news/feed/", feeds.NewsFeed(), name="news_feed"),
    path("news/<slug:slug>/", story.story_detail, name="story_detail"),
    path("series/<slug:slug>/calendar.ics", calendar.series_calendar, name="series_calendar"),
]
