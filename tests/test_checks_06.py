"""Exercise 6.4: a row of its tables is right or plainly wrong."""

from nnlib.teach import checks


def test_each_table_has_rows_of_both_kinds_apart():
    for table in checks.wrong_layer_tables().values():
        assert list(table) == ["X", *(f"params[{i}]" for i in range(6))]
        assert all(error < 1e-8 or error > 0.1 for error in table.values())
