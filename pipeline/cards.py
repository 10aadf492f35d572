"""The card of every metric and the table of the organisation's own rules, written out as docs/metrics.md.

Belongs here: the generated page, and whether it is still true. Does not: what a metric says (its own header does), the
cards on the morning page (report/).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pipeline.models import Model, shipped_models
from pipeline.places import CHECKOUT
from pipeline.rules import Rules

HEAD = """# The metrics

*Made from the headers of `warehouse/metrics/` and from `pipeline/rules.py` by `make docs`; a test compares.*

A figure has a status: `ok`, `provisional` (it may still change, and says why), `not_identifiable` (the data cannot carry it, and
says why), `suppressed` (fewer than k people), `no_data` (a source was not seen; never 0). Intervals are of 95 % unless a card says
otherwise. There is no composite of metrics, no ranking of units, and nothing about a person. How well the estimators keep their
word: [calibration](calibration.md).
"""


def page(models: Iterable[Model]) -> str:
    """The whole text, metrics in the alphabet's order."""
    cards = [_card(model) for model in sorted(models, key=lambda m: m.name) if model.schema == "metrics"]
    return "\n".join([HEAD, *cards, "# What an organisation decides", "", *_rules("tidemark.rules", Rules), ""])


def _card(model: Model) -> str:
    refuses = model.because or "there is nothing to compute it from"
    facts = [
        ("Formula", model.formula), ("Unit", model.unit), ("Cannot say when", refuses), ("Limits", model.limits),
        ("Source", model.source), ("Needs", ", ".join(model.needs) or "the roster"),
        ("Version", f"{model.version}, [{model.file}](../warehouse/{model.file})"),
    ]  # fmt: skip
    lines = [f"- **{name}**: {' '.join(text.split())}" for name, text in facts if text]
    return "\n".join([f"## {model.name}", "", f"*{model.question}*", "", *lines, ""])


def _rules(table: str, kind: type[BaseModel]) -> list[str]:
    """One table of settings, and one for each table inside it."""
    own = {name: info for name, info in kind.model_fields.items() if _inner(info) is None}
    lines = [f"`[{table}]` of tidemark.toml", "", "| setting | default | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | {_default(info)} | {info.description} |" for name, info in own.items()]
    for name, info in kind.model_fields.items():
        inner = _inner(info)
        if inner is not None:
            lines += ["", (inner.__doc__ or "").strip(), "", *_rules(f"{table}.{name}", inner)]
    return lines


def _inner(info: FieldInfo) -> type[BaseModel] | None:
    kind = info.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _default(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, list):
        return ", ".join(f"`{one}`" for one in value) or "none"
    return "" if value is None else f"`{value}`"


def path() -> Path:
    """Where the page stands in a checkout."""
    return CHECKOUT / "docs" / "metrics.md"


def write() -> None:
    """Make the page anew, where there is a checkout to make it in."""
    if path().parent.is_dir():
        path().write_text(page(shipped_models()), "utf-8")
