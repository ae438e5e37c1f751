/* Schemas are valid JSON and say what the table says. */
#include "host/core/field_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/core/field_all.h"
#include "host/core/field_short.h"
#include "host/core/json_scan.h"

static void write_schema(struct rh_buf *buf, const struct rh_fields *table, bool strict)
{
    struct rh_json_writer w;

    rh_buf_init(buf, 1 << 20);
    rh_json_init(&w, buf);
    field_schema_write(table, strict, &w);
    assert_int_equal(rh_json_finish(&w), RH_OK);
}

static void a_small_table_in_full(void **state)
{
    static const struct rh_fields table = RH_FIELDS(struct gpu, gpu_fields);
    struct rh_buf buf;

    (void)state;

    write_schema(&buf, &table, true);

    assert_string_equal(
        buf.p, "{\"type\":\"object\",\"properties\":{"
               "\"name\":{\"description\":\"model of the card\",\"type\":\"string\","
               "\"maxLength\":512},"
               "\"count\":{\"description\":\"how many cards\",\"type\":\"integer\","
               "\"format\":\"int64\",\"minimum\":0,\"maximum\":16,\"default\":1},"
               "\"shared\":{\"description\":\"whether others use it too\",\"type\":\"boolean\","
               "\"default\":false}},\"additionalProperties\":false}");
    rh_buf_release(&buf);
}

static void a_short_object_is_a_list_or_an_object(void **state)
{
    struct rh_buf buf;

    (void)state;

    write_schema(&buf, &short_table, true);

    assert_non_null(strstr(buf.p, "\"additionalProperties\":{\"oneOf\":[{\"description\":\"its "
                                  "command\",\"type\":\"array\",\"items\":{\"type\":\"string\"},"
                                  "\"maxItems\":256},{\"type\":\"object\",\"properties\":{"));
    rh_buf_release(&buf);
}

static void every_type_is_described_in_valid_json(void **state)
{
    static const char *const parts[] = {
        "\"required\":[\"node_id\"]",
        "\"enum\":[\"quick\",\"standard\",\"thorough\"],\"default\":\"quick\"",
        "\"minimum\":0,\"maximum\":1,\"default\":0.5",
        "\"pattern\":\"^(0|[1-9][0-9]{0,19})$\"",
        "\"pattern\":\"^[0-9]+(\\\\.[0-9]+)?(ns|us|ms|s|m|h)$\",\"default\":\"15s\"",
        "\"type\":[\"string\",\"integer\"]",
        "\"contentEncoding\":\"base64\",\"maxLength\":12",
        "\"items\":{\"type\":\"string\"},\"maxItems\":256",
        "\"maxProperties\":256,\"additionalProperties\":{\"type\":\"string\"}",
        "\"maxProperties\":3,\"additionalProperties\":{\"type\":\"object\",\"properties\":{",
        "\"payload\":{\"description\":\"anything\"}",
        "\"result\":{\"description\":\"any object\",\"type\":\"object\"}",
    };
    struct rh_buf buf;

    (void)state;

    write_schema(&buf, &all_table, false);

    assert_int_equal(json_check(rh_buf_str(&buf), NULL, 0), RH_OK);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!strstr(buf.p, parts[i]))
            fail_msg("%s is not in %s", parts[i], buf.p);
    }
    assert_null(strstr(buf.p, "\"additionalProperties\":false"));
    rh_buf_release(&buf);
}

static void secrets_are_write_only_without_default(void **state)
{
    static const struct rh_field field =
        RH_CHOICE(struct all, kind, RH_SECRET, "hunter2", NULL, "token");
    struct rh_json_writer w;
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 1000);
    rh_json_init(&w, &buf);

    field_schema_write_value(&field, true, &w);

    assert_int_equal(rh_json_finish(&w), RH_OK);
    assert_string_equal(buf.p, "{\"description\":\"token\",\"type\":\"string\",\"maxLength\":512,"
                               "\"writeOnly\":true}");
    rh_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_object_is_a_list_or_an_object),
        cmocka_unit_test(a_small_table_in_full),
        cmocka_unit_test(every_type_is_described_in_valid_json),
        cmocka_unit_test(secrets_are_write_only_without_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
