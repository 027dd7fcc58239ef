"""What a file is: by its content, which its name must agree with."""

import io
import zipfile
from pathlib import PurePosixPath

import filetype

from core.errors import Refusal
from core.sanitise import visible

# What is taken, by the ending of the name, and the media type of its content.
KINDS = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "txt": "text/plain",
    "dwg": "image/vnd.dwg",
}
LONGEST_NAME = 100
_OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
_ENCODINGS = ("utf-8", "gb18030")


class ForbiddenKind(Refusal):
    """A kind of file that is not taken, by its name."""

    key = "files.forbidden"


class LyingName(Refusal):
    """The content is not what the name says."""

    key = "files.lying"


class EmptyFile(Refusal):
    key = "files.empty"


class TooLarge(Refusal):
    key = "files.too_large"


def kind_of(name: str, content: bytes, *, largest_mb: int) -> str:
    """The kind, one of KINDS. Raises EmptyFile, TooLarge, ForbiddenKind, LyingName."""
    shown = clean_name(name)
    if not content:
        raise EmptyFile(name=shown)
    if len(content) > largest_mb * 1024 * 1024:
        raise TooLarge(name=shown, most=largest_mb)
    ending = shown.rpartition(".")[2].lower() if "." in shown else ""
    said = {"jpeg": "jpg"}.get(ending, ending)
    if said not in KINDS:
        raise ForbiddenKind(name=shown, kinds=" ".join(KINDS))
    found = _found(content)
    if found != said:
        raise LyingName(name=shown, said=said, found=found or "?")
    return said


def clean_name(name: str) -> str:
    """The last part of the name, on one line, without what a header or a path could trip over."""
    last = PurePosixPath(visible(name).replace("\\", "/")).name
    safe = "".join(char for char in " ".join(last.split()) if char not in '<>:"|?*')
    stem, dot, ending = safe.rpartition(".")
    short = f"{stem[: LONGEST_NAME - 10]}{dot}{ending[:9]}" if stem else safe[:LONGEST_NAME]
    return short or "file"


def _found(content: bytes) -> str:
    """The kind by content; of another kind its usual ending, of an unknown one nothing."""
    office = _office(content)
    if office is not None:
        return office
    guessed = filetype.guess(content)
    if guessed is not None:
        return str(guessed.extension)
    return "txt" if _is_text(content) else ""


def _office(content: bytes) -> str | None:
    """An Office file without macros; any other archive is a zip."""
    if not content.startswith(b"PK"):
        return None
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return "zip"
    if "[Content_Types].xml" not in names or any("vbaProject" in name for name in names):
        return "zip"
    return next((kind for part, kind in _OFFICE.items() if part in names), "zip")


def _is_text(content: bytes) -> bool:
    if b"\0" in content:
        return False
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(char.isprintable() or char in "\r\n\t\f\ufeff\u3000\u200b" for char in text)
    return False
