-- What `omniloop fit` asks of the warehouse, attached as `work`.

-- [wanted]
-- Each model and day that models of the warehouse predict from, with its chances to drop out before
-- the first repeat.
select distinct score_name, origin_date, (score_name = 'mbg_nbd')::int
from work.intermediate.int_score_requests
where score_name in ('bg_nbd', 'mbg_nbd')
order by 1, 2

-- [groups]
-- Customers known to be new by then, alike ones together. Of more than 100,000 the first by their
-- keys, which are hashes: a fair sample.
create or replace temp table groups as
select repeat_count as x, recency_days / 7 as t_x, age_days / 7 as t, count(*) as customers
from (
    select * from work.intermediate.int_score_histories
    where origin_date = $day and first_order_status = 'known'
    order by user_key limit 100_000
)
group by all

-- [counted]
select coalesce(sum(customers), 0)::bigint, coalesce(sum(customers) filter (x > 0), 0)::bigint,
    $way || ':' || md5(coalesce(string_agg(concat_ws(',', x, t_x, t, customers), ';' order by x, t_x, t), ''))
from groups

-- [likelihood]
-- Mean log-likelihood of a customer at each point (r, alpha, a, b).
with points as (
    select point, p[1] as r, p[2] as alpha, p[3] as a, p[4] as b
    from (select unnest($points) as p, generate_subscripts($points, 1) as point)
),
terms as (
    select *, x + $extra as k, r + x as n, ln(alpha + t_x) as bought, ln(alpha + t) as aged
    from points cross join groups
)
select fsum(customers * (
    lgamma(n) - lgamma(r) + r * ln(alpha) + lgamma(b + k) - lgamma(b) - lgamma(a + b + k)
    + lgamma(a + b) - n * bought
    + ln(exp(n * (bought - aged)) + case when k > 0 then a / (b + k - 1) else 0 end)
)) / sum(customers) as height
from terms group by point order by point
