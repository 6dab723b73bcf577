"""A month of a real county, played through the HTTP doors."""
