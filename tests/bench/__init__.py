"""What a registration costs beside a bare Django form: `make bench`.

Both are served by the same server, with the portal's production settings and its whole middleware, on the same
database, and are measured in turns, so that whatever else the machine does meets both. The bare form is in `models.py`
and `views.py`, and says there what it is.
"""
