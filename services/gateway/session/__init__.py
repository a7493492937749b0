"""What a signed-in peer asks for: sign-in, resume, and the handlers of its frames."""
