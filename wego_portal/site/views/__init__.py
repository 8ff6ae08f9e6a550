"""Pages that stand on both apps, one file a noun; each reads the clock once and passes it down."""
