-- What a BI tool runs first when it has opened the published file read-only. Read-only alone still
-- lets a query read and write any other file; after this it reads the marts and nothing else, and
-- nothing takes that back until the file is opened anew. Needs DuckDB 1.1 or later.
--
-- It holds for all connections of a process, and what is locked refuses to be set again. A tool that
-- opens several connections takes the same names and values as properties of each instead: `config`
-- in Python, parts of the address with JDBC and ODBC. Settings of your own go before these.
set enable_external_access = false;
set lock_configuration = true;
