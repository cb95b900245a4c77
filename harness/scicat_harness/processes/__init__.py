"""Child processes and the sockets they listen on; whatever runs a program starts it by these."""
