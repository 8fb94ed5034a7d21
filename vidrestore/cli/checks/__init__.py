"""What doctor looks at; each check tells a fact or a problem, and none fails."""
