"""A database that cannot be used is told with what is wrong, where, and what to do."""

import os
from pathlib import Path

import pytest

from monitor.store.errors import StoreError
from monitor.store.location import check_file, parse_url, where


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        pytest.param("sqlite:///a.db", "sqlite", id="sqlite"),
        pytest.param("sqlite+pysqlite:///a.db", "sqlite", id="its driver named"),
        pytest.param("postgres://h/x", "postgresql+psycopg", id="the short name"),
        pytest.param("postgresql://h/x", "postgresql+psycopg", id="the long name"),
    ],
)
def test_each_way_to_name_a_database_means_one_driver(url: str, driver: str) -> None:
    assert parse_url(url).drivername == driver


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="empty"),
        pytest.param("monitor.db", id="a bare file"),
        pytest.param("sqlite:/monitor.db", id="a slash too few"),
        pytest.param("mysql://root:hunter2@h/x", id="another kind"),
        pytest.param("postgresql://root:hunter2@h:port/x", id="a port that is none"),
    ],
)
def test_a_url_that_is_none_is_refused_without_telling_its_password(url: str) -> None:
    with pytest.raises(StoreError, match="Write it like sqlite:") as caught:
        parse_url(url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="Name a file"):
        parse_url(url)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql://root:hunter2@h/x", id="in its place"),
        pytest.param("postgresql://root@h/x?password=hunter2&sslmode=require", id="as a parameter"),
        pytest.param("postgresql://root@h/x?sslpassword=hunter2", id="that of a key file"),
    ],
)
def test_a_password_is_not_part_of_where(url: str) -> None:
    assert "hunter2" not in where(parse_url(url))


def test_a_password_given_as_a_parameter_is_the_password() -> None:
    parsed = parse_url("postgresql://root@h/x?password=hunter2&sslmode=require")
    assert (parsed.password, dict(parsed.query)) == ("hunter2", {"sslmode": "require"})


def test_a_file_in_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="folder of the database does not exist") as caught:
        check_file(parse_url(f"sqlite:///{tmp_path}/none/monitor.db"))
    assert caught.value.where == str(tmp_path / "none" / "monitor.db")
    assert caught.value.remedy.startswith("Create it")


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        check_file(parse_url(f"sqlite:///{tmp_path}"))


def test_a_reader_does_not_create_the_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such database"):
        check_file(parse_url(f"sqlite:///{tmp_path}/monitor.db"), create=False)


def test_of_a_missing_database_those_beside_it_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "monitor-demo.db").touch()
    with pytest.raises(StoreError) as elsewhere:
        check_file(parse_url(f"sqlite:///{tmp_path}/monitor.db"), create=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError) as here:
        check_file(parse_url("sqlite:///monitor.db"), create=False)

    assert f"here is sqlite:///{tmp_path}/monitor-demo.db" in str(elsewhere.value)
    assert "here is sqlite:///monitor-demo.db" in str(here.value)


def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        check_file(parse_url(f"sqlite:///{tmp_path}/{'x' * 300}.db"))


def test_a_folder_without_the_right_to_write_is_refused(tmp_path: Path) -> None:
    # Root may write everywhere but there.
    folder = Path("/proc/self") if os.geteuid() == 0 else tmp_path
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="Give this user the right"):
        check_file(parse_url(f"sqlite:///{folder}/monitor.db"))
    tmp_path.chmod(0o700)
