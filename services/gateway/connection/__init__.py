"""One browser connection: the protocol machine, the transport, the frames, the send buffer and the cursors."""
