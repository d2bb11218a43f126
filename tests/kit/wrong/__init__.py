"""A right plugin of each kind, and wrong ones, each with the test of its suite that must catch it."""
