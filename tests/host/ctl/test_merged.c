/* Bodies made of a JSON text and options beside it. */
#include "ctl_test.h"

#include <cjson/cJSON.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/args.h"
#include "host/ctl/merged.h"

static const struct option_row options[] = {
    {.name = "run", .value = "JSON", .kind = OPTION_JSON, .help = ""},
    {.name = "label", .value = "T", .field = "label", .help = ""},
    {.name = "games", .value = "N", .field = "t.games", .kind = OPTION_INT, .max = 9, .help = ""},
};
static const struct command commands[] = {
    {.words = "go", .help = "", .options = options, .option_count = 3},
};
static const struct args_spec spec = {commands, 1, NULL, 0};

static void merges(const char *const *words, int count, const char *expected)
{
    char *argv[8];
    char text[256];
    size_t used = 0;
    struct args args;
    struct rh_buf why;
    char *body;

    for (int i = 0; i < count; i++) {
        argv[i] = text + used;
        assert_int_equal(rh_str_copy(argv[i], sizeof(text) - used, rh_str_from(words[i])), RH_OK);
        used += strlen(words[i]) + 1;
    }
    rh_buf_init(&why, TEST_TEXT_MAX);
    assert_int_equal(args_parse(&spec, count, argv, &args, &why), RH_OK);

    body = merged_body(&args, "run");

    if (expected) {
        assert_non_null(body);
        assert_string_equal(body, expected);
    } else {
        assert_null(body);
    }
    cJSON_free(body);
    rh_buf_release(&why);
}

static void options_take_the_place_of_members(void **state)
{
    const char *const words[] = {
        "ringctl", "go", "--run",   "{\"label\":\"a\",\"t\":{\"x\":1,\"games\":2}}",
        "--label", "b",  "--games", "7"};

    (void)state;
    merges(words, 8, "{\"t\":{\"x\":1,\"games\":7},\"label\":\"b\"}");
}

static void options_alone_are_a_body(void **state)
{
    const char *const words[] = {"ringctl", "go", "--games", "7"};

    (void)state;
    merges(words, 4, "{\"t\":{\"games\":7}}");
    merges(words, 2, "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_take_the_place_of_members),
        cmocka_unit_test(options_alone_are_a_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
