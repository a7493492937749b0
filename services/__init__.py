"""The services of Palique. They never import one another; they share `kit` and the contracts."""
