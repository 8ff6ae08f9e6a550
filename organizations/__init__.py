"""Organizations: who, where, what they run. Knows nothing of events; `manage.py check` passes without them."""
