"""Write a simulated omnichannel retailer: dirty vendor files and, apart from them, the truth.

    python -m harness.dev.simulate --people 20000 --days 400 --seed 1 --noise default

The business: an own mall (`shop`), a membership (`crm`), web analytics (`ga4`), two Google Ads
accounts (`google_ads`, CNY in Shanghai and USD in Los Angeles) and eight stores' tills (`pos`).
People also buy on tmall and by delivery, visit by app and mini program, and come from campaigns
of other platforms. The last business day is 2026-06-30, Asia/Shanghai. Spend moves how many
people come by the paid channels; the channel of the first contact decides what kind of buyer
somebody is: short video is cheap, large, and brings people who buy once; 618 and 11.11 peak.
Equal arguments give equal bytes.

Noise: `none` is clean vendor format (units, currencies, zones, encodings, vouchers and refunds
stay); `default` and `hard` add what settings.NOISE lists, with its rates, other headers in some
files, and three hidden faults that the seed picks from faults.POOL.

raw/<source>/<table>/<file>, columns as in the field tables:
    shop        CSV by half-year, times with offset (+08:00, or Z in the second half of a year);
                changed orders and accounts come again in a later file with a newer updated_at
    crm         CSV; members up to mid-period with a byte order mark, later ones in GB18030
    ga4         gzipped NDJSON by month, nested as the BigQuery export; re-sent copies in `resent`
    google_ads  CSV by year, restated days in files of their own; histories in Parquet
    pos         CSV by half-year, wall clocks of Asia/Shanghai
    meta_ads    CSV by year per ad and day, restated days in files of their own; purchases under
                several kinds of action; an account that says no currency, as seeds/ad_accounts.csv
                does
    ocean_engine  CSV by year; the last one from the interface, those before it from the console:
                GB18030, Chinese headers, grouped thousands, tabs behind ids, dashes, a total line
    tencent_ads   gzipped NDJSON by year, money in 分; both have restated days in files of their
                own, subtotals among the ads, and the last days by campaign as well
    tmall       CSV by half-year in GB18030 with Chinese headers, order numbers as ="123", phones
                as '123; changed orders and refunds come again in a later file with no updated_at
    app         gzipped NDJSON by month, epoch milliseconds of the phone; uploads that got no
                answer come again in `retries`
    wechat      followers in CSV snapshots, epoch seconds; mini_program_events in gzipped NDJSON by
                month with the query nested, re-sent copies in `resent`
    messaging   CSV by half-year: text messages (wall clocks of Asia/Shanghai, receipts without an
                event id), e-mails (times in UTC), WeChat (epoch seconds) and push (+08:00);
                held-out recipients are rows of the arm control; re-sent copies in `resent`
    feedback    CSV by half-year, wall clocks of Asia/Shanghai, the last file in GB18030;
                complaints come again when they are settled
    experiments CSV; assignments by half-year as exposures, results of lift tests in one file
    delivery    gzipped NDJSON by half-year, epoch seconds, 元; lines and discounts are lists
                written as text inside the order; second half-years under the names of pushed
                orders; states come again when the order ends, some lists are cut off
    erp         CSV; costs by period in GB18030 with Chinese headers, corrected ones in later rows,
                a few products without any

truth/*.parquet (person_id is known here only):
    people              type, first channel, member, account, staff, true orders and net revenue
                        (valid orders of the period; USD at settings.CNY_PER_USD in net_revenue)
    records             the person of each accepted record; record_id = shop customers and orders:
                        id; crm members: member_id; pos tickets: store_id:ticket_no; tmall
                        orders: 订单编号; ga4 events:
                        stream_id:user_pseudo_id:event_timestamp:event_name:
                        event_bundle_sequence_id:batch_event_index; app events: app_id:event_id,
                        without an event_id app_id:device_id:event_time:event_name:event_sequence;
                        wechat followers: appid:openid; mini_program_events: appid:event_id, else
                        appid:openid:event_time:event_name:event_sequence; messaging messages:
                        message_id; feedback responses: response_id; experiments assignments:
                        md5 of experiment_id:unit_type::unit_id:arm
    record_identifiers  usable identifiers of each such record, normalised; is_own is false where
                        the value is not the person's (typo, partner's or counter phone, tablet)
    orders              true money of each sale; is_second_copy = rung again at a till;
                        is_rejected, has_rejected_lines = made unacceptable on purpose; shipping
                        and commission stand beside
    refunds             true money given back and how it can be linked to its order
    campaigns           the campaign and platform behind each utm_campaign spelling
    channels            hazard, touches and the first orders that they truly caused
    budget              unless --spend is usual: each paid channel's true curve of value by spend
    messages            per campaign, channel and arm: messages and what truly became of them, as
                        delivered: rejected rows and those of lost messages left out
    experiments         true effect on first orders, which is 0 for every arm of the messages, and
                        what a lift test of a channel reports of it
    faults              the hidden faults picked and the rows each touched
    counts              per table and reject reason: rows written, superseded, rejected
    strategy            scenario `move` only (story.py): what the moved budget truly did per treated
                        region and day; the rows for seeds/strategy_changes.csv and
                        seeds/strategy_change_units.csv stand in the folder `seeds`
With more than settings.CHUNK_PEOPLE people, chunks run side by side and files are split into parts
(`_part01`), as are records and record_identifiers: read `records*.parquet`.
"""

import argparse
import multiprocessing
import os
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from harness.dev.simulation import (
    app,
    budget_truth,
    catalogue,
    crm,
    delivery,
    erp,
    experiments,
    feedback,
    ga4,
    google_ads,
    messaging,
    meta_ads,
    ocean_engine,
    pos,
    shop,
    strategy,
    tencent_ads,
    tmall,
    truth,
    wechat,
)
from harness.dev.simulation.annotate import buy, draw_members, spoil_lines_of_orders
from harness.dev.simulation.behaviour import channel_effects, take
from harness.dev.simulation.faults import apply_faults
from harness.dev.simulation.files import connect, load
from harness.dev.simulation.people import (
    draw_people,
    draw_surfaces,
    number_people,
    recycle_phones,
)
from harness.dev.simulation.platforms import paid_results
from harness.dev.simulation.sessions import (
    EVENTS,
    VISITS,
    choose_cookies,
    choose_surfaces,
    draw_sessions,
    log_in,
    open_accounts,
    spell_campaigns,
)
from harness.dev.simulation.settings import DAY, LEVELS, SCENARIOS, SPENDS, Columns, Run
from harness.dev.simulation.writing import usual_quirks, write_tables

SOURCES = [
    shop.SOURCE,
    pos.SOURCE,
    crm.SOURCE,
    ga4.SOURCE,
    google_ads.SOURCE,
    meta_ads.SOURCE,
    ocean_engine.SOURCE,
    tencent_ads.SOURCE,
    tmall.SOURCE,
    app.SOURCE,
    wechat.SOURCE,
    messaging.SOURCE,
    feedback.SOURCE,
    experiments.SOURCE,
    erp.SOURCE,
    delivery.SOURCE,
]
"""Every simulated source, built and written in this order."""

NOTICE = """DEMO DATA

These files are simulated. No person, order, phone number or e-mail address in them is real.
They are written by `python -m harness.dev.simulate` and may be deleted at any time.

演示数据：本目录的全部文件均由程序模拟生成，其中的人员、订单、手机号和邮箱皆非真实，可随时删除。
"""


def simulate_chunk(
    run: Run, chunk: int, volume: NDArray[np.float64], prices: Columns
) -> tuple[Columns, dict[str, Columns]]:
    """The people of one chunk and what they do: orders, lines, refunds and visits."""
    ids = np.arange(chunk * run.chunk_people, min(run.people, (chunk + 1) * run.chunk_people))
    people = draw_people(run, ids, volume, catalogue.season(run))
    strategy.move_people(run, people)
    number_people(people)
    touches, orders, lines, refunds = buy(run, chunk, people, volume, prices)
    orders["row"] = np.arange(len(orders["at"]))
    orders["number"] = chunk * 5_000_000 + orders["row"]
    lines["row"] = np.arange(len(lines["order"]))
    spoil_lines_of_orders(run.random("lines", chunk), run, orders, lines)
    people["member_at"] = draw_members(run.random("members", chunk), run, people, orders)
    draw_surfaces(run.random("surfaces", chunk), run, people)
    rng = run.random("sessions", chunk)
    sessions = draw_sessions(rng, run, people, touches, orders, volume)
    choose_surfaces(rng, people, orders, sessions)
    people["account_at"] = open_accounts(rng, people, orders, sessions)
    effects = channel_effects(run, people, touches) | budget_truth.type_values(run, people, orders)
    log_in(rng, people, orders, sessions)
    lent_phones(run, people, orders, touches)
    choose_cookies(rng, run, people, sessions)
    spell_campaigns(rng, run, sessions)
    return people, {
        "orders": orders, "lines": lines, "refunds": refunds, "sessions": sessions,
        "effects": effects,
    }  # fmt: skip


def lent_phones(run: Run, people: Columns, orders: Columns, touches: Columns) -> None:
    """Recycle phone numbers between people who have gone and people who come later."""
    first = people["first_at"].copy()
    last = np.zeros_like(first)
    for part in (orders, touches):
        np.maximum.at(last, part["person"], part["at"] + 20 * DAY)
    recycle_phones(run, people, first, last)


def simulate(run: Run) -> None:
    """Write everything of a run into run.out, replacing raw and truth of an earlier run."""
    for folder in ("raw", "truth"):
        shutil.rmtree(run.out / folder, ignore_errors=True)
    (run.out / "raw").mkdir(parents=True)
    (run.out / "raw" / "DEMO_DATA.txt").write_text(NOTICE, "utf-8")
    chunks = range(-(-run.people // run.chunk_people))
    parts = run.out / "truth" / "parts"
    workers = min(len(chunks), os.cpu_count() or 1, MOST_WORKERS)
    if workers > 1:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=spawn) as pool:
            results = list(pool.map(partial(write_chunk, run, parts), chunks))
    else:
        results = [write_chunk(run, parts, chunk) for chunk in chunks]
    totals = {name: sum(result[name] for result in results) for name in results[0]}
    budget, _ = catalogue.spend(run)
    con, quirks = open_world(run), usual_quirks(run, SOURCES)
    for source in SOURCES:
        if source.build_once:
            source.build_once(con, run, budget, totals)
    write_tables(con, run, SOURCES, quirks, once=True)
    truth.count_tables(con, SOURCES, once=True)
    load(con, {"channel_effects": channel_truth(run, totals)})
    if run.spend != "usual":
        budget_truth.write(con, run, budget, totals)
    truth.write_truth(con, run.out / "truth", parts)
    strategy.write_truth(con, run)
    con.close()
    shutil.rmtree(parts)


MOST_WORKERS = 4


def open_world(run: Run) -> duckdb.DuckDBPyConnection:
    """A DuckDB with the fixed tables and empty truth tables."""
    con = connect()
    con.execute(truth.EMPTY)
    load(con, world_lists(run, catalogue.products(bool(run.rates["product_name_awkward"]))))
    return con


def write_chunk(run: Run, parts: Path, chunk: int) -> Columns:
    """Simulate and write one chunk of people; gives what campaigns and channels did to them."""
    suffix = f"_part{chunk + 1:02d}" if run.people > run.chunk_people else ""
    prices = catalogue.products(bool(run.rates["product_name_awkward"]))
    _, volume = catalogue.spend(run)
    con, quirks = open_world(run), usual_quirks(run, SOURCES)
    people, world = simulate_chunk(run, chunk, volume, prices)
    results = paid_results(run, world["sessions"], world["orders"]) | world.pop("effects")
    world["sessions"] = seen_sessions(run, chunk, world["sessions"])
    load(con, {"people": people, **world})
    con.execute(VISITS)
    for source in SOURCES:
        if source.build:
            source.build(con, run, chunk, people, world)
    apply_faults(con, run, quirks)
    write_tables(con, run, SOURCES, quirks, suffix)
    truth.count_tables(con, SOURCES)
    truth.write_records(con, SOURCES, run.out / "truth", suffix)
    truth.record_orders(con, run, SOURCES)
    truth.keep_parts(con, parts, suffix)
    con.close()
    return results


def seen_sessions(run: Run, chunk: int, sessions: Columns) -> Columns:
    """Visits of the period, numbered by row; is_tracked says whether web analytics saw them."""
    sessions = take(sessions, sessions["at"] >= run.start)
    size = len(sessions["at"])
    seen = run.random("tracking", chunk).random(size) >= run.rates["untracked_session"]
    return sessions | {"row": np.arange(size), "is_tracked": seen}


def channel_truth(run: Run, totals: Columns) -> Columns:
    """One row per channel: its hazard, its touches and the first orders they caused."""
    return {
        "channel": np.arange(len(catalogue.CHANNELS)),
        "channel_name": np.array([channel.name for channel in catalogue.CHANNELS], object),
        "hazard": np.array([channel.hazard for channel in catalogue.channels(run)]),
        "touches": totals["touches"],
        "caused_first_orders": totals["caused"].round(3),
    }


def world_lists(run: Run, prices: Columns) -> dict[str, Columns]:
    """The small fixed tables that the SQL joins: products, stores, regions, channels, types."""
    def named(key: str, names: list[str], column: str = "name") -> Columns:
        return {key: np.arange(len(names)), column: np.array(names, object)}

    channels = named("channel", [channel.name for channel in catalogue.CHANNELS])
    channels["source"] = np.array([channel.source for channel in catalogue.CHANNELS], object)
    channels["medium"] = np.array([channel.medium for channel in catalogue.CHANNELS], object)
    return {
        "products": prices,
        "stores": named("store", catalogue.STORES, "store_id"),
        "regions": named("region", catalogue.regions(run)),
        "types": named("kind", catalogue.TYPES),
        "channels": channels,
        "campaigns": catalogue.campaign_table(),
        "accounts": catalogue.account_table(),
        "social": named("social", catalogue.SOCIAL_CAMPAIGNS),
        "event_names": named("event", EVENTS, "event_name"),
    }


def main() -> None:
    """Read the arguments, simulate, and say where the files are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=20_000, help="at least 200")
    parser.add_argument("--days", type=int, default=400, help="the period ends on 2026-06-30")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--noise", choices=LEVELS, default="default")
    parser.add_argument("--out", type=Path, default=Path("data/demo"))
    parser.add_argument("--scenario", choices=SCENARIOS, default=SCENARIOS[0])
    parser.add_argument("--spend", choices=SPENDS, default=SPENDS[0],
                        help="how it moves: simulation/catalogue.py, wishes")  # fmt: skip
    given = parser.parse_args()
    if given.people < 200 or given.days < 30:
        parser.error("needs at least 200 people and 30 days")
    began = time.perf_counter()
    asked = (given.people, given.days, given.seed, given.noise, given.out)
    simulate(Run(*asked, spend=given.spend, scenario=given.scenario))
    seconds = time.perf_counter() - began
    print(f"{given.people:,} people, {given.days} days, {seconds:.1f} s: {given.out}")


if __name__ == "__main__":
    main()
