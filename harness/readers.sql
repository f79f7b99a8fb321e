-- What the readers ask DuckDB, section by section; names in braces are filled in.

-- [csv]
(select row_number() over () as n, * from read_csv({file}, columns = {{{columns}}}, header = false,
    skip = {skip}, auto_detect = false, delim = {delimiter}, quote = '"', escape = '"',
    strict_mode = true, store_rejects = true{null})) as records

-- [errors]
select case kind
        when 'UNQUOTED VALUE' then 'csv:unclosed_quote'
        when 'MISSING COLUMNS' then 'csv:too_few_cells'
        when 'TOO MANY COLUMNS' then 'csv:too_many_cells'
        when 'INVALID ENCODING' then 'encoding:invalid_utf8'
        when 'LINE SIZE OVER MAXIMUM' then 'csv:line_too_long'
        else 'csv:malformed' end, byte_no
from (
    select distinct error_type::text as kind,
        if(error_type = 'UNQUOTED VALUE', byte_position, line_byte_position) - 1 as byte_no
    from reject_errors
)
order by byte_no, kind

-- [span]
-- Filled lines a cell adds to its record; an empty line inside a cell is not counted as filled.
coalesce(case when contains({0}, chr(10)) then len(string_split({0}, chr(10))) - 1 - len(
    list_filter(string_split({0}, chr(10))[2:-2], lambda part: part = '')) else 0 end, 0)

-- [spans]
insert into spans
select n, sum(span) over (order by n) from (select n, {span} as span from {relation}) where span > 0

-- [gaps]
-- From filled lines to records: after which record how many are missing.
create or replace temp table gaps as
select after_record, max(rejected) as rejected
from (
    select broken.line - coalesce(spans.more, 0) as after_record,
        row_number() over (order by broken.line) as rejected
    from (select unnest(?::bigint[]) as line) as broken
    asof left join (select more, n + more as line from spans) as spans on broken.line >= spans.line
)
group by after_record

-- [moved]
(select records.*, coalesce(gaps.rejected, 0) as rejected
    from {relation} asof left join gaps on records.n > gaps.after_record
    order by records.n) as records

-- [lines]
read_csv({file}, columns = {{line: 'varchar'}}, header = false, auto_detect = false,
    delim = '{unused}', quote = '', escape = '', max_line_size = 20000000)

-- [objects]
(select *, row_number() over () as n
    from (
        select line, row_number() over () as line_no, coalesce(
            json_type(case when json_valid(line) then line end) = 'OBJECT', false) as ok
        from {lines}
    )
    where line is not null)

-- [seen]
create or replace temp table seen as
select case when ok then json_keys(line) end as keys, count(*) as records,
    case when not ok then line_no end as line_no, case when not ok then line end as payload
from {objects}
group by all

-- [broken]
select line_no, case
        when contains(payload, '\x00') then 'encoding:null_byte'
        when regexp_matches(payload, '\\x[0-9a-f]{2}') then 'encoding:invalid_utf8'
        when json_valid(payload) then 'json:not_an_object' else 'json:broken_line' end, payload
from seen
where line_no is not null
order by 1

-- [plain]
(select *, json_extract_string(exact, [{wanted}]::text[]) as plain
    from (select n, line, {exact} as exact from {objects} where ok)) as records

-- [lists]
create or replace temp table lists as
select *, len(elements) = len(list_filter(elements, lambda each: json_type(each) = 'OBJECT')) as ok
from (
    select *, json_transform(
        case when json_valid({cell}) then {exact} else '[0]' end, '["JSON"]') as elements
    from read_parquet({file})
    where trim({cell}) not in ('', 'null')
)

-- [elements]
-- An empty object among them is padding.
create or replace temp table elements as
select json_merge_patch(element, {values})::text as line
from (
    select *, unnest(elements) as element, generate_subscripts(elements, 1) - 1 as place
    from lists
    where ok
)
where element::text <> '{{}}'
order by _record_no, place

-- [unopened]
select _record_no, 'json:not_a_list_of_objects', {cell} from lists where ok is not true order by 1

-- [exact]
-- JSON whose numbers are texts, where parsing would rewrite one: 1.10, 1e6, or more digits than a
-- double holds. A string is matched as a whole, so never a number inside one.
case when regexp_matches({json}, '\.[0-9]*0[^0-9]|[0-9][eE][+-]?[0-9]|[0-9.]{{17}}')
    then regexp_replace({json},
        '"((?:[^"\\]|\\.)*)"|(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)', '"\1\2"', 'g')
    else {json} end

-- [extra]
nullif(json_merge_patch('{{}}', {values})::text, '{{}}')

-- [whole]
-- Plain values with their exact digits; objects and lists as they were delivered.
case when left({0}, 1) in ('{{', '[') then {1} else nullif({0}, '') end

-- [nested]
to_json({cell})::text

-- [moment]
strftime(make_timestamp(epoch_us({cell})), '%Y-%m-%dT%H:%M:%S.%f+00:00')

-- [time]
strftime({cell}::timestamp, '%Y-%m-%d %H:%M:%S.%f')

-- [other]
nullif({cell}::text, '')

-- [double]
case when {cell} = trunc({cell}) and abs({cell}) < 1e18 then {cell}::bigint::text
    when contains({cell}::text, 'e') and abs({cell}) < 1e18
        then rtrim(rtrim({cell}::decimal(38, 18)::text, '0'), '.')
    else {cell}::text end

-- [entry]
list_filter(json_transform({json}, '["JSON"]'),
    lambda entry: json_extract_string(entry, {key}) = {value})[1]

-- [written]
-- What holds a path may be written as text that is JSON itself.
case when json_type({json}) = 'VARCHAR'
    then case when json_valid({json} ->> '$') then json_extract({json} ->> '$', '$') end
    else {json} end
