"""Damage of film, found and replaced: dust and other specks of single frames, scratches."""
