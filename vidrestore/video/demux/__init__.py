"""From a name to packets: which files are opened, what they hold, in which order it comes."""
