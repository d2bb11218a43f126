"""The ruler: panim against its peers, and against what the machine could do at best. See `python -m bench --help`."""
