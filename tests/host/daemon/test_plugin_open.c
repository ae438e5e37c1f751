/* Tests of host/daemon/plugin_open.c: files that are plugins, and files that are not. The plugin
 * files are those of ringhost-check's tests. */
#include "tests/host/core/cmocka_all.h"

#include <string.h>

#include "host/daemon/plugin_open.h"

static const struct rh_plugin inner = {
    .size = (uint32_t)sizeof(inner),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .id = "inner",
    .version = "1.0",
};

static const struct rh_plugin *inner_entry(void)
{
    return &inner;
}

const struct static_plugin static_plugins[] = {{"inner", inner_entry}, {NULL, NULL}};

static const char *const directories[] = {"/nonexistent/plugins", CHECK_FIXTURES};

static void a_file_is_found_in_the_first_folder_that_has_it(void **state)
{
    char why[PLUGIN_OPEN_WHY_MAX];
    struct opened_plugin plugin;

    (void)state;
    assert_int_equal(plugin_open(directories, 2, "fixture", "good.so", &plugin, why), RH_OK);

    assert_string_equal(plugin.file, CHECK_FIXTURES "/good.so");
    assert_string_equal(plugin.desc->desc.id, "fixture");
    assert_non_null(plugin.module);
    plugin_close(&plugin);
    assert_null(plugin.desc);
}

static void a_path_is_taken_as_it_is(void **state)
{
    char why[PLUGIN_OPEN_WHY_MAX];
    struct opened_plugin plugin;

    (void)state;
    assert_int_equal(plugin_open(NULL, 0, "fixture", CHECK_FIXTURES "/good.so", &plugin, why),
                     RH_OK);
    plugin_close(&plugin);

    assert_int_equal(plugin_open(directories, 2, "fixture", "./good.so", &plugin, why),
                     RH_ENOTFOUND);
    assert_string_equal(why, "./good.so: no such file");
}

static void a_plugin_that_is_linked_in_needs_no_file(void **state)
{
    char why[PLUGIN_OPEN_WHY_MAX];
    struct opened_plugin plugin;

    (void)state;
    assert_int_equal(plugin_open(directories, 2, "inner", "none.so", &plugin, why), RH_OK);

    assert_string_equal(plugin.file, "(static)");
    assert_null(plugin.module);
    plugin_close(&plugin);
}

static void what_is_wrong_with_a_file_is_told(void **state)
{
    static const struct {
        const char *id, *file;
        int32_t rc;
        const char *words;
    } cases[] = {
        {"fixture", "none.so", RH_ENOTFOUND, "no file none.so in /nonexistent/plugins, "},
        {"other", "good.so", RH_EINVAL, "it is plugin \"fixture\", not \"other\""},
        {"fixture", "no_info.so", RH_EINVAL, "no_info.so: "},
        {"fixture", "other_abi.so", RH_EUNSUPPORTED, "other_abi.so: "},
        {"fixture", "..", RH_EINVAL, "not a file of 1 byte to 256 MiB"},
    };
    char why[PLUGIN_OPEN_WHY_MAX];
    struct opened_plugin plugin;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int32_t rc = plugin_open(directories, 2, cases[i].id, cases[i].file, &plugin, why);

        if (rc != cases[i].rc || !strstr(why, cases[i].words))
            fail_msg("%s: rc %d, %s", cases[i].file, rc, why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_found_in_the_first_folder_that_has_it),
        cmocka_unit_test(a_path_is_taken_as_it_is),
        cmocka_unit_test(a_plugin_that_is_linked_in_needs_no_file),
        cmocka_unit_test(what_is_wrong_with_a_file_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
