"""What happens when what an action talks to fails: what is told, stored, and sent."""
