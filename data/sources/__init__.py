"""Where samples come from: live servers, shift logs, tables; each behind one Source interface."""
