"""Tests of child processes and sockets."""
