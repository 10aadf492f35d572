"""Find the key of the pseudonyms, or say how to make one; its value is never shown.

Belongs here: where the key may come from and which keys are refused. Does not: using it (pseudonyms.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.problems import ConfigError

KEY_BYTES = 32
MAKE_A_KEY = (
    "make one with: python3 -c 'import os, secrets; os.umask(0o077); open(\"key\", \"x\").write(secrets.token_hex(32))'"
)


def load_key(environ: Mapping[str, str], key_file: Path | None) -> bytes:
    """The 32-byte key, from TIDEMARK_KEY, the file named by TIDEMARK_KEY_FILE, or `key_file`: the first that is set.

    Raises ConfigError, which names the place and the fix and never shows the value.
    """
    if value := environ.get("TIDEMARK_KEY", "").strip():
        return _key(value, "TIDEMARK_KEY")
    if name := environ.get("TIDEMARK_KEY_FILE", "").strip():
        return _read(Path(name), "TIDEMARK_KEY_FILE")
    if key_file is not None:
        return _read(key_file, "key_file in tidemark.toml")
    raise ConfigError(
        "there is no key for the pseudonyms: set TIDEMARK_KEY, TIDEMARK_KEY_FILE, or key_file in tidemark.toml; "
        + MAKE_A_KEY
    )


def _read(path: Path, origin: str) -> bytes:
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        raise ConfigError(f"{origin} names {path}, which does not exist: {MAKE_A_KEY}") from None
    except UnicodeDecodeError:
        raise _refusal(f"{origin} ({path})") from None
    except OSError as error:
        raise ConfigError(f"{origin} names {path}, which cannot be read: {error.strerror}") from None
    if mode & 0o077:
        raise ConfigError(f"{origin}: others may read the key in {path}; close it with: chmod 600 {path}")
    return _key(text, f"{origin} ({path})")


def _key(text: str, origin: str) -> bytes:
    if not re.fullmatch(rf"[0-9a-fA-F]{{{2 * KEY_BYTES}}}", text):
        raise _refusal(origin)
    key = bytes.fromhex(text)
    # Zeros, one byte repeated, or a short pattern: nobody drew these at random.
    if len(set(key)) < 8:
        raise ConfigError(f"{origin} is no random key, it can be guessed; {MAKE_A_KEY}")
    return key


def _refusal(origin: str) -> ConfigError:
    return ConfigError(f"{origin} must be {2 * KEY_BYTES} hexadecimal characters ({KEY_BYTES} bytes); {MAKE_A_KEY}")
