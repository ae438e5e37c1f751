/* Directories in a temporary folder become lists of files; the shipped example loads on every node.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/config.h"
#include "host/daemon/conf_read.h"

#define PATH_SIZE 512

struct folder {
    char path[PATH_SIZE];
};

static void path_in(const struct folder *folder, const char *name, char dst[PATH_SIZE])
{
    int n = snprintf(dst, PATH_SIZE, "%s/%s", folder->path, name);
    assert_true(n > 0 && n < PATH_SIZE);
}

static void put_file(const struct folder *folder, const char *name, const char *text)
{
    char path[PATH_SIZE];
    path_in(folder, name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
    static const char pattern[] = "/tmp/conf_read.XXXXXX";
    struct folder *folder = calloc(1, sizeof(*folder));
    if (folder == NULL) {
        return -1;
    }
    memcpy(folder->path, pattern, sizeof(pattern));
    *state = folder;
    return mkdtemp(folder->path) != NULL ? 0 : -1;
}

static int drop_folder(void **state)
{
    struct folder *folder = *state;
    static const char *const names[] = {"10-b.yaml", "05-a.yaml", "README", "20-null.yaml",
                                        "30-dir.yaml"};
    char path[PATH_SIZE];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        path_in(folder, names[i], path);
        (void)remove(path); /* most tests make only some */
    }
    int rc = rmdir(folder->path);
    free(folder);
    return rc;
}

static void files_come_by_name_with_the_text_of_those_that_count(void **state)
{
    const struct folder *folder = *state;
    struct conf_read read = {0};
    char why[CONF_READ_WHY_MAX] = {0};
    char null_path[PATH_SIZE];
    put_file(folder, "10-b.yaml", "b: 1\n");
    put_file(folder, "05-a.yaml", "");
    put_file(folder, "README", "read me");
    path_in(folder, "20-null.yaml", null_path);
    assert_int_equal(symlink("/dev/null", null_path), 0);

    int32_t rc = conf_read_directory(&read, folder->path, 3, why);

    assert_int_equal(rc, RH_OK);
    assert_int_equal(read.count, 4);
    assert_string_equal(read.files[0].name, "05-a.yaml");
    assert_int_equal(read.files[0].text.n, 0);
    assert_string_equal(read.files[1].text.p, "b: 1\n");
    assert_int_equal(read.files[1].rank, 3);
    assert_string_equal(read.files[2].name, "20-null.yaml");
    assert_int_equal(read.files[2].text.n, 0);
    assert_string_equal(read.files[3].name, "README");
    assert_int_equal(read.files[3].text.n, 0);
    conf_read_release(&read);
}

static void what_cannot_be_read_is_named(void **state)
{
    const struct folder *folder = *state;
    struct conf_read read = {0};
    char why[CONF_READ_WHY_MAX] = {0};
    char path[PATH_SIZE];
    path_in(folder, "30-dir.yaml", path);
    assert_int_equal(mkdir(path, 0700), 0);

    int32_t folder_rc = conf_read_directory(&read, folder->path, 0, why);
    assert_non_null(strstr(why, "30-dir.yaml: not a regular file"));
    path_in(folder, "absent", path);
    int32_t absent_rc = conf_read_all(&read, path, why);

    assert_int_equal(folder_rc, RH_EIO);
    assert_int_equal(absent_rc, RH_ENOTFOUND);
    assert_non_null(strstr(why, "absent: No such file"));
    conf_read_release(&read);
}

static const char *example_env(void *user, const char *name)
{
    (void)user;
    return strcmp(name, "RINGHOST_DATA") == 0 ? "/data" : NULL;
}

/* The conf.d of the source tree. */
static void example_directory(char dst[PATH_SIZE])
{
    static const char path[] = RINGHOST_SOURCE_DIR "/conf.d";
    assert_true(sizeof(path) <= PATH_SIZE);
    memcpy(dst, path, sizeof(path));
}

static void the_shipped_example_loads_on_each_node(void **state)
{
    (void)state;
    static const char *const nodes[] = {"n1", "n2", "n3"};
    static const char *const plugins[] = {"admin",      "gossip", "election",
                                          "work_queue", "worker", "gauntlet"};
    struct conf_read read = {0};
    char why[CONF_READ_WHY_MAX] = {0};
    char directory[PATH_SIZE];
    example_directory(directory);
    assert_int_equal(conf_read_all(&read, directory, why), RH_OK);

    for (uint32_t i = 0; i < 3; i++) {
        struct config *config = NULL;
        struct config_errors errors;
        struct config_source source = {
            .files = read.files, .file_count = read.count, .node_id = nodes[i], .env = example_env};
        config_errors_init(&errors);
        assert_int_equal(config_load(&source, &config, &errors), RH_OK);
        assert_int_equal(errors.note_count, 0);
        assert_int_equal(config->self->address.port, 8770 + i);
        assert_int_equal(config->cluster.voters.count, 3);
        for (uint32_t j = 0; j < sizeof(plugins) / sizeof(plugins[0]); j++) {
            assert_non_null(config_plugin(config, plugins[j]));
            assert_int_equal(config_plugin(config, plugins[j])->is_enabled, 1);
        }
        config_free(config);
        config_errors_release(&errors);
    }
    conf_read_release(&read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_come_by_name_with_the_text_of_those_that_count,
                                        make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_named, make_folder, drop_folder),
        cmocka_unit_test(the_shipped_example_loads_on_each_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
