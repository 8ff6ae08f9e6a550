"""What organizations do and what their pages show, one file a noun. Rule: the caller passes the time."""
