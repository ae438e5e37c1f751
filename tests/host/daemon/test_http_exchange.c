/* Ids of exchanges are never used twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/daemon/http_conn.h"

static void a_given_back_id_finds_nothing_even_when_its_place_is_taken_again(void **state)
{
    struct http_exchanges table;
    struct http_conn conn;
    (void)state;
    http_exchanges_init(&table, 2);
    struct http_exchange *first = http_exchange_take(&table, &conn);
    uint64_t first_id = first->id;
    assert_ptr_equal(http_exchange_find(&table, first_id), first);

    http_exchange_give_back(&table, first);
    assert_null(http_exchange_find(&table, first_id));
    struct http_exchange *second = http_exchange_take(&table, &conn);

    assert_ptr_equal(second, first);
    assert_int_not_equal(second->id, first_id);
    assert_null(http_exchange_find(&table, first_id));
    assert_ptr_equal(http_exchange_find(&table, second->id), second);
    http_exchanges_release(&table);
}

static void the_table_is_bounded(void **state)
{
    struct http_exchanges table;
    struct http_conn conn;
    (void)state;
    http_exchanges_init(&table, 100);

    for (int i = 0; i < 100; i++)
        assert_non_null(http_exchange_take(&table, &conn));

    assert_null(http_exchange_take(&table, &conn));
    assert_null(http_exchange_find(&table, 0));
    assert_null(http_exchange_find(&table, 101));
    http_exchanges_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_given_back_id_finds_nothing_even_when_its_place_is_taken_again),
        cmocka_unit_test(the_table_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
