"""The site: boards, metric cards and documentation, plain files that need no server.

A board is a YAML file in `charts/` and the exposure that says what it answers. dbt Charts draws it
from the published copy, once wide and once for a phone; a page of ours stands around both.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import yaml
from jinja2 import Environment, FileSystemLoader
from markdown_it import MarkdownIt
from rich.console import Console

from . import places
from .contract import ROOT

HERE = Path(__file__).with_name("site")
PAGES = Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True,
                    lstrip_blocks=True)
PAGES.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
WIDTH = {"wide": 1160, "phone": 390, "tables": 920}  # pixels


def draw_site(data: Path, target: Path, given: str, console: Console) -> list[str]:
    """Write the pages of `site/`; give the names of the boards that could not be drawn.

    `given` are dbt vars as YAML that stand above those of the project.
    """
    manifest = json.loads((target / "manifest.json").read_text("utf-8"))
    boards = [each for each in manifest["exposures"].values() if "board" in each["meta"]]
    boards.sort(key=lambda each: each["meta"]["position"])
    sql, site = places.sections(HERE / "site.sql"), data / "site"
    with duckdb.connect(str(data / "published" / "omniloop.duckdb"), read_only=True) as con:
        rows = {name: con.execute(query).df().to_dict("records") for name, query in sql.items()}
        choices = {name: _choices(con.execute(query))
                   for name, query in places.sections(HERE / "choices.sql").items()}
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text("utf-8"))["vars"]
    shared = {"boards": boards, "facts": rows["facts"][0], "families": rows["families"],
              "has_lineage": (site / "lineage").exists(),
              **project, **(yaml.safe_load(given or "{}") or {})}
    cards = _cards(manifest, rows["metrics"])
    site.mkdir(parents=True, exist_ok=True)
    _write(site / "metrics.html", "metrics.html", **shared, cards=cards)
    drawn, missing = _draw(data, target / "boards", [each["meta"]["board"] for each in boards]), []
    for each in boards:
        name = each["meta"]["board"]
        parts = {part: drawn.get(f"{name}_{part}", "") for part in ("wide", "phone", "tables")}
        reads = {key.split(".")[-1] for key in each["depends_on"]["nodes"]}
        described = {block.split(".metric_")[-1] for key in each["depends_on"]["nodes"]
                     for block in manifest.get("nodes", {}).get(key, {}).get("doc_blocks", [])}
        links = [card for card in cards if {card["name"], *card["metrics"]} & (reads | described)]
        script = parts["wide"][parts["wide"].rfind("<script>"):parts["wide"].rfind("</body>")]
        _write(site / f"{name}.html", "board.html", **shared, board=each, links=links, reads=reads,
               is_drawn=all(parts.values()), script=script, choices=choices.get(name),
               **{part: _drawing(html, part) for part, html in parts.items()})
        missing += [] if all(parts.values()) else [name]
    shutil.copyfile(site / f"{boards[0]['meta']['board']}.html", site / "index.html")
    for name in missing:
        console.print(f"The board {name} could not be drawn: {target / 'boards' / 'log.txt'} says "
                      "why. Everything else is published.", soft_wrap=True, markup=False)
    return missing


def _draw(data: Path, work: Path, names: list[str]) -> dict[str, str]:
    """Draw boards in one call of dbt Charts, each part of each; give the HTML by file name."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(ROOT / "charts", work / "charts")
    shutil.copyfile(ROOT / "dbt_charts.yml", work / "dbt_charts.yml")
    for name in names:
        path = work / "charts" / f"{name}.yml"
        board = yaml.safe_load(path.read_text("utf-8"))
        kinds = {chart: board["charts"][chart]["type"] for chart in _charts(board["rows"])}
        cards = [chart for chart in kinds if kinds[chart] == "kpi"]
        tables = [chart for chart in kinds if kinds[chart] == "table"]
        pairs = [{"cols": cards[i:i + 2]} for i in range(0, len(cards), 2)]
        rest = [chart for chart in kinds if chart not in (*cards, *tables)]
        for part, rows in (("wide", board["rows"]), ("phone", pairs + rest), ("tables", tables)):
            drawing = {**board, "rows": rows, "width": WIDTH[part], "title": None}
            for choice in drawing.get("variables", {}).values():  # a file cannot ask again
                choice["visible"] = False
            text = yaml.safe_dump(drawing, allow_unicode=True, sort_keys=False)
            path.with_stem(f"{name}_{part}").write_text(text, "utf-8")
    drawings = sorted(work.glob("charts/*_*.yml"))
    ran = subprocess.run(
        [Path(sys.executable).with_name("dct"), "render", *drawings, "--project-dir", work,
         "--format", "html", "--no-cache", "--output", work.resolve() / "{stem}.html"],
        env={**os.environ, "OMNILOOP_DATA": str(data.resolve()), "DO_NOT_TRACK": "1"},
        capture_output=True, text=True, check=False)
    (work / "log.txt").write_text(ran.stdout + ran.stderr, "utf-8")
    return {path.stem: path.read_text("utf-8") for path in work.glob("*.html")}


def _charts(layout: str | list | dict) -> list[str]:
    """The charts of a layout, in reading order."""
    if isinstance(layout, str):
        return [layout]
    parts = layout if isinstance(layout, list) else layout.get("rows") or layout["cols"]
    return [chart for part in parts for chart in _charts(part)]


def _drawing(html: str, part: str) -> str:
    """The drawing alone; of several on a page the first brings the fonts, each its own ids."""
    svg = html[html.find("<svg"):html.rfind("</svg>") + 6]
    svg = svg.replace("></tspan></text>", ">—</tspan></text>")  # a card without a figure
    if part == "wide":
        return svg
    svg = re.sub("@font-face *{[^}]*}", "", svg)
    return re.sub(r'( id="|url\(#|href="#)', rf"\1{part}-", svg)


def _choices(found: duckdb.DuckDBPyConnection) -> list[dict] | dict:
    """Rows of `site/choices.sql` for a page: as they are, or the cells under what is chosen."""
    names, rows = [each[0] for each in found.description], found.fetchall()
    if names[-1] != "text":
        return [dict(zip(names, row, strict=True)) for row in rows]
    cells: dict = {}
    for *path, column, value, text in rows:
        at = cells
        for each in path:
            at = at.setdefault(each, {})
        at[column] = [None if value is None else round(value, 3), text]
    return {"labels": names[:-3], "cells": cells}


def _cards(manifest: dict, metrics: list[dict]) -> list[dict]:
    """One card per text of a metric, with the metrics it speaks of."""
    texts = {doc["name"].removeprefix("metric_"): doc["block_contents"]
             for doc in manifest["docs"].values()
             if doc["name"].startswith("metric_") and "| Formula 公式 |" in doc["block_contents"]}
    markdown = MarkdownIt("commonmark").enable("table")
    return [{"name": name, "html": markdown.render(text),
             "metrics": {each["metric_name"]: each for each in metrics
                         if each["card"].strip() == text.strip()}}
            for name, text in sorted(texts.items())]


def _write(path: Path, template: str, **values: object) -> None:
    """Write a page of a template, the whole of it or nothing."""
    places.beside(path).write_text(PAGES.get_template(template).render(values), "utf-8")
    places.commit(path)
