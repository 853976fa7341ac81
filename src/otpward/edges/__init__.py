"""The doors in: translate, call a service, translate back."""
