"""What sets the project up; not part of the program."""
