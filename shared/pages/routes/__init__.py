"""Page routes that several doors mount; one subject a file, a few lines a route."""
