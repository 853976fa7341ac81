"""The namespaces of RFC 6030 and of what it builds on."""

from typing import Final

PSKC: Final = "{urn:ietf:params:xml:ns:keyprov:pskc}"
DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
XENC: Final = "{http://www.w3.org/2001/04/xmlenc#}"
XENC11: Final = "{http://www.w3.org/2009/xmlenc11#}"
PKCS5: Final = "{http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#}"
