"""What stands on both apps: addresses, home, sitemaps, error pages, health."""
