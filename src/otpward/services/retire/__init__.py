"""A device ends while somebody has it: asked for by one member of staff, approved by another."""
