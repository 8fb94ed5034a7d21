"""Text from outside made fit to be shown, and the name that a mistyped one most likely meant."""
