"""What an organisation decides about its own figures: the table [tidemark.rules] of tidemark.toml.

Belongs here: choices that change what a figure means, with the default that metrics are calibrated for.
Does not: how a night runs (settings.py), or what a connector reads (its own table).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

SENIOR = ("SCS", "SCS1", "SCS1A", "SCS2", "SCS3", "SCS4", "Grade 6", "G6", "Director", "Director General")
MOST = 1_000_000  # posts that anybody labels
Share = Annotated[list[str], Field(description="items of surveys, as the connector calls them")]


class Survey(BaseModel):
    """Which items of a survey ask what; an item that nobody names is not used."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    capability: Share = ["capability"]
    confidence: Share = ["confidence"]
    home: Share = ["home", "home use"]
    work: Share = ["work", "work use"]
    access: Share = ["access"]


class Labelled(BaseModel):
    """How the scorer of tone did on posts that people of the organisation labelled: what makes a share of it a figure."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    positive: int = Field(default=0, ge=0, le=MOST, description="posts that people call positive")
    positive_found: int = Field(default=0, ge=0, le=MOST, description="of these, the ones that the scorer calls positive")
    other: int = Field(default=0, ge=0, le=MOST, description="posts that people do not call positive")
    other_found: int = Field(
        default=0, ge=0, le=MOST, description="of these, the ones that the scorer does not call positive either"
    )

    @model_validator(mode="after")
    def _fits(self) -> Labelled:
        if self.positive_found > self.positive or self.other_found > self.other:
            raise ValueError("more texts found than were labelled")
        return self


class Rules(BaseModel):
    """The table [tidemark.rules]; who changes a rule changes the meaning of the figures that rest on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    adopter_days: int = Field(default=3, ge=2, le=4, description="distinct contributory days within 28 that make an adopter")
    colleagues_each: int = Field(default=10, ge=1, le=1000, description="colleagues whom each champion is to train")
    senior_grades: list[str] = Field(default=list(SENIOR), description="grade bands that count as senior")
    comms_teams: list[str] = Field(default_factory=list, description="teams whose posts are the organisation speaking")
    themes: Path | None = Field(default=None, description="your own themes.yml instead of the one that ships")
    survey: Survey = Field(default=Survey(), description="which items ask what")
    tone: Labelled = Field(default=Labelled(), description="how the scorer of tone did")
