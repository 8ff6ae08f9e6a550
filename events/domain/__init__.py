"""Verbs over several rows of events, one file a noun. Rule: keyword-only, parts locked in order of key, mail queued."""
