/* What crashes leave of files, names and jobs, over many seeds. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/errors.h>

#include "host/sim/sim_disk.h"
#include "tests/host/sim/disk_box.h"

#define SEEDS 300u

static void what_was_synced_outlives_every_power_cut(void **state)
{
    char text[DISK_TEXT_MAX + 1];

    (void)state;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_disk *disk = sim_disk_new(seed);

        disk_put(disk, "a", 0, "durable");
        assert_int_equal(disk_sync(disk, "a"), RH_OK);
        disk_put(disk, "b", 0, "not");
        disk = disk_after(disk, SIM_CRASH_POWER);
        assert_string_equal(disk_text(disk, "a", text), "durable");
        sim_disk_free(disk);
    }
}

static void unsynced_writes_are_kept_lost_or_torn_in_whole_sectors(void **state)
{
    uint32_t kept = 0;
    uint32_t lost = 0;
    uint32_t torn = 0;
    char text[DISK_TEXT_MAX + 1];

    (void)state;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_disk *disk = sim_disk_new(seed);
        uint32_t news = 0;

        disk_fill(disk, "a", 'o', 4096);
        assert_int_equal(disk_sync(disk, "a"), RH_OK);
        disk_fill(disk, "a", 'n', 4096);
        disk = disk_after(disk, SIM_CRASH_POWER);
        (void)disk_text(disk, "a", text);
        assert_int_equal(strlen(text), 4096);
        for (size_t sector = 0; sector < 8; sector++) {
            const char *p = text + sector * SIM_SECTOR_BYTES;

            news += *p == 'n';
            for (size_t i = 1; i < SIM_SECTOR_BYTES; i++)
                assert_int_equal(p[i], p[0]);
        }
        kept += news == 8;
        lost += news == 0;
        torn += news > 0 && news < 8;
        sim_disk_free(disk);
    }

    assert_true(kept > 0);
    assert_true(lost > 0);
    assert_true(torn > 0);
}

static void a_later_write_may_survive_an_earlier_one(void **state)
{
    uint32_t only_later = 0;
    char text[DISK_TEXT_MAX + 1];

    (void)state;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_disk *disk = sim_disk_new(seed);

        disk_put(disk, "a", 0, "....");
        assert_int_equal(disk_sync(disk, "a"), RH_OK);
        disk_put(disk, "a", 0, "1");
        disk_put(disk, "a", 2, "2");
        disk = disk_after(disk, SIM_CRASH_POWER);
        only_later += strcmp(disk_text(disk, "a", text), "..2.") == 0;
        sim_disk_free(disk);
    }

    assert_true(only_later > 0);
}

static void a_name_is_durable_with_its_file_or_its_folder(void **state)
{
    uint32_t gone = 0;

    (void)state;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_disk *disk = sim_disk_new(seed);

        disk_put(disk, "by_file", 0, "x");
        assert_int_equal(disk_sync(disk, "by_file"), RH_OK);
        disk_put(disk, "by_folder", 0, "x");
        assert_int_equal(sim_disk_sync_names(disk), RH_OK);
        disk_put(disk, "by_none", 0, "x");
        disk = disk_after(disk, SIM_CRASH_POWER);
        assert_non_null(sim_disk_find(disk, "by_file"));
        assert_non_null(sim_disk_find(disk, "by_folder"));
        gone += sim_disk_find(disk, "by_none") == NULL;
        sim_disk_free(disk);
    }

    assert_true(gone > 0);
    assert_true(gone < SEEDS);
}

static void a_removed_file_may_come_back_until_the_folder_is_synced(void **state)
{
    uint32_t back = 0;

    (void)state;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_disk *disk = sim_disk_new(seed);

        disk_put(disk, "a", 0, "x");
        disk_put(disk, "b", 0, "x");
        assert_int_equal(disk_sync(disk, "a"), RH_OK);
        assert_int_equal(disk_sync(disk, "b"), RH_OK);
        assert_int_equal(sim_disk_remove(disk, "a"), RH_OK);
        assert_int_equal(sim_disk_sync_names(disk), RH_OK);
        assert_int_equal(sim_disk_remove(disk, "b"), RH_OK);
        disk = disk_after(disk, SIM_CRASH_POWER);
        assert_null(sim_disk_find(disk, "a"));
        back += sim_disk_find(disk, "b") != NULL;
        sim_disk_free(disk);
    }

    assert_true(back > 0);
    assert_true(back < SEEDS);
}

static void a_rename_happens_or_does_not(void **state)
{
    uint32_t renamed = 0;
    char text[DISK_TEXT_MAX + 1];

    (void)state;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_disk *disk = sim_disk_new(seed);

        disk_put(disk, "to", 0, "old");
        assert_int_equal(disk_sync(disk, "to"), RH_OK);
        disk_put(disk, "from", 0, "new");
        assert_int_equal(disk_sync(disk, "from"), RH_OK);
        assert_int_equal(sim_disk_rename(disk, "from", "to"), RH_OK);
        disk = disk_after(disk, SIM_CRASH_POWER);
        if (sim_disk_find(disk, "from")) {
            assert_string_equal(disk_text(disk, "from", text), "new");
            assert_string_equal(disk_text(disk, "to", text), "old");
        } else {
            assert_string_equal(disk_text(disk, "to", text), "new");
            renamed++;
        }
        sim_disk_free(disk);
    }

    assert_true(renamed > 0);
    assert_true(renamed < SEEDS);
}

static void the_end_of_a_process_keeps_the_unsynced_but_not_for_good(void **state)
{
    uint32_t lost = 0;
    char text[DISK_TEXT_MAX + 1];

    (void)state;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_disk *disk = sim_disk_new(seed);

        disk_put(disk, "a", 0, "x");
        disk = disk_after(disk, SIM_CRASH_KILL);
        assert_string_equal(disk_text(disk, "a", text), "x");
        disk = disk_after(disk, SIM_CRASH_POWER);
        lost += strcmp(disk_text(disk, "a", text), "x") != 0;
        sim_disk_free(disk);
    }

    assert_true(lost > 0);
}

/* A job of three writes, each synced, that a crash finds under way. */
static struct sim_disk *crash_in_a_job(uint64_t seed, enum sim_crash how)
{
    struct sim_disk *disk = sim_disk_new(seed);

    disk_put(disk, "a", 0, "...");
    (void)disk_sync(disk, "a"); /* RH_OK: no fault was asked for */
    sim_disk_job_enter(disk);
    for (uint64_t i = 0; i < 3; i++) {
        disk_put(disk, "a", i, "x");
        assert_int_equal(disk_sync(disk, "a"), RH_OK);
    }
    assert_int_not_equal(sim_disk_job_leave(disk), 0);
    return disk_after(disk, how);
}

static void a_crash_finds_a_job_at_any_of_its_operations(void **state)
{
    static const char *const stages[] = {"...", "x..", "xx.", "xxx"};
    uint32_t seen[4] = {0};
    char text[DISK_TEXT_MAX + 1];

    (void)state;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_disk *disk = crash_in_a_job(seed, SIM_CRASH_KILL);

        (void)disk_text(disk, "a", text);
        for (size_t i = 0; i < 4; i++)
            seen[i] += strcmp(text, stages[i]) == 0;
        sim_disk_free(disk);
    }

    for (size_t i = 0; i < 4; i++)
        assert_true(seen[i] > 0);
    assert_int_equal(seen[0] + seen[1] + seen[2] + seen[3], SEEDS);
}

static void a_plain_crash_leaves_jobs_whole(void **state)
{
    char text[DISK_TEXT_MAX + 1];

    (void)state;

    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct sim_disk *disk = crash_in_a_job(seed, SIM_CRASH_PLAIN);

        assert_string_equal(disk_text(disk, "a", text), "xxx");
        sim_disk_free(disk);
    }
}

static void an_ended_job_is_beyond_crashes(void **state)
{
    char text[DISK_TEXT_MAX + 1];
    uint64_t job;

    (void)state;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_disk *disk = sim_disk_new(seed);

        sim_disk_job_enter(disk);
        disk_put(disk, "a", 0, "x");
        assert_int_equal(disk_sync(disk, "a"), RH_OK);
        job = sim_disk_job_leave(disk);
        sim_disk_job_end(disk, job);
        disk = disk_after(disk, SIM_CRASH_POWER);
        assert_string_equal(disk_text(disk, "a", text), "x");
        sim_disk_free(disk);
    }
}

static void what_others_have_seen_of_a_job_has_happened(void **state)
{
    char text[DISK_TEXT_MAX + 1];

    (void)state;

    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct sim_disk *disk = sim_disk_new(seed);

        sim_disk_job_enter(disk);
        disk_put(disk, "a", 0, "job");
        assert_int_not_equal(sim_disk_job_leave(disk), 0);
        disk_put(disk, "a", 3, "+");
        disk = disk_after(disk, SIM_CRASH_KILL);
        assert_string_equal(disk_text(disk, "a", text), "job+");
        sim_disk_free(disk);
    }
}

static void a_failed_sync_loses_a_part_even_if_the_next_succeeds(void **state)
{
    uint32_t lost = 0;
    char text[DISK_TEXT_MAX + 1];

    (void)state;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_disk *disk = sim_disk_new(seed);

        disk_put(disk, "a", 0, ".");
        assert_int_equal(disk_sync(disk, "a"), RH_OK);
        disk_put(disk, "a", 0, "x");
        sim_disk_fault(disk, SIM_FAULT_SYNC, 1, false);
        assert_int_equal(disk_sync(disk, "a"), RH_EIO);
        assert_string_equal(disk_text(disk, "a", text), "x");
        assert_int_equal(disk_sync(disk, "a"), RH_OK);
        disk = disk_after(disk, SIM_CRASH_POWER);
        lost += strcmp(disk_text(disk, "a", text), ".") == 0;
        sim_disk_free(disk);
    }

    assert_true(lost > SEEDS / 4);
    assert_true(lost < SEEDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_synced_outlives_every_power_cut),
        cmocka_unit_test(unsynced_writes_are_kept_lost_or_torn_in_whole_sectors),
        cmocka_unit_test(a_later_write_may_survive_an_earlier_one),
        cmocka_unit_test(a_name_is_durable_with_its_file_or_its_folder),
        cmocka_unit_test(a_removed_file_may_come_back_until_the_folder_is_synced),
        cmocka_unit_test(a_rename_happens_or_does_not),
        cmocka_unit_test(the_end_of_a_process_keeps_the_unsynced_but_not_for_good),
        cmocka_unit_test(a_crash_finds_a_job_at_any_of_its_operations),
        cmocka_unit_test(a_plain_crash_leaves_jobs_whole),
        cmocka_unit_test(an_ended_job_is_beyond_crashes),
        cmocka_unit_test(what_others_have_seen_of_a_job_has_happened),
        cmocka_unit_test(a_failed_sync_loses_a_part_even_if_the_next_succeeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
