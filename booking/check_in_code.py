"""The code shown at the window: signed, so that a QR code is known to be ours."""

import segno
from markupsafe import Markup

from booking.model import Appointment
from core.security import sign, unsign

PURPOSE = "check-in"


def signed_code(secret_key: str, code: str) -> str:
    """The code with its signature, as the QR code carries it."""
    return sign(secret_key, PURPOSE, code)


def read_code(secret_key: str, given: str) -> str | None:
    """The code that was typed or scanned; None for a signature that does not fit.

    A scanner may hand over the whole address.
    """
    said = "".join(given.split()).rpartition("code=")[2]
    if "." not in said:
        return said.upper()
    return unsign(secret_key, PURPOSE, said)


def check_in_link(secret_key: str, public_url: str, row: Appointment) -> str:
    """The page of the desk that the QR code opens; only who is signed in there can use it."""
    signed = signed_code(secret_key, row.code)
    return f"{public_url.rstrip('/')}/desk/check-in?code={signed}"


def qr(link: str) -> Markup:
    """A link as a picture to put into a page."""
    drawn = segno.make(link, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=4, border=2, svgclass="qr", lineclass=None, omitsize=True))
