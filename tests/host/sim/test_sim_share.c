/* Locks of files and of the shared memory, as SQLite's documentation of sqlite3_io_methods has
 * them. */
#include <sqlite3.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/sim_share.h"

static void many_may_read_one_may_write(void **state)
{
    struct sim_sharing of = {0};
    struct sim_share a = {.of = &of};
    struct sim_share b = {.of = &of};

    (void)state;

    assert_int_equal(sim_share_lock(&a, SQLITE_LOCK_SHARED), SQLITE_OK);
    assert_int_equal(sim_share_lock(&b, SQLITE_LOCK_SHARED), SQLITE_OK);
    assert_int_equal(sim_share_lock(&a, SQLITE_LOCK_RESERVED), SQLITE_OK);
    assert_true(sim_share_is_reserved(&b));

    assert_int_equal(sim_share_lock(&b, SQLITE_LOCK_RESERVED), SQLITE_BUSY);
    sim_share_unlock(&a, SQLITE_LOCK_SHARED);
    assert_int_equal(sim_share_lock(&b, SQLITE_LOCK_RESERVED), SQLITE_OK);
    sim_share_unlock(&a, SQLITE_LOCK_NONE);
    sim_share_unlock(&b, SQLITE_LOCK_NONE);
    sim_sharing_release(&of);
}

static void who_waits_for_readers_lets_no_new_ones_in(void **state)
{
    struct sim_sharing of = {0};
    struct sim_share writer = {.of = &of};
    struct sim_share old = {.of = &of};
    struct sim_share late = {.of = &of};

    (void)state;
    assert_int_equal(sim_share_lock(&old, SQLITE_LOCK_SHARED), SQLITE_OK);
    assert_int_equal(sim_share_lock(&writer, SQLITE_LOCK_SHARED), SQLITE_OK);

    assert_int_equal(sim_share_lock(&writer, SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
    assert_int_equal(sim_share_lock(&late, SQLITE_LOCK_SHARED), SQLITE_BUSY);
    sim_share_unlock(&old, SQLITE_LOCK_NONE);

    assert_int_equal(sim_share_lock(&writer, SQLITE_LOCK_EXCLUSIVE), SQLITE_OK);
    sim_share_unlock(&writer, SQLITE_LOCK_NONE);
    assert_int_equal(sim_share_lock(&late, SQLITE_LOCK_SHARED), SQLITE_OK);
    sim_share_unlock(&late, SQLITE_LOCK_NONE);
    sim_sharing_release(&of);
}

static void shared_memory_is_the_same_for_all_and_gone_with_the_last(void **state)
{
    struct sim_sharing of = {0};
    struct sim_share a = {.of = &of};
    struct sim_share b = {.of = &of};
    void volatile *first = NULL;
    void volatile *same = NULL;

    (void)state;

    assert_int_equal(sim_share_shm_map(&a, 0, 32768, 0, &first), SQLITE_OK);
    assert_null(first);
    assert_int_equal(sim_share_shm_map(&a, 1, 32768, 1, &first), SQLITE_OK);
    assert_non_null(first);
    ((char volatile *)first)[0] = 7;
    assert_int_equal(sim_share_shm_map(&b, 1, 32768, 0, &same), SQLITE_OK);
    assert_ptr_equal(same, first);
    sim_share_shm_unmap(&a);
    assert_int_equal(((char volatile *)same)[0], 7);
    sim_share_shm_unmap(&b);

    assert_int_equal(sim_share_shm_map(&a, 1, 32768, 0, &first), SQLITE_OK);
    assert_null(first);
    sim_share_shm_unmap(&a);
    sim_sharing_release(&of);
}

static void slots_of_shared_memory_are_locked_one_by_one_and_all_or_none(void **state)
{
    const int shared = SQLITE_SHM_LOCK | SQLITE_SHM_SHARED;
    const int exclusive = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;
    struct sim_sharing of = {0};
    struct sim_share a = {.of = &of, .is_mapped = true};
    struct sim_share b = {.of = &of, .is_mapped = true};

    (void)state;
    of.mapped = 2;

    assert_int_equal(sim_share_shm_lock(&a, 4, 1, shared), SQLITE_OK);
    assert_int_equal(sim_share_shm_lock(&b, 4, 1, shared), SQLITE_OK);
    assert_int_equal(sim_share_shm_lock(&b, 3, 2, exclusive), SQLITE_BUSY);
    assert_int_equal(sim_share_shm_lock(&a, 3, 1, exclusive), SQLITE_OK);
    assert_int_equal(sim_share_shm_lock(&b, 3, 1, shared), SQLITE_BUSY);
    sim_share_shm_unmap(&a);

    assert_int_equal(sim_share_shm_lock(&b, 3, 2, exclusive), SQLITE_OK);
    sim_share_shm_unmap(&b);
    sim_sharing_release(&of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_may_read_one_may_write),
        cmocka_unit_test(who_waits_for_readers_lets_no_new_ones_in),
        cmocka_unit_test(shared_memory_is_the_same_for_all_and_gone_with_the_last),
        cmocka_unit_test(slots_of_shared_memory_are_locked_one_by_one_and_all_or_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
