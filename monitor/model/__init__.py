"""The nouns: frozen dataclasses and enums that every other part passes on; stdlib only."""
