"""Personal facts with most of them covered: enough to tell two people apart, not enough to be one of them."""


def masked_birth(date: str) -> str:
    """Only the year: 1990-**-**."""
    return f"{date[:4]}-**-**" if len(date) == 10 else "****"


def masked_email(address: str) -> str:
    """The first letter and the domain: h***@example.com."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}***@{domain}" if name and at else ("***" if address else "")


def masked_address(address: str) -> str:
    """The first two words after the postcode, which are a city and a district; nobody is found by those."""
    words = [word for word in address.split() if not word.isdigit()]
    return " ".join([*words[:2], "***"]) if len(words) > 2 else "***"
