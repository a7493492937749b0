"""Rules of tickets. Pure: ids, numbers and times are arguments."""
