-- One row per campaign and name it had, of every ad platform, in one shape.
select * from {{ ref('int_google_ads__ad_campaigns') }}
union all
select * from {{ ref('int_meta_ads__ad_campaigns') }}
union all
select * from {{ ref('int_ocean_engine__ad_campaigns') }}
union all
select * from {{ ref('int_tencent_ads__ad_campaigns') }}
