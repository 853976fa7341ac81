"""CMS SignedData (RFC 5652), the little of it that a sign-in with a certificate uses: one signer, the content inside."""
