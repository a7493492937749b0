"""Rules of presence. Pure: times are arguments, in milliseconds since 1970."""
