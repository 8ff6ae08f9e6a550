import smtplib
import threading

import pytest
from django.core.mail import EmailMessage
from django.db import connections, transaction

from tests.moments import DAY, HOUR, MINUTE, NOW, SECOND
from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kind(monkeypatch):
    """A kind of mail to the number in its parameters; None is not due any more, "broken" cannot be rendered."""

    def render(mail):
        number = mail.parameters["number"]
        if number is None:
            return None
        if number == "broken":
            raise KeyError("a mistake in a template")
        return EmailMessage(f"Mail {number}", "Text", to=[f"{number}@city.example"])

    monkeypatch.setitem(outbox._renderers, "test", render)


def queue(number, key=None):
    outbox.queue(kind="test", deduplication_key=key or f"key {number}", parameters={"number": number}, now=NOW)


def row(number):
    return OutboxMail.objects.get(deduplication_key=f"key {number}")


def test_one_cause_sends_one_mail(server):
    queue(1)
    queue(2, key="key 1")
    assert outbox.send_due(now=NOW) == 1
    queue(3, key="key 1")
    assert outbox.send_due(now=NOW) == 0
    assert server.subjects == ["Mail 1"]


@pytest.mark.django_db(transaction=True)
def test_a_mail_belongs_to_the_transaction_of_its_cause(server):
    with transaction.atomic():
        queue(1)
        transaction.set_rollback(True)
    assert outbox.send_due(now=NOW) == 0


def test_nothing_leaves_before_its_time(server):
    queue(1)
    OutboxMail.objects.update(send_after=NOW + HOUR)
    assert outbox.send_due(now=NOW) == 0
    assert outbox.send_due(now=NOW + HOUR) == 1


def test_what_is_no_longer_due_is_dropped(server):
    queue(None)
    outbox.send_due(now=NOW)
    assert (row(None).state, server.received) == ("dropped", [])


def test_a_dead_server_loses_nothing_and_uses_up_no_attempt(server):
    for number in range(3):
        queue(number)
    server.stop()
    moment = NOW
    for _ in range(100):
        assert outbox.send_due(now=moment) == 0
        moment += HOUR
    assert set(OutboxMail.objects.values_list("state", "attempts")) == {("queued", 0)}
    assert row(0).error == "ConnectionRefusedError 111"
    server.start()
    outbox.send_due(now=moment)
    assert server.subjects == ["Mail 0", "Mail 1", "Mail 2"]


def test_a_server_that_hangs_up_after_some_mails_is_called_again_at_once(server):
    for number in range(7):
        queue(number)
    server.hangs_up_after = 3
    assert outbox.send_due(now=NOW) == 7
    assert server.subjects == [f"Mail {number}" for number in range(7)]
    assert set(OutboxMail.objects.values_list("state", "attempts", "error")) == {("sent", 0, "")}


def test_a_server_that_hangs_up_at_once_is_waited_for(server, monkeypatch):
    def closed(*args, **kwargs):
        raise smtplib.SMTPServerDisconnected("closed")

    queue(1)
    queue(2)
    with monkeypatch.context() as patch:
        patch.setattr(smtplib.SMTP, "sendmail", closed)
        assert outbox.send_due(now=NOW) == 0
    assert (row(1).attempts, row(1).error) == (0, "SMTPServerDisconnected")
    assert outbox.send_due(now=NOW + MINUTE) == 2
    assert server.subjects == ["Mail 1", "Mail 2"]


def test_a_receiver_refused_for_good_is_not_tried_again(server):
    queue("550-gone")
    queue(1)
    outbox.send_due(now=NOW)
    assert server.subjects == ["Mail 1"]
    assert (row("550-gone").state, row("550-gone").attempts) == ("failed", 1)
    assert row("550-gone").error == "SMTPRecipientsRefused 550"


def test_a_refusal_by_policy_is_tried_again(server):
    """A relay that does not know us, or a list that we get off again: no reason to lose the mails of a day."""
    queue("554-policy")
    outbox.send_due(now=NOW)
    assert (row("554-policy").state, row("554-policy").attempts) == ("queued", 1)


def test_a_refused_sender_is_no_fault_of_a_mail(server):
    queue(1)
    queue(2)
    server.refuses_sender = "550 5.7.1"
    for day in range(20):
        assert outbox.send_due(now=NOW + day * DAY) == 0
    assert set(OutboxMail.objects.values_list("state", "attempts")) == {("queued", 0)}
    assert row(1).error == "SMTPSenderRefused 550"
    server.refuses_sender = None
    assert outbox.send_due(now=NOW + 21 * DAY) == 2


def test_a_mail_too_large_for_the_server_is_its_own_fault(server):
    queue(1)
    server.refuses_sender = "552 5.3.4"
    assert outbox.send_due(now=NOW) == 1
    assert (row(1).state, row(1).error) == ("failed", "SMTPSenderRefused 552")


def test_a_refused_mail_waits_longer_each_time_and_holds_up_no_other(server):
    queue("450-busy")
    queue(1)
    outbox.send_due(now=NOW)
    assert server.subjects == ["Mail 1"]
    mail = row("450-busy")
    assert (mail.state, mail.attempts, mail.error) == ("queued", 1, "SMTPRecipientsRefused 450")
    assert "busy" not in mail.error
    waits, moment = [mail.send_after - NOW], NOW
    while mail.state == "queued":
        moment = mail.send_after
        assert outbox.send_due(now=moment - SECOND) == 0
        outbox.send_due(now=moment)
        mail.refresh_from_db()
        waits.append(mail.send_after - moment)
    assert waits[:4] == [SECOND * 30, MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert max(waits) == 6 * HOUR
    assert (mail.state, mail.attempts) == ("failed", outbox.MAX_ATTEMPTS)
    assert outbox.send_due(now=moment + 30 * DAY) == 0


def test_a_mail_that_cannot_be_rendered_holds_up_no_other(server):
    queue("broken")
    queue(1)
    outbox.send_due(now=NOW)
    assert server.subjects == ["Mail 1"]
    assert (row("broken").state, row("broken").error) == ("queued", "KeyError")


def test_staff_can_send_again(server):
    queue("450-busy")
    OutboxMail.objects.update(state="failed", attempts=12, error="SMTPRecipientsRefused 550")
    assert outbox.send_again(OutboxMail.objects.all(), now=NOW + DAY) == 1
    assert (row("450-busy").state, row("450-busy").attempts) == ("queued", 0)
    assert outbox.send_due(now=NOW + DAY) == 1


def test_a_leased_mail_is_left_to_its_worker_until_the_lease_runs_out(server):
    queue(1)
    OutboxMail.objects.update(leased_until=NOW + MINUTE, leased_by="00000000-0000-0000-0000-000000000001")
    assert outbox.send_due(now=NOW) == 0
    assert outbox.send_again(OutboxMail.objects.all(), now=NOW) == 0
    assert outbox.send_due(now=NOW + MINUTE) == 1


def test_a_repeated_mail_has_the_same_message_id_even_if_the_portal_has_moved(server, settings):
    queue(1)
    queue(2)
    outbox.send_due(now=NOW)
    settings.SITE_URL = "https://portal.example.org"
    outbox.send_again(OutboxMail.objects.filter(deduplication_key="key 1"), now=NOW)
    outbox.send_due(now=NOW)
    first, second, again = (message["Message-ID"] for message in server.received)
    assert first == again != second


def test_it_ends_between_two_mails_when_asked(server):
    for number in range(3):
        queue(number)
    assert outbox.send_due(now=NOW, is_stopping=lambda: len(server.received) == 2) == 2
    assert outbox.send_due(now=NOW, limit=0) == 0


def test_it_is_emptied_but_for_what_is_still_to_be_sent(server):
    for number in (1, 2, "450-busy"):
        queue(number)
    outbox.send_due(now=NOW, limit=1)
    assert outbox.delete_old_mails(now=NOW + 29 * DAY) == 0
    assert outbox.delete_old_mails(now=NOW + 31 * DAY) == 1
    assert OutboxMail.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_several_workers_send_each_mail_once(server):
    for number in range(40):
        queue(number)
    start = threading.Barrier(3)

    def work():
        try:
            start.wait()
            while outbox.send_due(now=NOW):
                pass
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(server.received) == 40
    assert len({message["Message-ID"] for message in server.received}) == 40
    assert set(OutboxMail.objects.values_list("state", flat=True)) == {"sent"}
