/* Leases in order of expiry, per node, and their ends. */
#include "work_queue_test.h"

#include "lease.h"

static struct lease *grant(struct leases *leases, const char *node, uint64_t count, int64_t expires,
                           int64_t runtime_end)
{
    struct lease *lease = NULL;

    assert_int_equal(lease_grant(leases, rh_str_from(node), (struct token){1, 1, count}, expires,
                                 runtime_end, &lease),
                     RH_OK);
    return lease;
}

static void the_first_to_end_is_first_whatever_was_extended(void **state)
{
    struct leases leases;

    (void)state;
    leases_init(&leases, 1, 100);
    struct lease *a = grant(&leases, "n1", 1, 100, LEASE_NEVER);
    struct lease *b = grant(&leases, "n1", 2, 200, LEASE_NEVER);
    assert_ptr_equal(lease_first(&leases), a);

    lease_extend(&leases, a, 300);

    assert_ptr_equal(lease_first(&leases), b);
    leases_release(&leases);
}

static void a_lease_never_outlasts_the_running_time(void **state)
{
    struct leases leases;

    (void)state;
    leases_init(&leases, 1, 100);
    struct lease *a = grant(&leases, "n1", 1, 100, 150);

    lease_extend(&leases, a, 300);

    assert_int_equal(a->expires_ms, 150);
    leases_release(&leases);
}

static void a_node_s_leases_are_found_and_a_free_node_is_forgotten(void **state)
{
    struct leases leases;
    uint32_t ended = 0;

    (void)state;
    leases_init(&leases, 1, 100);
    for (uint64_t i = 0; i < 10; i++)
        grant(&leases, i % 2 ? "odd" : "even", i, 100, LEASE_NEVER);

    for (struct lease *l; (l = lease_of_node(&leases, S("odd"))); ended++)
        lease_end(&leases, l);

    assert_int_equal(ended, 5);
    assert_int_equal(lease_count(&leases), 5);
    assert_int_equal(rh_map_count(&leases.holders), 1);
    leases_release(&leases);
}

static void over_the_limit_nothing_is_granted(void **state)
{
    struct leases leases;
    struct lease *lease = NULL;

    (void)state;
    leases_init(&leases, 1, 1);
    grant(&leases, "n1", 1, 100, LEASE_NEVER);

    int32_t rc = lease_grant(&leases, S("n2"), (struct token){1, 1, 2}, 1, LEASE_NEVER, &lease);

    assert_int_equal(rc, RH_EFULL);
    assert_null(lease_of_node(&leases, S("n2")));
    leases_release(&leases);
}

static void progress_is_kept_as_a_copy(void **state)
{
    char text[] = "{\"done\":3}";
    struct leases leases;

    (void)state;
    leases_init(&leases, 1, 10);
    struct lease *lease = grant(&leases, "n1", 1, 100, LEASE_NEVER);

    assert_int_equal(lease_set_progress(lease, rh_str_from(text)), RH_OK);
    text[2] = 'X';

    assert_memory_equal(lease->progress, "{\"done\":3}", lease->progress_size);
    leases_release(&leases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_to_end_is_first_whatever_was_extended),
        cmocka_unit_test(a_lease_never_outlasts_the_running_time),
        cmocka_unit_test(a_node_s_leases_are_found_and_a_free_node_is_forgotten),
        cmocka_unit_test(over_the_limit_nothing_is_granted),
        cmocka_unit_test(progress_is_kept_as_a_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
