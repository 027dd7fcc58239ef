"""A file is what its content says, and its name must agree; at rest it is unreadable."""

import io
import zipfile
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken
from openpyxl import Workbook

from core.errors import Refusal
from core.texts import plain
from escalation.filekind import KINDS, clean_name, kind_of
from escalation.vault import Vault

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n" + bytes(range(256)) * 4
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 32
JPG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 64
DWG = b"AC1032\0\0" + bytes(200)
EXE = b"MZ\x90\0" + bytes(300)
HTML = b"<!doctype html><script>alert(1)</script>"


def office(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, "<x/>")
    return held.getvalue()


def xlsx() -> bytes:
    held = io.BytesIO()
    Workbook().save(held)
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("通知书.pdf", PDF), ("图 1.PNG", PNG), ("照片.jpeg", JPG), ("总装.dwg", DWG),
        ("说明.docx", office("word/document.xml")), ("表.xlsx", xlsx()),
        ("记录.txt", "纯文字\r\n第二行".encode()), ("记录.txt", "老编码".encode("gb18030")),
    ],
)  # fmt: skip
def test_what_a_file_says_it_is_is_taken(name: str, content: bytes) -> None:
    assert kind_of(name, content, largest_mb=10) in KINDS


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("病毒.exe", EXE, "不是可以收的文件"), ("网页.html", HTML, "不是可以收的文件"),
        ("没有扩展名", PDF, "不是可以收的文件"), ("图.svg", b"<svg/>", "不是可以收的文件"),
        ("说是图.png", PDF, "名字写的是 png，内容却不是（识别为 pdf）"),
        ("说是文.pdf", EXE, "名字写的是 pdf，内容却不是（识别为 exe）"),
        ("说是字.txt", bytes(40), "名字写的是 txt"), ("说是字.txt", EXE, "名字写的是 txt"),
        ("说是档.docx", office("xl/workbook.xml"), "识别为 xlsx"),
        ("有宏.docx", office("word/document.xml", "word/vbaProject.bin"), "识别为 zip"),
        ("压缩.xlsx", office("evil.exe"), "识别为 zip"), ("坏的.docx", b"PK\3\4broken", "zip"),
        ("说是图.dwg", PNG, "识别为 png"), ("空的.pdf", b"", "是空文件"),
        ("大的.pdf", PDF + bytes(10 * 1024 * 1024), "超过 10 MB"),
        ("<script>alert(1)</script>.exe", EXE, "不是可以收的文件"),
    ],
)  # fmt: skip
def test_a_forbidden_or_lying_file_is_refused_in_a_sentence(
    name: str, content: bytes, why: str
) -> None:
    with pytest.raises(Refusal) as refused:
        kind_of(name, content, largest_mb=10)
    said = plain(refused.value.key, **refused.value.params)
    assert why in said and "没有保存" in said


def test_a_name_can_neither_climb_nor_break_a_header() -> None:
    assert clean_name("../../etc/passwd\r\nX: 1.pdf") == "passwd X 1.pdf"
    assert clean_name("C:\\图纸\\总装.dwg") == "总装.dwg"
    assert clean_name("a\u202efdp.exe") == "afdp.exe"
    assert (
        len(clean_name("长" * 500 + ".pdf")) <= 100
        and clean_name("长" * 500 + ".pdf")[-4:] == ".pdf"
    )
    assert clean_name("/") == "file"


def test_what_is_put_away_is_unreadable_and_comes_back(tmp_path: Path) -> None:
    vault = Vault(tmp_path, "one key")
    name = vault.put(PDF)
    assert vault.get(name) == PDF
    assert PDF[:20] not in (tmp_path / "attachments" / name).read_bytes()
    with pytest.raises(InvalidToken):
        Vault(tmp_path, "another key").get(name)
