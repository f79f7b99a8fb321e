"""`omniloop fit`: finds the parameters of the purchase models BG/NBD and MBG/NBD.

SQL in the work file tells the log-likelihood; numpy climbs it, by Newton's method on the logarithms
of r, alpha, a, b. Fits are only ever added to the source `fitted`; models read what converged.
"""

import argparse
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import duckdb
import numpy as np
from rich.console import Console

from . import landed
from .contract import read_tables
from .places import folder, literal, locked, screen, sections

WAY = 1  # raise it when the way of fitting changes, so that known histories are fitted again
SECONDS, CUSTOMERS, REPEATERS = 120, 200, 20  # at most; at least
LIMIT, STEP, FLAT = np.log(1000), 1e-3, 1e-6  # parameters lie in 1/1000 .. 1000
START, TRIES = np.log([0.5, 5, 1, 2]), [1, 0.5, 0.2, 0.05, 0.01]
STENCIL = np.array([d for d in product((-1, 0, 1), repeat=4) if np.abs(d).sum() <= 2])
ROW, COL = np.triu_indices(4)
PARTS = np.linalg.pinv(np.column_stack([np.ones(33), STENCIL, STENCIL[:, ROW] * STENCIL[:, COL]]))


def climb(height: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, float, float, bool]:
    """Climb from START to the top of `height`, which tells n heights of logarithms (n, 4).

    Give the place (4), its height, the steepest slope still leading up, and whether it is the top.
    """
    place, end = START, time.monotonic() + SECONDS
    while True:
        parts, half = PARTS @ (heights := height(place + STEP * STENCIL)), np.zeros((4, 4))
        slope, half[ROW, COL] = parts[1:5] / STEP, parts[5:] / STEP**2
        free = (np.abs(place) < LIMIT - 1e-9) | (slope * place < 0)  # at a limit: only inwards
        steep = float(np.abs(slope[free]).max(initial=0))
        curves, axes = np.linalg.eigh(np.nan_to_num(half + half.T)[np.ix_(free, free)])
        step = np.zeros(4)
        step[free] = axes @ (axes.T @ slope[free] / np.maximum(np.abs(curves), 1e-7))
        room = (LIMIT - place * np.sign(step)) / np.maximum(np.abs(step), 1e-9)
        tries = place + np.outer(TRIES, step * min(1, 3 / max(np.abs(step).max(), 1), room.min()))
        found = np.nan_to_num(height(tries), nan=-np.inf)
        if steep < FLAT / 1e3 or not found.max() > heights[16] or time.monotonic() > end:
            return place, float(heights[16]), steep, steep < FLAT
        place = tries[found.argmax()]


def fit(data: Path, console: Console) -> bool:
    """Fit each wanted model and day whose histories are new; say whether any fit was added."""
    table, folders = read_tables()["fitted", "parameters"], data / "landed"
    path = folders / "fitted" / "parameters" / "000000.parquet"
    known = f"select * from read_parquet({literal(path)})" if path.exists() else landed.empty(table)
    sql, rows, few, failed = sections(Path(__file__).with_suffix(".sql")), [], 0, []
    with duckdb.connect() as con:
        con.execute(f"attach {literal(data / 'omniloop.duckdb')} as work (read_only)")
        fits = con.execute(f"select model_name, as_of_date, data_hash from ({known})").fetchall()
        for model, day, extra in con.execute(sql["wanted"]).fetchall():
            con.execute(sql["groups"], {"day": day})
            customers, repeaters, sha = con.execute(sql["counted"], {"way": WAY}).fetchall()[0]
            few += (is_few := customers < CUSTOMERS or repeaters < REPEATERS)
            if is_few or (model, day, sha) in fits:
                continue
            place, top, steep, is_top = climb(lambda at, extra=extra: con.execute(
                sql["likelihood"], {"points": np.exp(at).tolist(), "extra": extra}
            ).fetchnumpy()["height"])
            failed += [f"{model} of {day}"] * (not is_top)
            row = {"model_name": model, "as_of_date": day, "log_likelihood": top * customers,
                   "customer_count": customers, "gradient": steep, "is_converged": is_top,
                   "fitted_at": landed.now_after(""), "data_hash": sha}
            rows += [row | {"parameter_name": name, "parameter_value": value} for name, value
                     in zip(("r", "alpha", "a", "b"), np.exp(place).tolist(), strict=True)]
    console.print(f"Purchase models: {len(rows) // 4} fits added; failed: {failed or 'none'};"
                  f" {few} not tried, with fewer than {CUSTOMERS} new customers or {REPEATERS} of "
                  "them back again.", soft_wrap=True, markup=False)
    if rows:
        with locked(folders / ".lock", "landing", wait=True), landed.connect(folders) as con:
            landed.put_rows(con, folders, table, rows, path, known)
    return bool(rows)


def main(args: argparse.Namespace) -> int:
    """Run `omniloop fit`."""
    with locked(folder("data") / ".build.lock", "build"):
        fit(folder("data"), screen())
    return 0
