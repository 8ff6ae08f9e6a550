"""What happens in events, one module a noun: verbs that change rows, and read models of pages.

A verb takes keyword arguments and runs in one transaction. It locks the parts of an event in primary key order before
it reads seats, and queues the mails it causes. A read model turns rows and a given `now` into what a page shows, and
changes nothing.
"""
