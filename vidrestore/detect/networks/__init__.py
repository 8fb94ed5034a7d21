"""The networks that find faces and their landmarks, with what they are shown and how they run."""
