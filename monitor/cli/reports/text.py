"""A report as Markdown, and as a page that needs nothing else."""

from collections.abc import Callable, Iterator
from html import escape

from monitor.app.report import Report
from monitor.cli.inert import inert, markdown
from monitor.cli.reports.words import Sheet, method, notices, period, sheets, title

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }}
body {{ max-width: 80rem; margin: 2rem auto; padding: 0 1rem; }}
section {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }}
th, td {{ text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0; }}
th, td {{ border-bottom: 1px solid #8886; white-space: nowrap; }}
th.n, td.n {{ text-align: right; }}
td.w {{ overflow-wrap: anywhere; white-space: normal; min-width: 14rem; }}
.note {{ border-left: 4px solid #b58900; padding: .3rem .8rem; }}
@media print {{ body {{ max-width: none; font-size: 11px; }} }}
</style></head><body>
<h1>{title}</h1>
<p>{period}</p>
{body}
</body></html>
"""
#: Words longer than this are broken anywhere, so that no stranger widens the page.
_LONG = 40
#: What an empty table says.
_EMPTY = "None."


def document(report: Report) -> str:
    """Write it as Markdown."""
    return "\n".join(
        (f"# {markdown(title(report))}", "", markdown(period(report)), *_document(report))
    )


def page(report: Report) -> str:
    """Write it as one HTML page without scripts, which asks for nothing else."""
    notes = (f'<p class="note">{escape(inert(notice))}</p>' for notice in notices(report))
    tables = (f"<h2>{escape(each.title)}</h2>\n{_html(each)}" for each in sheets(report))
    lines = "".join(f"<li>{escape(inert(line))}</li>" for line in method(report))
    return _PAGE.format(
        title=escape(inert(title(report))),
        period=escape(inert(period(report))),
        body="\n".join((*notes, *tables, f"<h2>Method</h2>\n<ul>{lines}</ul>")),
    )


def _document(report: Report) -> Iterator[str]:
    for notice in notices(report):
        yield f"\n> {markdown(notice)}"
    for sheet in sheets(report):
        yield f"\n## {markdown(sheet.title)}\n"
        yield from _rows(sheet)
    yield "\n## Method\n"
    for line in method(report):
        yield f"- {markdown(line)}"


def _rows(sheet: Sheet) -> Iterator[str]:
    if not sheet.rows:
        yield _EMPTY
        return
    count = len(sheet.columns)
    rules = [":---" if number < sheet.words else "---:" for number in range(count)]
    for row in (sheet.columns, *sheet.rows):
        yield f"| {' | '.join(_in_lines(each, markdown) for each in row)} |"
        if row is sheet.columns:
            yield f"| {' | '.join(rules)} |"


def _html(sheet: Sheet) -> str:
    if not sheet.rows:
        return f"<p>{_EMPTY}</p>"
    heads = "".join(_cell("th", each, sheet, n) for n, each in enumerate(sheet.columns))
    rows = "\n".join(
        f"<tr>{''.join(_cell('td', each, sheet, n) for n, each in enumerate(row))}</tr>"
        for row in sheet.rows
    )
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table>"
    return f"<section>{table}</section>"


def _cell(tag: str, text: str, sheet: Sheet, number: int) -> str:
    kind = "n" if number >= sheet.words else "w" if len(text) > _LONG else ""
    mark = f' class="{kind}"' if kind else ""
    scope = ' scope="col"' if tag == "th" else ""
    words = _in_lines(text, lambda line: escape(inert(line)))
    return f"<{tag}{scope}{mark}>{words}</{tag}>"


def _in_lines(text: str, write: Callable[[str], str]) -> str:
    return "<br>".join(map(write, text.splitlines()))
