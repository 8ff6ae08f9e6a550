"""The WeGO portal: settings and entry points, `foundation/` below both domain apps, `site/` above them."""
