"""A graph as a few tools for programs that speak the Model Context Protocol: read-only, every quote checked."""
