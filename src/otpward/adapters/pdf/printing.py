"""The process that sets type: a sheet as JSON comes in, a PDF goes out, until its standard input ends.

A sheet reaches the template as a value (`sys.inputs`), never as part of its text; so no name and no note can be read as markup.
PDF/UA-1 (ISO 14289-1) makes the compiler itself refuse a sheet without title, language, tags or a picture's name.
"""

import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import typst

from otpward.adapters.documents.frames import put, take
from otpward.adapters.documents.limits import allow_cpu, confine

HERE: Final = Path(__file__).parent
FONTS: Final = HERE / "fonts"
TEMPLATES: Final = ("sheet", "labels", "letters")
_MEMORY_MIB: Final = 768
_CPU_S: Final = 8
_TRIAL: Final[dict[str, Any]] = {
    "lang": "ko",
    "institution": "-",
    "title": "가",
    "lead": "가",
    "rows": [],
    "notes": [],
    "foot": "-",
    "code": None,
    "signature": None,
}


def open_compiler(folder: str) -> tuple[typst.Compiler, Sequence[str]]:
    """The compiler and the families to set type in: those of `folder` first, the packaged one for what they lack."""
    paths = [folder] if folder else []
    own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[*paths]).families()
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[*paths, str(FONTS)])
    families = [*own, *(name for name in fonts.families() if name not in own)]
    nowhere = str(HERE / "packages")  # the compiler would fetch packages: there are none, and the template asks for none
    compiler = typst.Compiler(root=str(HERE), font_paths=fonts, package_path=nowhere, package_cache_path=nowhere)
    return compiler, families


def set_type(compiler: typst.Compiler, template: bytes, families: Sequence[str], sheet: dict[str, Any], at: int) -> bytes:
    """The PDF of this sheet, made at this second."""
    told = json.dumps({**sheet, "fonts": families})
    made = compiler.compile(
        input=template, sys_inputs={"sheet": told}, format="pdf", pdf_standards=["ua-1"], timestamp=at, pdf_tags=True
    )
    assert isinstance(made, bytes)
    return made


def main() -> None:
    """Answer until nobody asks any more. The fonts are read before the limits come into force."""
    compiler, families = open_compiler(sys.argv[1] if len(sys.argv) > 1 else "")
    templates = {name: (HERE / f"{name}.typ").read_bytes() for name in TEMPLATES}
    make = partial(set_type, compiler, families=families)
    make(templates["sheet"], sheet=_TRIAL, at=0)
    confine(memory_mib=_MEMORY_MIB)
    heard, said = sys.stdin.buffer, sys.stdout.buffer
    put(said, {"ready": True})
    while True:
        try:
            head, body = take(heard)
        except EOFError:
            return
        allow_cpu(_CPU_S)
        try:
            put(said, {}, make(templates[head["template"]], sheet=json.loads(body), at=head["at"]))
        except typst.TypstError as error:
            put(said, {"fault": error.message[:200]})


if __name__ == "__main__":
    main()
