"""The back office of events, one file a noun. Rule: an action calls the verb the public page would call."""
