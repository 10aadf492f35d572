"""Every folder of real recordings is read by a test of the plug-in that claims its format: a new one is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.real
TESTS = Path(__file__).parent
CLAIMED = {
    "access_logs": "intranet", "chat_exports": "slack mattermost teams_chat", "chat_irc_gold": "webchat",
    "graph_docs": "sharepoint yammer_reports", "lms_civil_service_learning": "civil_service_learning",
    "lms_oulad": "sessions_csv", "matomo_expected": "matomo", "matomo_recorded": "matomo", "org_organogram": "organogram",
    "xapi": "training", "xapi_conformance": "training", "yammer": "yammer",
}  # fmt: skip


def test_every_folder_is_claimed_by_a_plug_in_and_read_in_its_tests(real_data: Path) -> None:
    folders = {path.name for path in (real_data / "sources").iterdir() if path.is_dir() and any(path.iterdir())}
    assert folders == set(CLAIMED)
    for folder, plugins in CLAIMED.items():
        for plugin in plugins.split():
            texts = [path.read_text() for path in TESTS.glob(f"plugins/test_{plugin}*.py")]
            assert any(folder in text and "mark.real" in text for text in texts), f"no test of {plugin} reads {folder}"
