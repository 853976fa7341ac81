"""The diagrams in the documents are those of the tables."""

from tools.lifecycle_page import PAGE, page


def test_the_page_of_lifecycles_is_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tools.lifecycle_page"
