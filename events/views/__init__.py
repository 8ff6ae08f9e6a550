"""Pages of events, one file a noun. Rule: a view reads the clock, asks `published()`, calls one verb, renders."""
