"""Bar codes and QR codes on a photograph, read in a process of its own (ISO/IEC 15417, 16388, 16022, 18004)."""
