"""Feeds every reader of seed files with damaged files, for as long as it is told."""
