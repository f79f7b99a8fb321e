{#
    Linear systems solved exactly by elimination, many at once. `cells` is a relation of `system_no,
    row_no, column_no, cell_value` (double precision), every cell of a system given; unknowns are
    numbered from 1 and have a row and a column of that number. Further rows and columns, with
    numbers above `size` or below 1, are carried along: right hand sides, and rows to be reduced.
    Gives the same columns after sweeping the unknowns 1 to `size` (a system may have fewer):

        [ A  B ]        [  inv(A)     inv(A) B       ]
        [ C  D ]   ->   [ -C inv(A)   D - C inv(A) B ]

    Gauss-Jordan in place, one level of plain windows per unknown (Goodnight 1979, The American
    Statistician 33(3), doi 10.1080/00031305.1979.10482685). There is no pivoting: meant for
    diagonally dominant and for positive semi-definite matrices, with a diagonal of about 1. An unknown
    whose pivot is not above `tolerance` is told by the others or by nothing: it is taken out, its row
    and column become 0, and with them its solution.
#}
{% macro swept_systems(cells, size, tolerance='1e-9') %}{{ return(adapter.dispatch('swept_systems')(cells, size, tolerance)) }}{% endmacro %}

{% macro default__swept_systems(cells, size, tolerance) %}
(
    with swept_0 as (
        select system_no, row_no, column_no, cell_value from {{ cells }}
    ){% for k in range(1, size + 1) %},

    swept_{{ k }} as (
        select
            system_no,
            row_no,
            column_no,
            case
                when pivot_value is null then cell_value
                when not pivot_value > {{ as_double(tolerance) }}
                    then case when row_no = {{ k }} or column_no = {{ k }} then 0 else cell_value end
                when row_no = {{ k }} and column_no = {{ k }} then 1 / pivot_value
                when row_no = {{ k }} then cell_value / pivot_value
                when column_no = {{ k }} then -cell_value / pivot_value
                else cell_value - in_column * in_row / pivot_value
            end as cell_value
        from (
            select
                *,
                max(case when column_no = {{ k }} then cell_value end)
                    over (partition by system_no, row_no) as in_column,
                max(case when column_no = {{ k }} then in_row end)
                    over (partition by system_no, row_no) as pivot_value
            from (
                select
                    *,
                    max(case when row_no = {{ k }} then cell_value end)
                        over (partition by system_no, column_no) as in_row
                from swept_{{ k - 1 }}
            ) as rows_met
        ) as columns_met
    ){% endfor %}

    select system_no, row_no, column_no, cell_value from swept_{{ size }}
)
{% endmacro %}

{#
    Spark plans minutes at so many levels of windows. The same arithmetic over each system as one
    array of its cells, swept in one expression.
#}
{% macro spark__swept_systems(cells, size, tolerance) %}
(
    select system_no, cell.row_no, cell.column_no, cell.cell_value
    from (
        select system_no, explode(aggregate(
            sequence(1, {{ size }}),
            collect_list(struct(row_no, column_no, cell_value)),
            (swept, k) -> aggregate(
                array(struct(
                    map_from_entries(transform(
                        filter(swept, cell -> cell.row_no = k), cell -> struct(cell.column_no, cell.cell_value)
                    )) as in_row,
                    map_from_entries(transform(
                        filter(swept, cell -> cell.column_no = k), cell -> struct(cell.row_no, cell.cell_value)
                    )) as in_column
                )),
                swept,
                (before, pivot) -> if(pivot.in_row[k] is null, before, transform(before, cell -> struct(
                    cell.row_no as row_no,
                    cell.column_no as column_no,
                    case
                        when not pivot.in_row[k] > {{ as_double(tolerance) }}
                            then case when cell.row_no = k or cell.column_no = k then 0 else cell.cell_value end
                        when cell.row_no = k and cell.column_no = k then 1 / pivot.in_row[k]
                        when cell.row_no = k then cell.cell_value / pivot.in_row[k]
                        when cell.column_no = k then -cell.cell_value / pivot.in_row[k]
                        else cell.cell_value - pivot.in_column[cell.row_no] * pivot.in_row[cell.column_no] / pivot.in_row[k]
                    end as cell_value
                )))
            )
        )) as cell
        from (
            select
                system_no,
                cast(row_no as int) as row_no,
                cast(column_no as int) as column_no,
                {{ as_double('cell_value') }} as cell_value
            from {{ cells }}
        ) as given
        group by system_no
    ) as solved
)
{% endmacro %}
