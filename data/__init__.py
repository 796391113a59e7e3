"""Samples come in, samples are kept: the ground floor, without Qt and without physics."""
