"""The checks of `palique check`: each connects to one backend, and names what is wrong and the fix."""
