"""Broken files and failing machines by the thousand: what make fuzz and make faults run."""
