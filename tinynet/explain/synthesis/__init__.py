"""What a unit wants to see: activation maximisation, and images that are changed until they are another class."""
