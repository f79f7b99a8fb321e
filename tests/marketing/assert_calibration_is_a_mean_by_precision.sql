-- The blend, written another way: the mean of test and model weighted by one over their variances,
-- and its variance one over the sum of those. Six decimals of weight leave a thousandth.
with told as (
    select
        *,
        {{ as_double('standard_error') }} * standard_error as test_variance,
        {{ as_double('credited_conversions') }} * credited_conversions / 4 as model_variance
    from {{ ref('attribution_calibration') }}
    where calibration_status = 'compared'
),

plain as (
    select
        *,
        (incremental_conversions / test_variance + credited_conversions / model_variance)
        / (1 / test_variance + 1 / model_variance) as plain_conversions,
        1 / sqrt(1 / test_variance + 1 / model_variance) as plain_standard_error
    from told
)

select
    attribution_calibration_key,
    calibrated_conversions,
    plain_conversions,
    calibrated_standard_error,
    plain_standard_error
from plain
where
    calibrated_conversions is null
    or abs(calibrated_conversions - plain_conversions) > 0.001 * (1 + abs(plain_conversions))
    or abs(calibrated_standard_error - plain_standard_error) > 0.001 * (1 + plain_standard_error)
