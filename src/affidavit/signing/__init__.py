"""Where the identity key lives: one store a file."""
