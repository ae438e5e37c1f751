/* Files, names, jobs and faults of a simulated disk. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/sim/sim_disk.h"
#include "tests/host/sim/disk_box.h"

static void a_job_that_did_nothing_has_no_number(void **state)
{
    struct sim_disk *disk = sim_disk_new(1);

    (void)state;

    sim_disk_job_enter(disk);

    assert_int_equal(sim_disk_job_leave(disk), 0);
    sim_disk_free(disk);
}

static void faults_bite_at_their_turn_and_are_counted(void **state)
{
    struct sim_disk *disk = sim_disk_new(1);
    struct sim_file *file = sim_disk_open(disk, "a", true);
    char byte;
    size_t got;

    (void)state;
    sim_disk_fault(disk, SIM_FAULT_WRITE, 2, false);
    sim_disk_fault(disk, SIM_FAULT_GROW, 1, true);
    sim_disk_fault(disk, SIM_FAULT_READ, 1, true);

    assert_int_equal(sim_disk_write(disk, file, 0, "a", 1), RH_ENOSPACE);
    assert_int_equal(sim_disk_write(disk, file, 0, "a", 1), RH_EIO);
    assert_int_equal(sim_disk_write(disk, file, 0, "a", 1), RH_ENOSPACE);
    assert_int_equal(sim_disk_read(disk, file, 0, &byte, 1, &got), RH_EIO);
    assert_int_equal(sim_disk_read(disk, file, 0, &byte, 1, &got), RH_EIO);
    sim_disk_fault(disk, SIM_FAULT_GROW, 0, false);
    sim_disk_fault(disk, SIM_FAULT_READ, 0, false);
    assert_int_equal(sim_disk_write(disk, file, 0, "a", 1), RH_OK);
    assert_int_equal(sim_disk_read(disk, file, 0, &byte, 1, &got), RH_OK);

    assert_int_equal(sim_disk_counts(disk).bites[SIM_FAULT_WRITE], 1);
    assert_int_equal(sim_disk_counts(disk).bites[SIM_FAULT_GROW], 2);
    assert_int_equal(sim_disk_counts(disk).bites[SIM_FAULT_READ], 2);
    assert_int_equal(sim_disk_counts(disk).bites[SIM_FAULT_SYNC], 0);
    sim_disk_close(disk, file);
    sim_disk_free(disk);
}

static void an_observer_reads_past_a_fault_and_does_not_use_it_up(void **state)
{
    struct sim_disk *disk = sim_disk_new(1);
    struct sim_file *file = sim_disk_open(disk, "a", true);
    char byte;
    size_t got;

    (void)state;
    assert_int_equal(sim_disk_write(disk, file, 0, "a", 1), RH_OK);
    sim_disk_fault(disk, SIM_FAULT_READ, 1, false);

    sim_disk_spare_reads(disk, true);
    assert_int_equal(sim_disk_read(disk, file, 0, &byte, 1, &got), RH_OK);
    sim_disk_spare_reads(disk, false);

    assert_int_equal(sim_disk_read(disk, file, 0, &byte, 1, &got), RH_EIO);
    sim_disk_close(disk, file);
    sim_disk_free(disk);
}

static void faults_stay_with_the_disk_and_not_with_the_dead_program(void **state)
{
    struct sim_disk *disk = sim_disk_new(1);
    struct sim_disk *left;

    (void)state;
    disk_put(disk, "a", 0, "x");
    sim_disk_fault(disk, SIM_FAULT_SYNC, 1, true);

    left = sim_disk_crash(disk, SIM_CRASH_PLAIN);

    assert_int_equal(disk_sync(disk, "a"), RH_OK);
    assert_int_equal(disk_sync(left, "a"), RH_EIO);
    sim_disk_free(disk);
    sim_disk_free(left);
}

static void a_slow_disk_delays_by_at_most_120_ms(void **state)
{
    struct sim_disk *disk = sim_disk_new(1);
    int64_t most = 0;

    (void)state;
    assert_int_equal(sim_disk_delay_us(disk), 0);
    sim_disk_slow(disk, true);

    for (int i = 0; i < 1000; i++) {
        int64_t us = sim_disk_delay_us(disk);

        assert_true(us >= 0);
        most = us > most ? us : most;
    }

    assert_true(most <= 120000);
    assert_true(most > 100000);
    sim_disk_free(disk);
}

static void the_durable_state_is_told_apart_and_numbered(void **state)
{
    struct sim_disk *disk = sim_disk_new(1);
    struct rh_str content = {0};
    uint64_t before;

    (void)state;
    disk_put(disk, "a", 0, "one");
    assert_false(sim_disk_durable(disk, RH_STR_LIT("a"), &content));
    before = sim_disk_generation(disk);
    assert_int_equal(disk_sync(disk, "a"), RH_OK);
    assert_true(sim_disk_generation(disk) > before);
    before = sim_disk_generation(disk);

    disk_put(disk, "a", 0, "two");

    assert_true(sim_disk_durable(disk, RH_STR_LIT("a"), &content));
    assert_int_equal(content.n, 3);
    assert_memory_equal(content.p, "one", 3);
    assert_int_equal(sim_disk_generation(disk), before);
    sim_disk_free(disk);
}

static void an_open_file_lives_on_without_its_name(void **state)
{
    struct sim_disk *disk = sim_disk_new(1);
    struct sim_file *file = sim_disk_open(disk, "a", true);
    char byte = 0;
    size_t got = 0;

    (void)state;
    assert_int_equal(sim_disk_write(disk, file, 0, "x", 1), RH_OK);

    assert_int_equal(sim_disk_remove(disk, "a"), RH_OK);

    assert_int_equal(sim_disk_remove(disk, "a"), RH_ENOTFOUND);
    assert_int_equal(sim_disk_read(disk, file, 0, &byte, 1, &got), RH_OK);
    assert_int_equal(byte, 'x');
    sim_disk_close(disk, file);
    sim_disk_free(disk);
}

static void a_disk_takes_so_many_names_and_such_long_files(void **state)
{
    struct sim_disk *disk = sim_disk_new(1);
    struct sim_file *file = NULL;
    char name[300];

    (void)state;

    for (uint32_t i = 0; i < SIM_FILES_MAX; i++) {
        (void)snprintf(name, sizeof name, "f%u", i); /* fits */
        file = sim_disk_open(disk, name, true);
        assert_non_null(file);
        sim_disk_close(disk, file);
    }
    assert_null(sim_disk_open(disk, "one_more", true));
    file = sim_disk_open(disk, "f0", false);
    assert_int_equal(sim_disk_write(disk, file, SIM_FILE_BYTES_MAX, "x", 1), RH_ENOSPACE);
    assert_int_equal(sim_disk_truncate(disk, file, SIM_FILE_BYTES_MAX + 1), RH_ENOSPACE);
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';

    assert_int_equal(sim_disk_rename(disk, "f0", name), RH_EINVAL);
    sim_disk_close(disk, file);
    sim_disk_free(disk);
}

static void what_nobody_syncs_is_durable_in_the_end(void **state)
{
    struct sim_disk *disk = sim_disk_new(1);
    struct sim_file *file = sim_disk_open(disk, "a", true);
    struct rh_str content = {0};
    char name[16];

    (void)state;

    for (uint32_t i = 0; i < 100000; i++)
        assert_int_equal(sim_disk_write(disk, file, i, "x", 1), RH_OK);
    for (uint32_t i = 0; i < 1000; i++) {
        (void)snprintf(name, sizeof name, "f%u", i); /* fits */
        sim_disk_close(disk, sim_disk_open(disk, name, true));
    }

    assert_true(sim_disk_durable(disk, RH_STR_LIT("a"), &content));
    assert_true(content.n > 80000);
    assert_true(content.n < 100000);
    sim_disk_close(disk, file);
    sim_disk_free(disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_that_did_nothing_has_no_number),
        cmocka_unit_test(faults_bite_at_their_turn_and_are_counted),
        cmocka_unit_test(an_observer_reads_past_a_fault_and_does_not_use_it_up),
        cmocka_unit_test(faults_stay_with_the_disk_and_not_with_the_dead_program),
        cmocka_unit_test(a_slow_disk_delays_by_at_most_120_ms),
        cmocka_unit_test(the_durable_state_is_told_apart_and_numbered),
        cmocka_unit_test(an_open_file_lives_on_without_its_name),
        cmocka_unit_test(a_disk_takes_so_many_names_and_such_long_files),
        cmocka_unit_test(what_nobody_syncs_is_durable_in_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
