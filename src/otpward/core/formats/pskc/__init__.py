"""Portable Symmetric Key Container, version 1.0 (RFC 6030): the XML in which token makers send keys."""

from otpward.core.formats.pskc.container import open_pskc, read_pskc

__all__ = ["open_pskc", "read_pskc"]
