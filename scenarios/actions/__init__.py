"""What each kind of action does, and in which order several of them do it."""
