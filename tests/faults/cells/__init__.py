"""The faults F1 … F9, one file each: what is done, what must hold, what is counted."""
