"""Speaking to a backend: transport, verbs, tokens, transcripts."""
