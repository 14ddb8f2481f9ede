"""Format 1: the statement, its proof, and what a verifier believes. Pure: the same code seals and verifies."""
