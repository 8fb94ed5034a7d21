"""What models are judged on while they learn and afterwards, in figures and pictures."""
