"""What both domain apps stand on; it imports neither.

A module is here because organizations and events both use it, because another module here does, or because the
settings name it for the whole portal; each says which in its first lines.

Content
- publication: who may see a row (draft, in review, scheduled, published, withdrawn)
- slugs: one neutral slug an object, old ones redirect
- translated: text per language, with fallback to what exists
- rich_text: formatted text, cleaned on the server
- partial_dates, time_zones: dates known to the year, month, day or minute, and zones of places
- pictures, uploads: checked files, refused while their owner is unpublished
- skyline: a drawn city where there is no photograph

Text
- characters, clean_text: text without what breaks an output, cleaned on save
- fold, collation: one fold for every comparison, stored beside the text; names in a reader's order
- email_address: one spelling of an address
- lazy_text: the type of a translatable text

Requests, forms and lists
- middleware, error_pages: what is refused before a form is read
- bounds, text_fields: form fields that judge length first, and text of visitors
- abuse_guard, rate_limit: forms that programs like to fill in, counted and asked a question
- list_filters, pages: filters and pages of lists
- form_renderer: inputs and lists without a template each

Back office
- admin_bases: the types of mixins of the admin
- content_admin: the admin of translated and rich text
- upload_admin: uploads looked at before the transaction
- constraint_admin, constraint_checks: constraints judged for a whole save
- staff_tasks: what needs the attention of staff
- admin: the outbox, as staff sees it

Processes
- outbox: mail queued in the transaction of a change, sent by the worker
- periodic, calendar_months: periodic jobs, and terms in calendar months
- database: the database as a process meets it when it starts
- log_formatter: what a log line may say
"""
