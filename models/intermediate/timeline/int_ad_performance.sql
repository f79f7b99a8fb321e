-- One row per report row of every ad platform, in one shape.
-- To add a platform, add its int_<source>__ad_performance here.
select * from {{ ref('int_google_ads__ad_performance') }}
