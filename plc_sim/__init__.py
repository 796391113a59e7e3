"""A plant that behaves like one, and knows the truth; it never looks into the twin."""
