"""The web server: waitress in several processes that share a socket, and a supervisor that replaces a stuck one.

No client's speed holds a thread of the application: an event loop reads each request whole before a thread sees it, and
sends answers and files from buffers. No request holds a thread for longer than REQUEST_SECONDS.
"""
