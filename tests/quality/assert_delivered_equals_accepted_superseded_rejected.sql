-- Nothing is lost: delivered = accepted + superseded + rejected + erased, in records and money, per
-- source table and currency.
select *
from {{ ref('source_reconciliation') }}
where
    raw_records <> accepted_records + superseded_records + rejected_records + erased_records
    or coalesce(raw_original_amount, 0)
    <> coalesce(accepted_original_amount, 0) + coalesce(superseded_original_amount, 0)
    + coalesce(rejected_original_amount, 0)
