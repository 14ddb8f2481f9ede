"""The main job on embedded parts: a small service, an issuer of its own, and the story of what comes of its requests."""
