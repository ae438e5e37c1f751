/* Putting and getting files over real connections, broken ones too. */
#include "ctl_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ctl_run.h"
#include "fake_node.h"

#define ABC  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
#define NONE \
    "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n{\"error\":{\"code\":\"not_found\"}}"
#define OCTET "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: "

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/ringctl-artifact-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static const char *path_of(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path_of("f")); /* not every test has both */
    (void)unlink(path_of("f.part"));
    return rmdir(folder);
}

static void write_text(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void a_file_is_put_where_the_node_left_off(void **state)
{
    static const struct fake_step steps[] = {
        {HEAD "{\"next\":1,\"size\":3,\"whole\":false}", false, false},
        {HEAD "{\"next\":3,\"size\":3,\"whole\":true}", false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;
    char words[160];

    (void)state;
    write_text("f", "abc");
    (void)snprintf(words, sizeof(words), "artifact put %s", path_of("f"));
    node = ctl_run_with(steps, 2, &run, words);

    assert_int_equal(run.code, CTL_OK);
    assert_string_equal(run.out, ABC "  3 bytes\n");
    assert_non_null(strstr(node->requests[0], "GET /artifacts/stat?sha256=" ABC));
    assert_non_null(
        strstr(node->requests[1], "PUT /artifacts/data?sha256=" ABC "&size=3&offset=1 HTTP"));
    assert_non_null(strstr(node->requests[1], "\r\n\r\nbc"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void cut_file(void)
{
    assert_int_equal(truncate(path_of("f"), 1), 0);
}

static void a_file_that_gets_shorter_meanwhile_ends_the_put(void **state)
{
    static const struct fake_step steps[] = {
        {HEAD "{\"next\":1,\"size\":3,\"whole\":false}", false, false},
        {HEAD "{\"next\":1,\"size\":3,\"whole\":false}", false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;
    char words[160];

    (void)state;
    write_text("f", "abc");
    (void)snprintf(words, sizeof(words), "artifact put %s", path_of("f"));
    node = fake_node_start_with(steps, 2, cut_file);
    run.addr = node->address;
    ctl_run(&run, words);
    fake_node_stop(node);

    assert_int_equal(run.code, CTL_USAGE);
    assert_non_null(strstr(run.err, "the file ends at byte 1 now; it had 3 when it was hashed"));
    assert_int_equal(node->request_count, 1);
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_refusal_is_told(void **state)
{
    static const struct fake_step steps[] = {
        {NONE, false, false},
        {"HTTP/1.1 507 Full\r\nConnection: close\r\n\r\n{\"error\":{\"code\":\"full\","
         "\"message\":\"no room\"}}",
         false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;
    char words[160];

    (void)state;
    write_text("f", "abc");
    (void)snprintf(words, sizeof(words), "artifact put %s", path_of("f"));
    node = ctl_run_with(steps, 2, &run, words);

    assert_int_equal(run.code, CTL_REFUSED);
    assert_non_null(strstr(run.err, "no room"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_file_goes_on_behind_what_is_there_and_over_a_lost_connection(void **state)
{
    static const struct fake_step steps[] = {{NULL, false, false},
                                             {OCTET "2\r\n\r\nbc", false, false},
                                             {OCTET "0\r\n\r\n", false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;
    char words[256];

    (void)state;
    write_text("f.part", "a");
    (void)snprintf(words, sizeof(words), "artifact get " ABC " -o %s", path_of("f"));
    node = ctl_run_with(steps, 3, &run, words);

    assert_int_equal(run.code, CTL_OK);
    assert_non_null(strstr(node->requests[1], "&offset=1&"));
    assert_int_equal(access(path_of("f"), F_OK), 0);
    assert_int_equal(access(path_of("f.part"), F_OK), -1);
    ctl_run_release(&run);
    fake_node_free(node);
}

static void wrong_bytes_are_thrown_away(void **state)
{
    static const struct fake_step steps[] = {{OCTET "3\r\n\r\nabd", false, false},
                                             {OCTET "0\r\n\r\n", false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;
    char words[256];

    (void)state;
    (void)snprintf(words, sizeof(words), "artifact get " ABC " -o %s", path_of("f"));
    node = ctl_run_with(steps, 2, &run, words);

    assert_int_equal(run.code, CTL_REFUSED);
    assert_int_equal(access(path_of("f"), F_OK), -1);
    assert_int_equal(access(path_of("f.part"), F_OK), -1);
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_file_is_removed_by_its_hash(void **state)
{
    static const struct fake_step step = {HEAD "{\"ok\":true}", false, false};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(&step, 1, &run, "artifact rm " ABC);

    assert_int_equal(run.code, CTL_OK);
    assert_non_null(strstr(node->requests[0], "DELETE /artifacts/data?sha256=" ABC));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void a_verification_is_waited_for_and_names_what_was_damaged(void **state)
{
    static const struct fake_step steps[] = {
        {HEAD "{\"waiting\":0,\"checked\":5,\"damaged_count\":1,\"damaged\":[\"old\"]}", false,
         false},
        {HEAD "{\"waiting\":2}", false, false},
        {HEAD "{\"waiting\":1,\"checked\":6,\"damaged_count\":2,\"damaged\":[\"new\",\"old\"]}",
         false, false},
        {HEAD "{\"waiting\":0,\"checked\":7,\"damaged_count\":2,\"damaged\":[\"new\",\"old\"]}",
         false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, 4, &run, "artifact verify --all");

    assert_int_equal(run.code, CTL_REFUSED);
    assert_string_equal(run.out, "new  damaged and removed\n");
    assert_non_null(strstr(node->requests[1], "POST /artifacts/verify"));
    assert_non_null(strstr(node->requests[1], "\r\n\r\n{\"all\":true}"));
    assert_int_equal(node->request_count, 4);
    ctl_run_release(&run);
    fake_node_free(node);
}

static void whole_files_are_told_as_such(void **state)
{
    static const struct fake_step steps[] = {
        {HEAD "{\"waiting\":0,\"checked\":0,\"damaged_count\":0,\"damaged\":[]}", false, false},
        {HEAD "{\"waiting\":0}", false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, 2, &run, "artifact verify " ABC);

    assert_int_equal(run.code, CTL_OK);
    assert_string_equal(run.out, "no file is damaged\n");
    assert_non_null(strstr(node->requests[1], "{\"sha256\":\"" ABC "\"}"));
    ctl_run_release(&run);
    fake_node_free(node);
}

static void files_that_could_not_be_read_are_named(void **state)
{
    static const struct fake_step steps[] = {
        {HEAD "{\"waiting\":0,\"checked\":0,\"damaged_count\":0,\"damaged\":[]}", false, false},
        {HEAD "{\"waiting\":1}", false, false},
        {HEAD "{\"waiting\":0,\"checked\":1,\"damaged_count\":0,\"damaged\":[],"
              "\"unchecked_count\":1,\"unchecked\":[\"abc\"]}",
         false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node;

    (void)state;
    node = ctl_run_with(steps, 3, &run, "artifact verify --all");

    assert_int_equal(run.code, CTL_REFUSED);
    assert_string_equal(run.out, "abc  could not be read, and stays\n");
    ctl_run_release(&run);
    fake_node_free(node);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        T(a_file_is_put_where_the_node_left_off),
        T(a_file_that_gets_shorter_meanwhile_ends_the_put),
        T(a_verification_is_waited_for_and_names_what_was_damaged),
        T(whole_files_are_told_as_such),
        T(files_that_could_not_be_read_are_named),
        T(a_refusal_is_told),
        T(a_file_goes_on_behind_what_is_there_and_over_a_lost_connection),
        T(wrong_bytes_are_thrown_away),
        T(a_file_is_removed_by_its_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
