"""Settings: one truth rule, effective at once."""

import pytest

import parquetframe_swift as pfs


@pytest.mark.parametrize("word", ["1", "true", "YES", " on "])
@pytest.mark.parametrize("name", ["PARQUETFRAME_DISABLE_SWIFT", "PARQUETFRAME_DISABLE_RUST"])
def test_true_words_disable(monkeypatch, word, name):
    assert pfs.is_available()
    monkeypatch.setenv(name, word)
    assert not pfs.is_available()
    assert not pfs.get_backend_info()["io_available"]


@pytest.mark.parametrize("word", ["0", "false", "No", "off", ""])
def test_false_words_do_not(monkeypatch, word):
    monkeypatch.setenv("PARQUETFRAME_DISABLE_SWIFT", word)
    assert pfs.is_available()


def test_other_words_are_an_error_that_names_the_variable(monkeypatch):
    monkeypatch.setenv("PARQUETFRAME_DISABLE_SWIFT_IO", "banana")
    with pytest.raises(ValueError, match="PARQUETFRAME_DISABLE_SWIFT_IO='banana'"):
        pfs.get_config()


def test_the_newer_spelling_wins(monkeypatch):
    monkeypatch.setenv("PARQUETFRAME_DISABLE_SWIFT", "0")
    monkeypatch.setenv("PARQUETFRAME_DISABLE_RUST", "1")
    assert pfs.is_available()


def test_set_config_wins_over_the_environment_and_none_gives_back(monkeypatch):
    monkeypatch.setenv("PARQUETFRAME_SWIFT_THREADS", "3")
    assert pfs.get_config()["threads"] == 3
    pfs.set_config(threads=2)
    assert pfs.get_config()["threads"] == 2
    assert pfs.get_backend_info()["threads"] == 2
    pfs.set_config(threads=None)
    assert pfs.get_config()["threads"] == 3


@pytest.mark.parametrize("bad", [
    {"threads": 0}, {"threads": "many"}, {"threads": 1.5}, {"threads": True}, {"csv_chunk_size": -1},
    {"log_level": "loud"}, {"no_such_setting": 1}, {"io_enabled": "banana"}])
def test_bad_settings_are_refused_and_change_nothing(bad):
    before = pfs.get_config()
    with pytest.raises(ValueError, match=next(iter(bad))):
        pfs.set_config(csv_threads=7, **bad)
    assert pfs.get_config() == before


def test_io_can_be_switched_off_and_on(flat_path, monkeypatch):
    from parquetframe_swift._table import _EngineStore

    assert isinstance(pfs.read_parquet(flat_path)._store, _EngineStore)
    pfs.set_config(io_enabled=False)
    assert not isinstance(pfs.read_parquet(flat_path)._store, _EngineStore)
    pfs.set_config(io_enabled=True)
    assert isinstance(pfs.read_parquet(flat_path)._store, _EngineStore)
