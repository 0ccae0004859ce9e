"""docs/configuration.md says what the settings say, docs/compliance.md what the rules do."""

from support import config_doc, law_doc


def test_the_page_is_what_the_settings_say() -> None:
    assert config_doc.PAGE.read_text("utf-8") == config_doc.page(), "run `make docs`"


def test_the_page_of_the_law_has_the_table_of_rules() -> None:
    assert law_doc.PAGE.read_text("utf-8") == law_doc.page(), "run `make docs`"
