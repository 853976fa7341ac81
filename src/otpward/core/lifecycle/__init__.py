"""What may follow what: one table per noun. What a table leaves out is refused, and the documentation's diagrams are made
from them."""
