/* Files of a simulated node. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static void files_append_read_rename_and_go(void **state)
{
    const struct driver_ops *ops = &sim_driver_ops;
    struct life_node n;
    struct rh_buf out;
    int64_t length = 0;

    (void)state;
    rh_buf_init(&out, 100);
    life_node_start(&n, 0);

    assert_int_equal(ops->file_append(n.host, "a", RH_STR_LIT("one")), RH_OK);
    assert_int_equal(ops->file_append(n.host, "a", RH_STR_LIT("two")), RH_OK);
    assert_int_equal(ops->file_length(n.host, "a", &length), RH_OK);
    assert_int_equal(length, 6);
    assert_int_equal(ops->file_append(n.host, "b", RH_STR_LIT("old")), RH_OK);
    assert_int_equal(ops->file_rename(n.host, "a", "b"), RH_OK);
    assert_int_equal(ops->file_length(n.host, "a", &length), RH_ENOTFOUND);
    assert_int_equal(ops->file_read(n.host, "b", 2, 3, &out), RH_OK);
    assert_memory_equal(out.p, "etw", 3);
    assert_int_equal(ops->file_remove(n.host, "b"), RH_OK);

    assert_int_equal(ops->file_remove(n.host, "b"), RH_ENOTFOUND);
    rh_buf_release(&out);
    life_node_end(&n);
}

static void files_outlive_a_crash(void **state)
{
    struct life_node n;
    int64_t length = 0;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(sim_driver_ops.file_append(n.host, "a", RH_STR_LIT("one")), RH_OK);

    rh_testhost_crash(n.host);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);

    assert_int_equal(sim_driver_ops.file_length(n.host, "a", &length), RH_OK);
    assert_int_equal(length, 3);
    life_node_end(&n);
}

static void reading_ends_with_the_file(void **state)
{
    struct life_node n;
    struct rh_buf out;

    (void)state;
    rh_buf_init(&out, 100);
    life_node_start(&n, 0);
    assert_int_equal(sim_driver_ops.file_append(n.host, "a", RH_STR_LIT("one")), RH_OK);

    assert_int_equal(sim_driver_ops.file_read(n.host, "a", 1, 50, &out), RH_OK);
    assert_int_equal(out.n, 2);
    assert_int_equal(sim_driver_ops.file_read(n.host, "a", 3, 50, &out), RH_OK);
    assert_int_equal(out.n, 2);

    assert_int_equal(sim_driver_ops.file_read(n.host, "b", 0, 50, &out), RH_ENOTFOUND);
    rh_buf_release(&out);
    life_node_end(&n);
}

static void a_file_put_on_the_disk_replaces_what_was_there(void **state)
{
    struct life_node n;
    struct rh_buf out;

    (void)state;
    rh_buf_init(&out, 100);
    life_node_start(&n, 0);
    assert_int_equal(rh_testhost_file(n.host, "/etc/key", "first"), RH_OK);
    assert_int_equal(rh_testhost_file(n.host, "/etc/key", "new"), RH_OK);

    assert_int_equal(sim_driver_ops.private_read(n.host, "/etc/key", 3, &out), RH_OK);

    assert_int_equal(out.n, 3);
    assert_memory_equal(out.p, "new", 3);
    assert_int_equal(sim_driver_ops.private_read(n.host, "/etc/key", 2, &out), RH_ETOOLARGE);
    assert_int_equal(sim_driver_ops.private_read(n.host, "/none", 2, &out), RH_ENOTFOUND);
    rh_buf_release(&out);
    life_node_end(&n);
}

static void a_full_disk_and_a_broken_one_are_told(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(sim_driver_ops.file_append(n.host, "a", RH_STR_LIT("one")), RH_OK);
    sim_disk_fault(n.host->storage.disk, SIM_FAULT_GROW, 1, true);
    sim_disk_fault(n.host->storage.disk, SIM_FAULT_SYNC, 1, true);

    assert_int_equal(sim_driver_ops.file_append(n.host, "a", RH_STR_LIT("two")), RH_ENOSPACE);
    assert_int_equal(sim_driver_ops.file_rename(n.host, "a", "b"), RH_EIO);
    sim_disk_fault(n.host->storage.disk, SIM_FAULT_SYNC, 0, false);

    assert_int_equal(sim_driver_ops.file_rename(n.host, "a", "b"), RH_OK);
    life_node_end(&n);
}

static void what_was_renamed_outlives_a_power_cut_and_what_was_appended_may_not(void **state)
{
    struct life_node n;
    uint32_t lost = 0;

    (void)state;
    life_node_start(&n, 0);

    for (int i = 0; i < 40; i++) {
        int64_t length = 0;

        assert_int_equal(sim_driver_ops.file_append(n.host, "a", RH_STR_LIT("one")), RH_OK);
        assert_int_equal(sim_driver_ops.file_rename(n.host, "a", "b"), RH_OK);
        assert_int_equal(sim_driver_ops.file_append(n.host, "b", RH_STR_LIT("two")), RH_OK);
        sim_crash(n.host, SIM_CRASH_POWER);
        assert_int_equal(sim_driver_ops.file_length(n.host, "b", &length), RH_OK);
        assert_true(length >= 3);
        lost += length < 6;
    }

    assert_true(lost > 0);
    assert_true(lost < 40);
    life_node_end(&n);
}

static void add_length(void *user, const char *name, int64_t length)
{
    assert_true(strcmp(name, "a") == 0 || strcmp(name, "b") == 0);
    *(int64_t *)user += length;
}

static void the_files_of_one_folder_are_listed(void **state)
{
    struct life_node n;
    int64_t sum = 0;

    (void)state;
    life_node_start(&n, 0);
    assert_int_equal(sim_driver_ops.file_append(n.host, "x/a", RH_STR_LIT("1")), RH_OK);
    assert_int_equal(sim_driver_ops.file_append(n.host, "x/b", RH_STR_LIT("22")), RH_OK);
    assert_int_equal(sim_driver_ops.file_append(n.host, "x/y/c", RH_STR_LIT("333")), RH_OK);
    assert_int_equal(sim_driver_ops.file_append(n.host, "xx/d", RH_STR_LIT("4444")), RH_OK);

    assert_int_equal(sim_driver_ops.file_list(n.host, "x", add_length, &sum), RH_OK);

    assert_int_equal(sum, 3);
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_append_read_rename_and_go),
        cmocka_unit_test(files_outlive_a_crash),
        cmocka_unit_test(reading_ends_with_the_file),
        cmocka_unit_test(a_file_put_on_the_disk_replaces_what_was_there),
        cmocka_unit_test(the_files_of_one_folder_are_listed),
        cmocka_unit_test(a_full_disk_and_a_broken_one_are_told),
        cmocka_unit_test(what_was_renamed_outlives_a_power_cut_and_what_was_appended_may_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
