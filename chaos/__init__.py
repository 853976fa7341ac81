"""What may go wrong outside a test: races between processes, kills, a pulled plug, a clock that jumps. `make chaos` runs it
whole; the tests run it short."""
