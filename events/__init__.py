"""Events: what happens, who comes, what remains. Stands on organizations and the foundation, never the other way."""
