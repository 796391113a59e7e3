"""What the line does: pure; no Qt, no sockets, no clock, no database."""
