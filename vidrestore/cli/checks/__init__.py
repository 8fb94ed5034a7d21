"""What doctor looks at; each check states a fact or a problem, and none fails."""
