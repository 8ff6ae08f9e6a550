"""The demo content: what public sources say of WeGO's world, and samples to try the portal on.

`data/` holds one JSON file a noun, for people to maintain; `rows` puts their rows into the database; the other modules
say in which order and with which children. Rule: what is unknown stays empty, and every row passes `full_clean`.
"""
