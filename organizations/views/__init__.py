"""Pages of organizations, one file a noun. Rule: a view reads the clock, asks `published()`, calls a verb, renders."""
