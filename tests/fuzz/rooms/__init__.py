"""Right calls of the public functions, a file for each room of the house."""
