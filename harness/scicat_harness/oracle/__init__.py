"""The oracle: rule tables that predict every outcome from the specification."""
