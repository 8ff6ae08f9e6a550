"""What a log line may say: what happened and where in the code, never who.

Here because log lines of both apps go the same way.
"""

import logging
import re
import traceback

PERSONAL_LINK = re.compile(r"/(registrations|registered|invitations|unsubscribe|personal-data)/[^/\s]+")


class NoPersonalData(logging.Formatter):
    """Hides the tokens of personal links, and of an exception's words all but the first line.

    PostgreSQL writes the values of the row that it refused into the lines that follow the first.
    """

    def format(self, record):
        return PERSONAL_LINK.sub(r"/\1/…", super().format(record))

    def formatException(self, ei):
        whole = traceback.TracebackException(*ei)
        part = whole
        while part is not None:
            if part._str:
                part._str = part._str.splitlines()[0]
            part = part.__cause__ or part.__context__
        return "".join(whole.format()).rstrip()
