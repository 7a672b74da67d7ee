"""Where the configuration comes from, to be looked at and read again while the daemon runs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from monitor.config.load import load_file
from monitor.config.override import override
from monitor.config.secrets import Sources, expand
from monitor.config.settings import Settings
from monitor.config.yaml_lines import NotYaml, parse

#: What is opened, bound or handed out once, at the start: the field, and its key in the file.
_FIXED: Mapping[str, str] = {
    "database": "database",
    "listen": "listen",
    "vantage": "vantage",
    "spool": "spool",
    "tls": "tls",
    "token": "token",
    "public": "public",
    "detail": "metrics.detail",
    "routers": "routing",
}
#: What stands for the content of a file that cannot be read, and before that of one that can.
_NOTHING, _SOMETHING = b"-", b"+"


@dataclass(slots=True)
class Source:
    """A file, and the files with secrets that it names.

    Attributes:
        file: The configuration.
        environ: Where its references lead.
        database: Beats what it says.
        listen: Beats what it says.
    """

    file: Path
    environ: Mapping[str, str]
    database: str | None = None
    listen: str | None = None
    _text: bytes = b""
    _named: tuple[Path, ...] = ()

    def load(self) -> Settings:
        """Read it anew.

        Raises:
            ConfigError: It cannot be used.
        """
        settings = load_file(self.file, self.environ)
        return override(settings, database=self.database, listen=self.listen)

    def look(self) -> bytes:
        """Give what changes whenever the content of one of the files does, whoever replaced it.

        While the configuration stays the same, files are read, and nothing is parsed.
        """
        text = _content(self.file)
        if text != self._text:
            self._text, self._named = text, self._names(text)
        return b"".join(sha256(each).digest() for each in (text, *map(_content, self._named)))

    def _names(self, text: bytes) -> tuple[Path, ...]:
        try:
            value = parse(text.removeprefix(_SOMETHING).decode("utf-8-sig")).value
        except (NotYaml, UnicodeDecodeError):
            return ()
        sources = Sources(environ=self.environ, directory=self.file.parent)
        return tuple(dict.fromkeys(expand(value, sources).files))


def in_force(running: Settings, fresh: Settings) -> Settings:
    """Give *fresh* without what can only be changed by a start, for which *running* holds on."""
    return replace(fresh, **{name: getattr(running, name) for name in _FIXED})


def waiting(running: Settings, fresh: Settings) -> tuple[str, ...]:
    """List the keys of the file whose new values take effect at the next start."""
    return tuple(
        key for name, key in _FIXED.items() if getattr(running, name) != getattr(fresh, name)
    )


def _content(file: Path) -> bytes:
    """Read a file; what is none, such as a pipe that gives its content once, is left alone."""
    try:
        return _SOMETHING + file.read_bytes() if file.is_file() else _NOTHING
    except (OSError, ValueError):
        return _NOTHING
