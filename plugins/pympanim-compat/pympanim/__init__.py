"""The import name of pympanim 0.1.1, on top of panim."""
