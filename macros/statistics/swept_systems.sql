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
{% macro swept_systems(cells, size, tolerance='1e-9') %}
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
