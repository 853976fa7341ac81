"""Why a whole seed file cannot be taken. `where` names the line or the key; no message repeats a value of the file."""

from typing import Any, ClassVar, Self

from otpward.core.errors import Invalid


class SeedFileFault(Invalid):
    """The file cannot be taken as it is, and nothing of it was."""

    code: ClassVar[str] = "seed_file"

    def __init__(self, message: str, *, where: str | None = None, field: str = "file", node: Any = None) -> None:
        super().__init__(message, field=field)
        self.message = message
        self.where = where
        self.node = node
        """The XML element at fault, whose line the reader of the file looks up."""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message

    def at(self, key: str) -> Self:
        """The same fault, with the key named in front of the line."""
        self.where = f"{key}, {self.where}" if self.where else key
        return self


class UnknownSeedFile(SeedFileFault):
    """The file is empty, too large, or of no kind that is read here."""

    code: ClassVar[str] = "seed_file_unknown"


class BrokenSeedFile(SeedFileFault):
    """The file is damaged or breaks the rules of its format."""

    code: ClassVar[str] = "seed_file_broken"


class SeedFileKeyNeeded(SeedFileFault):
    """The file is encrypted and no fitting transport key was given."""

    code: ClassVar[str] = "seed_file_key_needed"

    def __init__(self, message: str, *, where: str | None = None, node: Any = None, field: str = "key") -> None:
        super().__init__(message, where=where, field=field, node=node)


class SeedFileNotAuthentic(SeedFileFault):
    """A check value does not fit: the transport key is another one, or the file was changed."""

    code: ClassVar[str] = "seed_file_not_authentic"


class SeedFileNotReadYet(SeedFileFault):
    """The file uses a protection that is not supported."""

    code: ClassVar[str] = "seed_file_not_read_yet"

    def __init__(self, method: str, *, where: str | None = None, node: Any = None, field: str = "file") -> None:
        super().__init__(f"not read: {method}", where=where, node=node, field=field)
        self.method = method


class SeedFileDeclined(SeedFileFault):
    """The file is of a kind that is known and cannot be read here; the message says what to ask the vendor for."""

    code: ClassVar[str] = "seed_file_declined"
