/* Images of databases from the bytes of file and log: unfinished, broken and restarted logs. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/sim/sim_image.h"
#include "tests/host/sim/disk_box.h"

static const char setup[] = "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
                            "CREATE TABLE t(x); INSERT INTO t VALUES(1);";

static struct rh_str bytes_of(const struct disk_box *box, const char *name)
{
    struct rh_str content = {0};

    (void)sim_disk_durable(box->disk, rh_str_from(name), &content); /* or empty */
    return content;
}

/* The sum of the table that an image holds. */
static int64_t sum_of(const struct sim_image *image)
{
    struct disk_box box = disk_box_new(1);
    struct sim_file *file = sim_disk_open(box.disk, "t.db", true);
    int64_t sum;
    sqlite3 *db;

    assert_int_equal(sim_disk_write(box.disk, file, 0, image->bytes.p, image->bytes.n), 0);
    sim_disk_close(box.disk, file);
    db = disk_box_open(&box, "");
    assert_true(disk_box_is_sound(db));
    sum = disk_box_number(db, "SELECT sum(x) FROM t");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_box_free(&box);
    return sum;
}

static void new_frames_are_added_to_what_was_read(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = disk_box_open(&box, setup);
    struct sim_image image = {0};
    size_t at;

    (void)state;
    sim_image_update(&image, bytes_of(&box, "t.db"), bytes_of(&box, "t.db-wal"), true);
    assert_int_equal(sum_of(&image), 1);
    at = image.wal_at;
    assert_int_equal(sqlite3_exec(db, "INSERT INTO t VALUES(10)", NULL, NULL, NULL), SQLITE_OK);

    sim_image_update(&image, bytes_of(&box, "t.db"), bytes_of(&box, "t.db-wal"), false);

    assert_true(image.wal_at > at);
    assert_int_equal(sum_of(&image), 11);
    sim_image_release(&image);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_box_free(&box);
}

static void a_log_that_began_anew_is_read_from_its_start(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = disk_box_open(&box, setup);
    struct sim_image image = {0};

    (void)state;
    sim_image_update(&image, bytes_of(&box, "t.db"), bytes_of(&box, "t.db-wal"), true);
    assert_int_equal(sqlite3_exec(db,
                                  "INSERT INTO t VALUES(10); PRAGMA wal_checkpoint(RESTART);"
                                  "INSERT INTO t VALUES(100)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);

    sim_image_update(&image, bytes_of(&box, "t.db"), bytes_of(&box, "t.db-wal"), false);

    assert_int_equal(sum_of(&image), 111);
    sim_image_release(&image);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_box_free(&box);
}

/* At every length that the log can have, the image is that of a commit, and never an older one than
 * at a lesser length. */
static void a_log_cut_anywhere_gives_the_last_whole_commit(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = disk_box_open(&box, setup);
    int64_t last = 1;
    struct rh_str wal;
    size_t from;

    (void)state;
    from = bytes_of(&box, "t.db-wal").n;
    assert_int_equal(
        sqlite3_exec(db, "INSERT INTO t VALUES(10); INSERT INTO t VALUES(100)", NULL, NULL, NULL),
        SQLITE_OK);
    wal = bytes_of(&box, "t.db-wal");

    for (size_t n = from; n <= wal.n; n += n + 97 < wal.n || n == wal.n ? 97 : wal.n - n) {
        struct sim_image image = {0};
        int64_t sum;

        sim_image_update(&image, bytes_of(&box, "t.db"), (struct rh_str){wal.p, n}, true);
        sum = sum_of(&image);
        assert_true(sum == 1 || sum == 11 || sum == 111);
        assert_true(sum >= last);
        last = sum;
        sim_image_release(&image);
    }

    assert_int_equal(last, 111);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_box_free(&box);
}

static void a_changed_byte_ends_the_log(void **state)
{
    struct disk_box box = disk_box_new(1);
    sqlite3 *db = disk_box_open(&box, setup);
    struct sim_image image = {0};
    struct sim_bytes broken = {0};
    struct rh_str wal;
    size_t from;

    (void)state;
    from = bytes_of(&box, "t.db-wal").n;
    assert_int_equal(sqlite3_exec(db, "INSERT INTO t VALUES(10)", NULL, NULL, NULL), SQLITE_OK);
    wal = bytes_of(&box, "t.db-wal");
    sim_bytes_write(&broken, 0, wal.p, wal.n);
    sim_bytes_write(&broken, from + 1000, wal.p[from + 1000] == 'x' ? "y" : "x", 1);

    sim_image_update(&image, bytes_of(&box, "t.db"), (struct rh_str){(char *)broken.p, broken.n},
                     true);

    assert_int_equal(sum_of(&image), 1);
    sim_image_release(&image);
    sim_bytes_release(&broken);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    disk_box_free(&box);
}

static void nothing_gives_an_empty_image_and_rubbish_is_no_log(void **state)
{
    char rubbish[200];
    struct sim_image image = {0};

    (void)state;
    memset(rubbish, 0x37, sizeof rubbish);

    sim_image_update(&image, (struct rh_str){0}, (struct rh_str){0}, true);
    assert_int_equal(image.bytes.n, 0);
    sim_image_update(&image, (struct rh_str){0}, (struct rh_str){rubbish, sizeof rubbish}, false);

    assert_int_equal(image.bytes.n, 0);
    assert_int_equal(image.wal_at, 0);
    sim_image_release(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_frames_are_added_to_what_was_read),
        cmocka_unit_test(a_log_that_began_anew_is_read_from_its_start),
        cmocka_unit_test(a_log_cut_anywhere_gives_the_last_whole_commit),
        cmocka_unit_test(a_changed_byte_ends_the_log),
        cmocka_unit_test(nothing_gives_an_empty_image_and_rubbish_is_no_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
