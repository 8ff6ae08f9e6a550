"""What stands on both apps: URLs, home, sitemaps, uploaded files, the back office as a whole, the web server."""
