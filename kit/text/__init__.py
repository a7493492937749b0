"""Rules for text that people write: what is visible, and how it is searched. Pure."""
