"""A mail server to send to."""

import email
import socket

import pytest
from aiosmtpd.controller import Controller


class Server:
    """A real SMTP server on this machine; it refuses receivers whose address begins with a code of three digits."""

    def __init__(self):
        self.received, self.controller = [], None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address[:3].isdigit() and address[3] == "-":
            return f"{address[:3]} <{address}> not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.received.append(email.message_from_bytes(envelope.content))
        return "250 OK"

    def start(self):
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self):
        self.controller.stop()

    @property
    def subjects(self):
        return sorted(message["Subject"] for message in self.received)


@pytest.fixture
def server(settings):
    server = Server()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield server
    server.stop()
