"""What a log line may say: what happened and where in the code, never who.

Here because log lines of both apps go the same way.
"""

import logging
import re
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import _SysExcInfoType

MAX_LINE_LENGTH = 1_000  # characters; the address of a request can be as long as its sender likes
PERSONAL_LINK = re.compile(r"/(registrations|registered|invitations|unsubscribe|personal-data)/[^/\s]+")


class NoPersonalData(logging.Formatter):
    """Hides the tokens of personal links, cuts long lines, and of an exception's words keeps only the first line.

    PostgreSQL writes the values of the row that it refused into the lines that follow the first.
    """

    def format(self, record: logging.LogRecord) -> str:
        lines = super().format(record).split("\n")
        return PERSONAL_LINK.sub(r"/\1/…", "\n".join(line[:MAX_LINE_LENGTH] for line in lines))

    def formatException(self, ei: "_SysExcInfoType") -> str:
        whole = traceback.TracebackException(*ei)
        part: traceback.TracebackException | None = whole
        while part is not None:
            attributes = vars(part)  # its words have no public name
            if attributes["_str"]:
                attributes["_str"] = attributes["_str"].splitlines()[0]
            part = part.__cause__ or part.__context__
        return "".join(whole.format()).rstrip()
