"""Lists that presence owns, kept here by snapshots and deltas for those who look at them."""
