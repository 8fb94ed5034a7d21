"""How calm the results are: a bench on clips whose truth is known, and on real ones."""
