/* Tests of host/check/read_file.c. */
#include "tests/host/core/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ringhost/errors.h>

#include "host/check/read_file.h"

/* A path in a folder of our own; the file is made by the test. */
struct place {
    char folder[64];
    char path[80];
    char why[256];
};

static int setup(void **state)
{
    static struct place place;

    (void)snprintf(place.folder, sizeof place.folder, "/tmp/read_file.XXXXXX"); /* fits */
    assert_non_null(mkdtemp(place.folder));
    (void)snprintf(place.path, sizeof place.path, "%s/x", place.folder); /* fits */
    *state = &place;
    return 0;
}

static int teardown(void **state)
{
    const struct place *place = *state;

    (void)unlink(place->path); /* not every test makes it */
    return rmdir(place->folder);
}

static void write_text(const struct place *place, const char *text)
{
    FILE *file = fopen(place->path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void a_file_is_read_whole(void **state)
{
    struct place *place = *state;
    void *bytes = NULL;
    size_t size = 0;

    write_text(place, "hello");
    assert_int_equal(read_file(place->path, 5, &bytes, &size, place->why, sizeof place->why),
                     RH_OK);

    assert_int_equal(size, 5);
    assert_memory_equal(bytes, "hello", 5);
    free(bytes);
}

static void an_empty_file_is_a_block_of_no_bytes(void **state)
{
    struct place *place = *state;
    void *bytes = NULL;
    size_t size = 9;

    write_text(place, "");
    assert_int_equal(read_file(place->path, 5, &bytes, &size, place->why, sizeof place->why),
                     RH_OK);

    assert_int_equal(size, 0);
    assert_non_null(bytes);
    free(bytes);
}

static void a_file_above_the_limit_is_refused_by_name(void **state)
{
    struct place *place = *state;
    void *bytes = NULL;
    size_t size = 0;

    write_text(place, "hello!");
    assert_int_equal(read_file(place->path, 5, &bytes, &size, place->why, sizeof place->why),
                     RH_ETOOLARGE);

    assert_non_null(strstr(place->why, place->path));
    assert_null(bytes);
}

static void a_missing_file_is_refused_with_the_systems_reason(void **state)
{
    struct place *place = *state;
    void *bytes = NULL;
    size_t size = 0;

    assert_int_equal(read_file(place->path, 5, &bytes, &size, place->why, sizeof place->why),
                     RH_EIO);

    assert_non_null(strstr(place->why, "No such file"));
}

static void a_fifo_is_refused_without_waiting_for_a_writer(void **state)
{
    struct place *place = *state;
    void *bytes = NULL;
    size_t size = 0;

    assert_int_equal(mkfifo(place->path, 0600), 0);
    assert_int_equal(read_file(place->path, 5, &bytes, &size, place->why, sizeof place->why),
                     RH_EINVAL);

    assert_non_null(strstr(place->why, "not a regular file"));
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(a_file_is_read_whole),
        CLAIM(an_empty_file_is_a_block_of_no_bytes),
        CLAIM(a_file_above_the_limit_is_refused_by_name),
        CLAIM(a_missing_file_is_refused_with_the_systems_reason),
        CLAIM(a_fifo_is_refused_without_waiting_for_a_writer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
