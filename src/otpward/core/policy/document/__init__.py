"""An institution's own rules as one TOML text: checked whole, and read into a frozen policy.

`text` reads TOML within bounds, `layout` says which keys there are and what may stand in them, `check` compares the two,
`build` makes the policy of it and looks for what is wrong only in sum. `default` is the policy of an empty text. Nothing here
has seen a file or a clock.
"""
