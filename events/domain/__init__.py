"""Verbs over several rows of events, one file a noun. Rule: keyword-only, parts locked in primary key order, mail queued."""
