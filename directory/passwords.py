"""Password rules after NIST SP 800-63B-4, 3.1.1.2: length and a block list, no composition rules,
no change by the calendar. Any character may be used; text is compared in its NFKC form."""

from unicodedata import normalize

from zxcvbn import zxcvbn

from core.errors import Refusal

LEAST_ALONE = 15  # where the password is the only factor
LEAST_WITH_SECOND = 8
MOST = 128
GUESSES = 10**9  # fewer tries than this and a list of common passwords has it


class PasswordShort(Refusal):
    key = "account.password_short"


class PasswordLong(Refusal):
    key = "account.password_long"


class PasswordCommon(Refusal):
    """It is on the lists that are tried first, or is made of the account's own names."""

    key = "account.password_common"


def cleaned(password: str) -> str:
    """The form in which passwords are kept and compared."""
    return normalize("NFKC", password)


def require_good(password: str, *, names: list[str], second_factor: bool) -> str:
    """The password in its kept form. names: what guessers know of the account.

    Raises PasswordShort, PasswordLong, PasswordCommon.
    """
    kept = cleaned(password)
    least = LEAST_WITH_SECOND if second_factor else LEAST_ALONE
    if len(kept) < least:
        raise PasswordShort(least=least)
    if len(kept) > MOST:
        raise PasswordLong(most=MOST)
    known = [name for name in (*names, "ipstation", "zhichan", "zhishichanquan") if name]
    if zxcvbn(kept[:72], user_inputs=known)["guesses"] < GUESSES:
        raise PasswordCommon
    return kept
