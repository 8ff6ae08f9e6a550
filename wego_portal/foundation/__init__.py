"""What both domain apps stand on; it imports neither.

A module is here because organizations and events both use it, or because another module here does; each says which in
its first lines.

- publication: who may see a row (draft, in review, scheduled, published, withdrawn)
- partial_dates: dates known to the year, month, day or minute
- slugs: one neutral slug an object, old ones redirect
- translated: text per language, with fallback to what exists
- characters, clean_text: text without what breaks an output, cleaned on save
- fold: one fold for every comparison, stored beside the text
- pictures, uploads: checked files, refused while their owner is unpublished
- content_admin: the admin of translated and rich text
- middleware, error_pages: what is refused before a form is read
- log_formatter: what a log line may say
- outbox: mail queued in the transaction of a change, sent by the worker
"""
