/* A table that could make decoding go wrong is refused with the field and the reason. */
#include "host/core/field_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/core/field_all.h"
#include "host/core/field_short.h"

static void assert_refused(const struct rh_fields *table, const char *why)
{
    char found[256] = "accepted";

    assert_int_equal(field_check(table, found, sizeof(found)), RH_EINVAL);
    assert_string_equal(found, why);
}

/* The one row, put into a table of struct all, is refused. */
static void assert_row_refused(struct rh_field row, const char *why)
{
    struct rh_fields table = {&row, 1, sizeof(row), sizeof(struct all), 0};

    assert_refused(&table, why);
}

static struct rh_field int_row(void)
{
    return (struct rh_field)RH_INT(struct all, max_items, 1, 1, 64, "a number");
}

static void accepts_every_type(void **state)
{
    char why[256] = "";

    (void)state;
    assert_int_equal(field_check(&all_table, why, sizeof(why)), RH_OK);
    assert_string_equal(why, "");
}

static void accepts_a_table_without_fields(void **state)
{
    static const struct rh_fields none = RH_NO_FIELDS;

    (void)state;
    assert_int_equal(field_check(&none, NULL, 0), RH_OK);
}

static void refuses_what_is_outside_the_struct(void **state)
{
    struct rh_field row = int_row();

    (void)state;
    row.offset = sizeof(struct all);
    assert_row_refused(row, "field \"max_items\": the member lies outside its struct of 248 bytes");
    row.offset = UINT32_MAX - 7;
    assert_row_refused(row, "field \"max_items\": the member lies outside its struct of 248 bytes");
    row = int_row();
    row.given_offset = sizeof(struct all) + 1;
    assert_row_refused(row, "field \"max_items\": given_offset lies outside the struct");
    row.given_offset = row.offset + 3;
    assert_row_refused(row, "field \"max_items\": given_offset lies on other data");
}

static void refuses_unaligned_members(void **state)
{
    struct rh_field row = int_row();

    (void)state;
    row.offset += 4;
    assert_row_refused(row, "field \"max_items\": offset 36 is not a multiple of 8");
}

static void refuses_bad_names_and_docs(void **state)
{
    struct rh_field row = int_row();

    (void)state;
    row.name = "9lives";
    assert_row_refused(row, "field \"[0]\": a name is 1 to 64 letters, digits, _ and -, and begins "
                            "with no digit");
    row.name = NULL;
    assert_row_refused(row, "field \"[0]\": a name is 1 to 64 letters, digits, _ and -, and begins "
                            "with no digit");
    row = int_row();
    row.doc = "two\nlines";
    assert_row_refused(row, "field \"max_items\": doc must be one line of at most 512 bytes");
    row.doc = NULL;
    assert_row_refused(row, "field \"max_items\": doc must be one line of at most 512 bytes");
}

static void refuses_defaults_that_break_their_own_rule(void **state)
{
    struct rh_field row = int_row();
    struct rh_field choice = RH_CHOICE(struct all, kind, 0, "fast", "quick slow", "speed");
    struct rh_field list = RH_STR_LIST(struct all, boards, 0, "boards");
    struct rh_field raw = RH_RAW(struct all, payload, 0, "anything");

    (void)state;
    row.fallback = "65";
    assert_row_refused(row, "field \"max_items\": the default \"65\" is not an integer in [1, 64]");
    row.fallback = "64 * 1024";
    assert_row_refused(row, "field \"max_items\": the default \"64 * 1024\" is not an integer in "
                            "[1, 64]");
    row.fallback = "2";
    row.flags = RH_REQUIRED;
    assert_row_refused(row, "field \"max_items\": a required field has no default");
    assert_row_refused(choice, "field \"kind\": the default \"fast\" is not one of \"quick\", "
                               "\"slow\"");
    list.fallback = "a b ";
    assert_row_refused(list, "field \"boards\": the default \"a b \" ends in a space");
    raw.fallback = "{]";
    assert_row_refused(raw, "field \"payload\": the default is not JSON at byte 1 (line 1, column "
                            "2): keys are strings in double quotes");
}

static void refuses_limits_out_of_order(void **state)
{
    struct rh_field row = int_row();

    (void)state;
    row.min = 65;
    assert_row_refused(row, "field \"max_items\": min is above max");
    row.min = 0;
    row.max = INT64_MAX;
    assert_row_refused(row, "field \"max_items\": min and max must be within 53 bits");
}

static void refuses_what_it_does_not_know(void **state)
{
    struct rh_field row = int_row();

    (void)state;
    row.type = 17;
    assert_row_refused(row, "field \"max_items\": unknown type 17; built for a later ringhost?");
    row.type = 0;
    assert_row_refused(row, "field \"max_items\": unknown type 0; built for a later ringhost?");
    row = int_row();
    row.flags = 16;
    assert_row_refused(row, "field \"max_items\": unknown flags 0x10; built for a later ringhost?");
}

static void only_a_map_of_objects_that_begin_with_a_list_can_be_short(void **state)
{
    struct rh_field map = RH_OBJECT_MAP(struct all, hosts, 0, 3, struct host, host_fields, "x");
    struct rh_field list = RH_STR_LIST(struct all, boards, RH_SHORT_LIST, "x");

    (void)state;
    map.flags = RH_SHORT_LIST;

    assert_int_equal(field_check(&short_table, NULL, 0), RH_OK);
    assert_row_refused(map,
                       "field \"hosts\": only a map of objects whose first field is a list can "
                       "be short");
    assert_row_refused(list, "field \"boards\": only a map of objects whose first field is a list "
                             "can be short");
}

static void refuses_twins(void **state)
{
    struct rh_field rows[2] = {int_row(), int_row()};
    struct rh_fields table = {rows, 2, sizeof(rows[0]), sizeof(struct all), 0};

    (void)state;
    assert_refused(&table, "field \"max_items\": there are two fields of this name");
    rows[1].name = "other";
    assert_refused(&table, "field \"other\": shares bytes of the struct with \"max_items\"");
}

static void refuses_bad_shapes(void **state)
{
    struct rh_field row = int_row();
    struct rh_fields table = {&row, 1, sizeof(row), sizeof(struct all), 0};

    (void)state;
    row.size = 8;
    assert_refused(&table, "field \"[0]\": its size of 8 bytes is not in [104, the stride 104]");
    row = int_row();
    table.stride = 60;
    assert_refused(&table, "field table: a stride of 60 bytes is too small or not a multiple of 8");
    table.stride = sizeof(row);
    table.fields = NULL;
    assert_refused(&table, "field table: fields is NULL");
    table.fields = &row;
    table.struct_size = 1 << 20;
    assert_refused(&table, "field table: struct_size of 1048576 bytes is not in [0, 65536]");
    table.struct_size = sizeof(struct all);
    table.count = 257;
    assert_refused(&table, "field table: more than 256 fields, or 4096 with all below");
}

static void refuses_a_table_that_contains_itself(void **state)
{
    struct rh_field row = RH_OBJECT(struct all, gpu, 0, struct gpu, gpu_fields, "itself");
    struct rh_fields table = {&row, 1, sizeof(row), sizeof(struct all), 0};

    (void)state;
    row.offset = 0;
    row.fields = &row;
    row.field_count = 1;
    assert_refused(&table, "field \"gpu.gpu.gpu.gpu.gpu.gpu.gpu.gpu\": tables are nested more than "
                           "8 deep");
}

static void an_entry_of_a_map_begins_with_its_key(void **state)
{
    static const struct rh_field bad[] = {RH_STR(struct host, id, 0, "on the key")};
    struct rh_field row = RH_OBJECT_MAP(struct all, hosts, 0, 3, struct host, bad, "machines");

    (void)state;
    assert_row_refused(row,
                       "field \"hosts.id\": the member lies on the key at the struct's beginning");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_every_type),
        cmocka_unit_test(accepts_a_table_without_fields),
        cmocka_unit_test(refuses_what_is_outside_the_struct),
        cmocka_unit_test(refuses_unaligned_members),
        cmocka_unit_test(refuses_bad_names_and_docs),
        cmocka_unit_test(refuses_defaults_that_break_their_own_rule),
        cmocka_unit_test(refuses_limits_out_of_order),
        cmocka_unit_test(refuses_what_it_does_not_know),
        cmocka_unit_test(only_a_map_of_objects_that_begin_with_a_list_can_be_short),
        cmocka_unit_test(refuses_twins),
        cmocka_unit_test(refuses_bad_shapes),
        cmocka_unit_test(refuses_a_table_that_contains_itself),
        cmocka_unit_test(an_entry_of_a_map_begins_with_its_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
