"""The compiled loops, each beside its plain-Python reference."""
