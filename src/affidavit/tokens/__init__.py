"""From a bearer token to a verified identity, or to the one reason why not."""
