/* Tests of the event catalogue: that each row is complete and sound. */
#include "sdk_test.h"

#include <ringhost/events.h>
#include <ringhost/sdk/str.h>

static void every_row_has_kind_doc_and_payload(void **state)
{
    uint32_t count = 0;
    const struct rh_event_def *rows = rh_event_catalogue(&count);

    (void)state;

    assert_int_equal(count, 14);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].size, sizeof(rows[i]));
        assert_true(rows[i].kind == RH_EVENT_CLUSTER || rows[i].kind == RH_EVENT_LOCAL);
        assert_true(strlen(rows[i].doc) > 0);
        assert_true(rows[i].payload.count > 0);
        assert_null(rows[i].on_event);
    }
}

static void fields_lie_inside_their_struct_and_have_words(void **state)
{
    uint32_t count = 0;
    const struct rh_event_def *rows = rh_event_catalogue(&count);

    (void)state;

    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t f = 0; f < rows[i].payload.count; f++) {
            const struct rh_field *field = &rows[i].payload.fields[f];

            assert_true(field->offset < rows[i].payload.struct_size);
            assert_true(strlen(field->doc) > 0);
            for (uint32_t other = 0; other < f; other++)
                assert_string_not_equal(field->name, rows[i].payload.fields[other].name);
        }
    }
}

static void types_are_found_by_their_exact_name(void **state)
{
    uint32_t count = 0;
    const struct rh_event_def *rows = rh_event_catalogue(&count);

    (void)state;

    for (uint32_t i = 0; i < count; i++)
        assert_ptr_equal(rh_event_find(rh_str_from(rows[i].type)), &rows[i]);
    assert_null(rh_event_find(RH_STR_LIT("WORK_COMPLETE")));
    assert_null(rh_event_find(RH_STR_LIT("work_completed")));
    assert_null(rh_event_find(RH_STR_LIT("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_kind_doc_and_payload),
        cmocka_unit_test(fields_lie_inside_their_struct_and_have_words),
        cmocka_unit_test(types_are_found_by_their_exact_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
