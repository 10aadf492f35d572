"""Find plug-ins: by folder, then by allow-listed entry points. A broken one is reported and the others load.

Belongs here: turning folders and packages into connector classes.
Does not: settings of a connector (settings.py), or running one (pull.py).
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from pipeline.connector import Connector, Stream
from pipeline.problems import ConfigError
from pipeline.settings import Settings

GROUP = "tidemark.connectors"
NAMESPACE = "tidemark_plugins"


@dataclass(frozen=True)
class Plugin:
    """One source: its connector class and the folder with its SQL halves."""

    name: str
    connector: type[Connector]
    folder: Path


@dataclass(frozen=True)
class Instance:
    """A plug-in as configured, under the name of its table in tidemark.toml."""

    name: str
    plugin: Plugin

    @property
    def channel(self) -> str:
        """network, chat, intranet, learning or roster."""
        return self.plugin.connector.channel

    @property
    def streams(self) -> list[Stream]:
        """What can be pulled from it."""
        return self.plugin.connector.streams()


@dataclass
class Found:
    """What loads, what is configured, and what is broken and why."""

    plugins: dict[str, Plugin] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def unusable(self, settings: Settings) -> list[str]:
        """The configured connectors that do not load."""
        return [name for name in settings.connectors if name not in self.instances]

    def instance(self, name: str) -> Instance:
        """The configured connector of this name. Raises ConfigError that lists what there is."""
        if name in self.broken:
            raise ConfigError(f"connector {name} does not load: {self.broken[name]}")
        if name not in self.instances:
            there = ", ".join(sorted(self.instances)) or "none is configured"
            raise ConfigError(f"no connector is called {name!r}: there is {there}")
        return self.instances[name]


def find(settings: Settings) -> Found:
    """Every plug-in that loads and every connector that is configured. Raises ConfigError on a duplicate name."""
    found = Found()
    for folder in settings.plugin_folders:
        for path in sorted(folder.glob("*/connector.py")):
            try:
                _add(found, load_plugin(path.parent))
            except ConfigError:
                raise
            except Exception as error:
                found.broken[path.parent.name] = f"{type(error).__name__} in {path.parent.name}/connector.py: {error}"
    for entry in entry_points(group=GROUP):
        if entry.name not in settings.allow:
            continue
        try:
            loaded = entry.load()
            _add(found, Plugin(entry.name, loaded, Path(inspect.getfile(loaded)).parent))
        except ConfigError:
            raise
        except Exception as error:
            found.broken[entry.name] = f"{type(error).__name__} in package of {entry.name}: {error}"
    for name, table in settings.connectors.items():
        if not name.isidentifier() or name != name.lower():
            raise ConfigError(f"[connectors.{name}]: a connector's name is one lower-case word")
        wanted = table.get("use", name)
        if not isinstance(wanted, str):
            raise ConfigError(f"[connectors.{name}] use: is the name of a plug-in, in quotes")
        if wanted in found.plugins:
            found.instances[name] = Instance(name, found.plugins[wanted])
        else:
            found.broken.setdefault(name, f"no plug-in is called {wanted!r}: there is {', '.join(sorted(found.plugins))}")
    return found


def _add(found: Found, plugin: Plugin) -> None:
    if plugin.name in found.plugins:
        raise ConfigError(
            f"two plug-ins are called {plugin.name!r}: {found.plugins[plugin.name].folder.parent.name}/ and "
            f"{plugin.folder.parent.name}/; rename one"
        )
    for stream in plugin.connector.streams():
        stream.fields()  # a bare str is refused here, when it loads, not at night
    found.plugins[plugin.name] = plugin


def load_plugin(folder: Path) -> Plugin:
    """The plug-in in this folder. Raises whatever is wrong with it."""
    return Plugin(folder.name, _connector_in(_load(folder.resolve() / "connector.py")), folder)


def _load(path: Path) -> ModuleType:
    """Import a plug-in's connector.py as a module of its own package, so that `from .x import y` works in it."""
    package = f"{NAMESPACE}.{path.parent.name}"
    for name, where in ((NAMESPACE, []), (package, [str(path.parent)])):
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = where
        if name not in sys.modules or name == package:
            sys.modules[name] = importlib.util.module_from_spec(spec)
    for stale in [name for name in sys.modules if name.startswith(package + ".")]:
        del sys.modules[stale]
    return importlib.import_module(f"{package}.connector")


def _connector_in(module: ModuleType) -> type[Connector]:
    kinds = [
        kind
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, Connector) and kind.__module__ == module.__name__
    ]
    if len(kinds) != 1:
        raise TypeError(f"a connector.py holds exactly one Connector, found {len(kinds)}")
    return kinds[0]


def name_streams(instances: Iterable[Instance]) -> list[tuple[Instance, Stream, list[str]]]:
    """The streams that land digests of people's names (namespace `name`), and in which fields."""
    found = []
    for instance in instances:
        for stream in instance.streams:
            if fields := [field for field, namespace in stream.persons().items() if namespace == "name"]:
                found.append((instance, stream, fields))
    return found
