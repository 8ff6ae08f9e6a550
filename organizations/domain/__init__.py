"""Verbs over several rows of organizations, one file a noun. Rule: keyword-only, and the caller passes the time."""
