"""The faces the cards are printed in: several, since institutions print in several."""

from typing import Final

_NOTO: Final = "/usr/share/fonts/opentype/noto"
_TRUE: Final = "/usr/share/fonts/truetype"

KOREAN: Final = (
    f"{_NOTO}/NotoSansCJK-Regular.ttc",
    f"{_NOTO}/NotoSansCJK-Bold.ttc",
    f"{_NOTO}/NotoSerifCJK-Regular.ttc",
    f"{_NOTO}/NotoSerifCJK-Bold.ttc",
)
DIGITS: Final = (
    *KOREAN,
    f"{_TRUE}/dejavu/DejaVuSans.ttf",
    f"{_TRUE}/dejavu/DejaVuSansMono-Bold.ttf",
    f"{_TRUE}/liberation/LiberationSans-Regular.ttf",
    f"{_TRUE}/liberation/LiberationSansNarrow-Bold.ttf",
    f"{_TRUE}/liberation/LiberationMono-Regular.ttf",
    f"{_TRUE}/liberation/LiberationSerif-Regular.ttf",
)
MONO: Final = (f"{_TRUE}/liberation/LiberationMono-Bold.ttf", f"{_TRUE}/dejavu/DejaVuSansMono-Bold.ttf")
