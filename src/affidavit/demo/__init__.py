"""The main job on embedded parts: a small service, an issuer of its own, the story of what comes of its requests."""
