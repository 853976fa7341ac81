"""The nouns, frozen. A row of the store is one of these; `version` rises with each save, so that a stale save is noticed."""
