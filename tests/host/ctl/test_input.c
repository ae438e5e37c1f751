/* Payloads and token files. */
#include "ctl_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/input.h"

static const struct option_row payload_row = {
    .name = "payload", .value = "J", .kind = OPTION_JSON, .help = ""};

/* A file of its own with this text; the caller unlinks it. */
static void make_file(char path[64], const char *text, mode_t mode)
{
    FILE *file;
    int fd;

    (void)snprintf(path, 64, "/tmp/ringctl-test-XXXXXX"); /* fits */
    fd = mkstemp(path);
    assert_true(fd >= 0);
    file = fdopen(fd, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

/* The payload as it is after resolving, or what was wrong. */
static void assert_payload(const char *word, const char *standard_input, int32_t rc,
                           const char *expected)
{
    struct args args = {.count = 1, .values = {{&payload_row, rh_str_from(word)}}};
    char memory[64] = "";
    struct input input;
    struct rh_buf out;
    FILE *in;

    assert_int_equal(rh_str_copy(memory, sizeof(memory), rh_str_from(standard_input)), RH_OK);
    in = fmemopen(memory, strlen(memory) + 1, "r");
    assert_non_null(in);
    rh_buf_init(&out, TEST_TEXT_MAX);
    input_init(&input);

    assert_int_equal(input_resolve(&input, &args, in, &out), rc);

    if (rc == RH_OK)
        (void)rh_buf_append_str(&out, args.values[0].text);
    assert_text(&out, expected);
    input_release(&input);
    (void)fclose(in);
}

static void payloads_are_one_json_object(void **state)
{
    (void)state;
    assert_payload("{\"a\":1}", "", RH_OK, "{\"a\":1}");
    assert_payload("{} \n", "", RH_OK, "{} \n");
    assert_payload("[1]", "", RH_EINVAL, "--payload must be a JSON object");
    assert_payload("{\"a\":}", "", RH_EINVAL, "--payload is not JSON: mistake at byte 6");
    assert_payload("{} {}", "", RH_EINVAL, "--payload is not JSON: mistake at byte 4");
    assert_payload("@/nonexistent/x", "", RH_EINVAL, "/nonexistent/x: No such file or directory");
}

static void a_payload_may_be_a_file(void **state)
{
    char path[64];
    char word[80];

    (void)state;
    make_file(path, "{\"f\":2}\n", 0644);
    (void)snprintf(word, sizeof(word), "@%s", path);

    assert_payload(word, "", RH_OK, "{\"f\":2}\n");

    (void)unlink(path);
}

static void assert_token(const char *text, mode_t mode, int32_t rc, const char *expected)
{
    char token[CLIENT_TOKEN_SIZE] = "";
    char path[64];
    struct rh_buf why;

    rh_buf_init(&why, TEST_TEXT_MAX);
    make_file(path, text, mode);

    assert_int_equal(input_token(rh_str_from(path), token, &why), rc);

    (void)unlink(path);
    if (rc == RH_OK)
        assert_string_equal(token, expected);
    else
        assert_non_null(strstr(why.p, expected));
    rh_buf_release(&why);
}

static void a_token_stands_alone_or_third(void **state)
{
    (void)state;
    assert_token("# mine\n\nsecret-token-1\n", 0600, RH_OK, "secret-token-1");
    assert_token("alice admin secret-token-2\n", 0600, RH_OK, "secret-token-2");
    assert_token("n1 peer,voter secret-token-3 n1\r\n", 0600, RH_OK, "secret-token-3");
}

static void a_token_that_others_see_or_no_token_is_refused(void **state)
{
    (void)state;
    assert_token("secret-token-1\n", 0640, RH_EINVAL, "others may read the token");
    assert_token("two words\n", 0600, RH_EINVAL, "wanted a line TOKEN");
    assert_token("# nothing\n", 0600, RH_EINVAL, "wanted a line TOKEN");
    assert_token("to\001ken\n", 0600, RH_EINVAL, "wanted a line TOKEN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payloads_are_one_json_object),
        cmocka_unit_test(a_payload_may_be_a_file),
        cmocka_unit_test(a_token_stands_alone_or_third),
        cmocka_unit_test(a_token_that_others_see_or_no_token_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
