"""What a verification costs on this machine: the product, and in the same run what it is built on.

Three things are measured side by side, so that a slow or a noisy day takes from all of them: the bare limit (group commit of a
hot row and an audit line, no HTTP), an HTTP server that only echoes, and `otpward serve`. `python -m bench --help` says how.
"""
