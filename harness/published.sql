-- What `omniloop publish` keeps of the warehouse it published, as tables of the source `published`:
-- the next build compares its people with them.

-- [identifiers]
select identifier_key, valid_from_at, user_key from work.marts.qa_linked_identifiers

-- [orders]
select order_key, user_key from work.marts.fct_orders

-- [users]
-- People that can be told again: identified, or with an order, counted or not.
select user_key, acquisition_channel_key, registered_date from work.marts.dim_users
where is_identified or user_key in (select user_key from work.marts.fct_orders)
