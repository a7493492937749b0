"""The container engine of the tests: finds or installs it, builds stand-ins for images, and serves its socket."""
