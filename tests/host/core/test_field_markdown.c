/* The reference shows every field, nested ones by dotted names. */
#include "host/core/field_markdown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/core/field_all.h"
#include "host/core/field_short.h"
#include "host/core/field_words.h"

static void a_small_table_in_full(void **state)
{
    static const struct rh_fields table = RH_FIELDS(struct gpu, gpu_fields);
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 1 << 16);

    field_markdown_write(&table, FIELD_IN_TEXT, &buf);

    assert_string_equal(
        buf.p, "| Name | Type | Default | Allowed | Meaning |\n"
               "|---|---|---|---|---|\n"
               "| `name` | string |  | a string of at most 512 bytes | model of the card |\n"
               "| `count` | integer | `1` | an integer in [0, 16] | how many cards |\n"
               "| `shared` | boolean | `false` | true or false | whether others use it "
               "too |\n");
    rh_buf_release(&buf);
}

static void short_objects_are_named_as_such(void **state)
{
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 1 << 16);

    field_markdown_write(&short_table, FIELD_IN_TEXT, &buf);

    assert_non_null(strstr(buf.p,
                           "| `engines` | map of lists or objects |  | an object of at most 3 "
                           "lists of strings or objects by name | who plays |\n"));
    assert_non_null(strstr(buf.p, "| `engines.<name>.level` | integer | `7` |"));
    rh_buf_release(&buf);
}

static void nested_fields_have_dotted_names(void **state)
{
    static const char *const parts[] = {
        "| `node_id` | string | required |", "| `gpu.count` |",       "| `gpus[].count` |",
        "| `hosts.<name>.cpus` |",           "others \\| or not |\n", "| `payload` | any |",
    };
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 1 << 16);

    field_markdown_write(&all_table, FIELD_IN_TEXT, &buf);

    assert_int_equal(buf.rc, RH_OK);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!strstr(buf.p, parts[i]))
            fail_msg("%s is not in %s", parts[i], buf.p);
    }
    rh_buf_release(&buf);
}

static void numbers_of_64_bits_are_strings_in_json(void **state)
{
    struct wide {
        uint64_t seed;
    };
    static const struct rh_field fields[] = {RH_UINT64(struct wide, seed, 0, "of the games")};
    static const struct rh_fields table = RH_FIELDS(struct wide, fields);
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 1 << 16);

    field_markdown_write(&table, FIELD_IN_JSON, &buf);
    assert_non_null(
        strstr(buf.p, "| `seed` | u64 |  | a 64-bit number as a decimal string, such as \"42\" |"));
    rh_buf_reset(&buf);
    field_markdown_write(&table, FIELD_IN_TEXT, &buf);
    assert_non_null(strstr(buf.p, "| an integer in [0, 18446744073709551615] |"));
    rh_buf_release(&buf);
}

static void no_fields_give_no_table(void **state)
{
    static const struct rh_fields none = RH_NO_FIELDS;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 100);
    field_markdown_write(&none, FIELD_IN_TEXT, &buf);
    assert_int_equal(buf.n, 0);
    rh_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_objects_are_named_as_such),
        cmocka_unit_test(a_small_table_in_full),
        cmocka_unit_test(nested_fields_have_dotted_names),
        cmocka_unit_test(numbers_of_64_bits_are_strings_in_json),
        cmocka_unit_test(no_fields_give_no_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
