"""What the screens show beside a snapshot: figures that take longer than its beat."""
