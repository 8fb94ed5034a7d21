"""Faces and frames painted by code, and Hypothesis strategies of values."""
