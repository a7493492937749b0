"""What a conversation is and what may happen in it. Pure: no clock, no random, no I/O."""
