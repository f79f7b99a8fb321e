-- What landing asks DuckDB to write, section by section; names in braces are filled in.

-- [record]
-- A delivered record: its declared columns as text, and what landing knows of it.
select {cells}, ({extra})::text as _extra, {file_name} as _file, {file_sha256} as _file_sha256,
    ({record_no})::bigint as _record_no, {loaded_at}::timestamp as _loaded_at,
    {load_no}::bigint as _load_no
from {relation}
