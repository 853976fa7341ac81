"""Papers that members send: opened in a process of its own, read, and covered before anything is kept."""
