"""From packets to pictures of one shape, each where it belongs, within a budget."""
