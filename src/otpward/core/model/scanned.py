"""What a scan reads: the kinds of codes that stand on devices, letters and passes."""

from enum import StrEnum
from typing import Final

LONGEST: Final = 128
"""No serial, registered number or pass is longer."""


class Symbology(StrEnum):
    """By its name in the Barcode Detection API: browsers read the same kinds."""

    CODE_128 = "code_128"
    CODE_39 = "code_39"
    QR_CODE = "qr_code"
    DATA_MATRIX = "data_matrix"
    EAN_13 = "ean_13"
