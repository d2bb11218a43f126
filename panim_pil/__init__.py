"""Renderers, transforms and transitions on Pillow."""
