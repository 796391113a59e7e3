"""The tables behind the views, one room per screen."""
