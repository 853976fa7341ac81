"""Who may, how often, with which proof: facts in, decision out."""
