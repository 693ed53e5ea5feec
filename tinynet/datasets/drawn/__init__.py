"""Pictures drawn by code, so that what distinguishes each class is known."""
