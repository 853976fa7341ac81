"""argon2id: what is on file is checked, and what is not on file costs as much and is wrong."""

import argon2

from otpward.adapters.system import Argon2Passwords


def test_a_password_is_known_again_and_another_is_not() -> None:
    passwords = Argon2Passwords()
    stored = passwords.hash("correct horse")
    assert passwords.verify(stored, "correct horse")
    assert not passwords.verify(stored, "correct mouse")


def test_nobody_has_a_password_not_even_an_empty_one() -> None:
    passwords = Argon2Passwords()
    assert not passwords.verify("", "")
    assert not passwords.verify("", "correct horse")
    assert not passwords.verify("no hash at all", "correct horse")


def test_what_stands_for_nobody_is_computed_like_a_hash_on_file() -> None:
    passwords = Argon2Passwords()
    real, nobody = (argon2.extract_parameters(one) for one in (passwords.hash("x"), passwords._nobody))
    assert nobody == real
