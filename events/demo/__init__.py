"""The demo content: what public sources say about WeGO and its partners, and samples for trying the portal.

`data/` has one JSON file for each kind of object, to be edited by hand. `rows` writes rows of these files to the
database; the other modules say in which order, and which rows belong to others. What is unknown stays empty, and every
row passes `full_clean`.
"""
