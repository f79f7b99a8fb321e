-- What the pages of the site say of the data, from the published copy.

-- [facts]
-- Origin, the complete months, and the last complete day of the strictest family.
select
    (select version.origin from marts.published_version as version) as origin,
    coalesce((select strftime(min(case when day(o.order_date) = 1 then o.order_date
            else date_trunc('month', o.order_date) + interval 1 month end), '%Y-%m')
        from marts.fct_orders as o), '—') as first_month,
    coalesce(strftime(date_trunc('month', as_of_date + 1) - interval 1 month, '%Y-%m'), '—')
        as last_month,
    coalesce(strftime(as_of_date, '%Y-%m-%d'), '—') as as_of
from marts.dim_as_of
where metric_family = 'roi'

-- [families]
select metric_family, coalesce(strftime(as_of_date, '%Y-%m-%d'), '—') as as_of
from marts.dim_as_of
order by 2, 1

-- [metrics]
select metric_name, label_en, label_zh, synonyms, formula, mart_column, owner, card
from marts.metric_catalogue
order by 1
