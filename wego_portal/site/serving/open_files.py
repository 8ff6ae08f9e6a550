"""How many files, which connections count as, a process may have open."""

import resource

MIN_OPEN_FILES = 8192


def allow_open_files() -> None:
    """Raise the limit of this process to what its connections need, as far as the system lets it."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MIN_OPEN_FILES if most == resource.RLIM_INFINITY else min(MIN_OPEN_FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
