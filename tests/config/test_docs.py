"""docs/configuration.md says what the settings say."""

from support import config_doc


def test_the_page_is_what_the_settings_say() -> None:
    assert config_doc.PAGE.read_text("utf-8") == config_doc.page(), "run `make docs`"
