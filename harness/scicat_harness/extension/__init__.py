"""What packages of others teach the harness: action types that it does not know itself."""
