"""HTML to text: what a reader would see, less who is mentioned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.connector import plain


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("no tags, 1 < 2 & so on", "no tags, 1 < 2 & so on"),
        ("<p>One&nbsp;&amp; two</p><p>three<br/>four</p>", "One & two\nthree\nfour"),
        ("<div>  one\n two <b>th</b>ree</div>\n\n<ul><li>a<li>b</ul>", "one two three\na\nb"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        ("<script>alert('x')</script>seen<style>p {}</style><title>t</title>", "seen"),
        ("<!-- hidden --><p hidden>x</p>", "x"),
        ("Hello <at id='0'>Ann Smith</at>, how <AT>Bob</AT>?", "Hello , how ?"),
        ("<at id='0'/>seen", "seen"),
        ("<at>Ann <b>Smith</b><img alt='Ann'/></at>seen", "seen"),
        ("good <emoji id='smile' alt='🙂' title='Smile'></emoji> <img alt='a chart'><img src='x'>", "good 🙂 a chart"),
        ("&lt;b&gt; &eacute;&#x1F600; &unknown;", "<b> é😀 &unknown;"),
        ("<p>not closed <b>at all", "not closed at all"),
        ("</at></p>stray", "stray"),
        ("", ""),
        (" \n<p> </p>", ""),
    ],
)
def test_html_is_the_text_that_a_reader_sees(html: str, text: str) -> None:
    assert plain(html) == text


def test_a_mention_that_never_ends_shows_nobody() -> None:
    assert plain("Dear <at id='0'>Ann Smith") == "Dear"


@given(st.text(alphabet="<>/!-&;='\" \nabpt", max_size=60))
def test_any_text_becomes_lines_without_blanks_at_their_ends(html: str) -> None:
    assert all(line == line.strip() != "" for line in plain(html).splitlines())
