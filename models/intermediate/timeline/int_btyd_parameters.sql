-- One row per day to look ahead from and purchase model: the parameters in force.
-- Looking back, only a fit of that very day counts. For the score of today it is the newest that
-- converged up to today, so a fit that failed leaves the one before it in force.
with fits as (
    select
        model_name,
        as_of_date,
        data_hash,
        fitted_at,
        max(case when parameter_name = 'r' then parameter_value end) as r,
        max(case when parameter_name = 'alpha' then parameter_value end) as alpha,
        max(case when parameter_name = 'a' then parameter_value end) as a,
        max(case when parameter_name = 'b' then parameter_value end) as b
    from {{ source('fitted', 'parameters') }}
    where is_converged
    group by 1, 2, 3, 4
    having count(*) = 4
),

wanted as (
    select
        score_name,
        origin_date,
        max(case when request_type = 'score' then 1 else 0 end) as is_of_today
    from {{ ref('int_score_requests') }}
    where score_name in ('bg_nbd', 'mbg_nbd')
    group by 1, 2
),

ranked as (
    select
        wanted.score_name,
        wanted.origin_date,
        fits.as_of_date as fit_date,
        fits.r,
        fits.alpha,
        fits.a,
        fits.b,
        row_number() over (
            partition by wanted.score_name, wanted.origin_date
            order by fits.as_of_date desc, fits.fitted_at desc, fits.data_hash desc
        ) as fit_no
    from wanted
    inner join fits
        on
            wanted.score_name = fits.model_name
            and (
                wanted.origin_date = fits.as_of_date
                or (wanted.is_of_today = 1 and wanted.origin_date > fits.as_of_date)
            )
)

select
    {{ key_of(['origin_date', 'score_name']) }} as parameters_key,
    score_name,
    r,
    alpha,
    a,
    b,
    -- In MBG/NBD a customer may drop out after the first purchase too.
    {{ as_double("case when score_name = 'mbg_nbd' then 1 else 0 end") }} as first_dropout_chances,
    fit_date,
    origin_date
from ranked
where fit_no = 1
