"""Settings: tidemark.toml and the environment, checked before anything runs.

Belongs here: what an operator may set, where it comes from, and the error that names the file and the key.
Does not: what a connector's own settings mean (its class says it), or how secrets are used.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pipeline.connector import Connector
from pipeline.places import shipped
from pipeline.problems import ConfigError
from pipeline.rules import Rules
from pipeline.text import read_themes
from pipeline.toml import NotToml, read_toml

FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)  # of a clock that is pinned
CANDIDATES = ("tidemark.toml", ".tidemark-demo/tidemark.toml")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: the name of a folder, as Europe
        raise ValueError("is not a time zone, e.g. Europe/London") from error
    return name


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be one line of plain text")
    return text


class Settings(BaseSettings):
    """The table [tidemark] of tidemark.toml; each key also as TIDEMARK_<KEY> in the environment, which wins."""

    model_config = SettingsConfigDict(env_prefix="TIDEMARK_", extra="forbid", hide_input_in_errors=True)

    organisation: Annotated[str, Field(max_length=200), AfterValidator(_line)] = "Your organisation"
    zone: Annotated[str, AfterValidator(_zone)] = "Europe/London"
    k: int = Field(default=10, ge=5, le=10_000, description="fewest distinct people behind any figure")
    home: Path = Path(".tidemark")
    today: date | None = Field(default=None, ge=FIRST, le=LAST, description="pins the clock; a night reads up to the day before")
    key_file: Path | None = None
    retention_days: int = Field(default=30, ge=0, le=90, description="days that prose is kept")
    plugins: list[Path] = Field(default_factory=list, description="further folders of plug-ins")
    allow: list[str] = Field(default_factory=list, description="pip-installed plug-ins that may load")
    source_minutes: float = Field(default=45, gt=0, le=1440, description="a source's budget of time in one night")
    pulls_at_once: int = Field(default=4, ge=1, le=64, description="sources that are pulled side by side")
    source_memory_mb: int = Field(default=8192, ge=512, le=1 << 20, description="memory cap of a source's process")
    threads: int = Field(default=2, ge=1, le=256)
    simulated: bool = False
    rules: Rules = Field(default_factory=Rules, description="what your organisation decides about its figures")

    connectors: dict[str, dict[str, Any]] = Field(default_factory=dict, exclude=True)
    folder: Path = Field(default=Path(), exclude=True, description="relative paths start here")
    file: Path | None = Field(default=None, exclude=True, description="where these settings were read")

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
        """The environment wins over the file."""
        return env_settings, init_settings

    def as_of(self) -> date:
        """The last whole local day: the day up to which a night reads."""
        today = self.today or datetime.now(ZoneInfo(self.zone)).date()
        return date.fromordinal(today.toordinal() - 1)

    def path(self, relative: Path) -> Path:
        """A path as the configuration file means it."""
        return (self.folder / relative).resolve()

    @property
    def plugin_folders(self) -> list[Path]:
        """Where plug-ins are looked for: those that ship, then the operator's."""
        return [shipped("plugins"), *(self.path(p) for p in self.plugins)]


def config_file(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The file that holds the settings, or None: TIDEMARK_CONFIG, ./tidemark.toml, the demo's."""
    if named := environ.get("TIDEMARK_CONFIG"):
        path = Path(named)
        if not path.is_file():
            raise ConfigError(f"TIDEMARK_CONFIG names {named}, which is not a file")
        return path.resolve()
    return next((Path(c).resolve() for c in CANDIDATES if Path(c).is_file()), None)


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force. Raises ConfigError naming the file and the key."""
    path = config_file(environ)
    table: dict[str, Any] = {}
    connectors: dict[str, Any] = {}
    if path:
        try:
            content = read_toml(path)
        except OSError as error:
            raise ConfigError(f"{path.name} cannot be read ({error.strerror}): mend its rights") from error
        except NotToml as error:
            raise ConfigError(f"{path.name} is not TOML: {error}") from error
        table, connectors = content.pop("tidemark", {}), content.pop("connectors", {})
        if not isinstance(table, dict):
            raise ConfigError(f"{path.name}: tidemark is a table: write its settings below a line [tidemark]")
        if content:
            raise ConfigError(f"{path.name}: unknown table [{next(iter(content))}]; expected [tidemark] and [connectors.NAME]")
    folder = path.parent if path else Path.cwd()
    try:
        found = Settings(**table, connectors=connectors, folder=folder, file=path)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(p) for p in fault["loc"])
        told = fault["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{path.name if path else 'environment'}: [tidemark] {key}: {told}") from error
    rules = found.rules.model_copy(update={"themes": found.rules.themes and found.path(found.rules.themes)})
    read_themes(rules.themes)  # a list that cannot be read is told before a night begins
    home = Path(environ["TIDEMARK_HOME"]).resolve() if "TIDEMARK_HOME" in environ else (folder / found.home).resolve()
    if home.exists() and not home.is_dir():
        raise ConfigError(f"[tidemark] home, or TIDEMARK_HOME: {home.name} is a file; name a folder")
    return found.model_copy(update={"home": home, "key_file": found.key_file and found.path(found.key_file), "rules": rules})


def configure(name: str, kind: type[Connector], settings: Settings, environ: Mapping[str, str] = os.environ) -> Connector:
    """The connector with its settings and secrets. Raises ConfigError naming table and key, never a value."""
    table = {k: v for k, v in settings.connectors.get(name, {}).items() if k != "use"}
    for secret in kind.secrets():
        variable = f"TIDEMARK_{name}_{secret}".upper()
        if secret in table:
            raise ConfigError(
                f"[connectors.{name}] {secret} is a secret and does not belong in the file: "
                f"set {variable}, {variable}_FILE, or {secret}_file"
            )
        named = table.pop(f"{secret}_file", None)
        if variable in environ:
            table[secret] = environ[variable]
        elif source := environ.get(f"{variable}_FILE") or (named and str(settings.path(Path(named)))):
            try:
                table[secret] = Path(source).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(f"[connectors.{name}] {secret}: cannot read its file ({error.strerror})") from error
    try:
        return kind.model_validate(table, context={"folder": settings.folder})
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
        key = ".".join(str(p) for p in fault["loc"])
        variable = f"TIDEMARK_{name}_{key}".upper()
        hint = f"; set {variable}, {variable}_FILE, or {key}_file" if key in kind.secrets() else ""
        raise ConfigError(f"[connectors.{name}] {key}: {fault['msg']}{hint}") from error
