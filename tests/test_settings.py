"""Defaults, then the environment, then flags; each wrong value is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Settings, SettingsError


def test_flags_win_over_the_environment_and_that_over_defaults() -> None:
    environment = {"RAG_INDEX": "/tmp/elsewhere", "RAG_CHUNK_TOKENS": "200", "RAG_MODEL": ""}
    settings = Settings.load(environment, index=None, chunk_tokens="120")
    assert settings.index == Path("/tmp/elsewhere")
    assert settings.chunk_tokens == 120
    assert settings.model is None
    assert Settings.load({}) == Settings()


@pytest.mark.parametrize(
    ("environment", "flags", "message"),
    [
        ({"RAG_BATCH_SIZE": "many"}, {}, "RAG_BATCH_SIZE is 'many'. A whole number is needed for batch_size"),
        ({}, {"batch_size": "many"}, "--batch-size is 'many'. A whole number is needed for batch_size"),
        ({"RAG_CHUNK_TOKENS": "3"}, {}, "chunk_tokens is 3; it must be at least 16. Choose another value"),
        ({}, {"candidates": 0}, "candidates is 0; it must be at least 1. Choose another value"),
    ],
)
def test_a_wrong_value_is_named(environment: dict[str, str], flags: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.load(environment, **flags)
    assert str(error.value) == message
