"""What templates render to, and what callers can make of them."""
