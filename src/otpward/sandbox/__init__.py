"""The outside world for demo and tests: a phone, a mailbox, tokens with a button and a post office, over real HTTP and SMTP.

It speaks the protocols of the real gateways at their real paths, so that the adapters run against it unchanged. It shares
nothing with the server but the files a vendor would send, and refuses to start outside the demo and test profiles.
"""
