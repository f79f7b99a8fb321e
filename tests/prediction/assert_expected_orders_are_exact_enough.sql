-- The series of expected orders is exact to 0.95; beyond it, and a year ahead of a customer of less
-- than a week, nothing is said, and everywhere else something is.
select *
from {{ ref('int_btyd_predictions') }}
where
    horizon_share < 0 or horizon_share >= 1
    or (expected_orders is not null and horizon_share > 0.95)
    or (expected_orders is null and horizon_share <= 0.95 and age_days >= 7)
    or expected_orders < 0
    or (purchase_probability > alive_probability or alive_probability > 1)
