"""The commands at a terminal; those that run the simulated plant are in main.py."""
