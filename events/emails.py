"""Mails about events: one short function a kind, rendered by the outbox when it sends."""
