"""Certificates of the national and government PKI, judged: who they chain to, what they are for, whether they still hold."""
