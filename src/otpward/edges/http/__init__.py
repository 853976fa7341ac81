"""The door for browsers and programs over HTTP: pages for members and staff, and the REST interface."""
