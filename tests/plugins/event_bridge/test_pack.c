/* Tests of events that are read and not left behind yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/event_bridge/pack.h"

static struct pack *pack_of(uint32_t count, size_t payload_size)
{
    struct pack *pack = malloc(sizeof *pack);
    char *payload = malloc(payload_size + 1);

    assert_non_null(pack);
    assert_non_null(payload);
    memset(payload, 'x', payload_size);
    pack_init(pack);
    for (uint32_t i = 0; i < count; i++) {
        char id[32];
        struct letter letter = {.type = RH_STR_LIT("T"),
                                .payload = {payload, payload_size},
                                .at_ms = 1000 + i,
                                .position = 10 + i};

        (void)snprintf(id, sizeof id, "work:%u:0", i);
        letter.id = rh_str_from(id);
        if (pack_add(pack, &letter) != RH_OK)
            break;
    }
    free(payload);
    return pack;
}

static void pack_free(struct pack *pack)
{
    pack_release(pack);
    free(pack);
}

static void letters_come_out_as_they_went_in(void **state)
{
    struct pack *pack = pack_of(3, 5);
    struct letter letter;

    (void)state;
    assert_int_equal(pack_count(pack), 3);
    pack_drop(pack);

    letter = pack_letter(pack, 0);
    assert_true(rh_str_eq_c(letter.id, "work:1:0"));
    assert_true(rh_str_eq_c(letter.payload, "xxxxx"));
    assert_int_equal(letter.position, 11);
    assert_int_equal(pack_row(pack, 1)->position, 12);
    assert_int_equal(pack_row(pack, 1)->at_ms, 1002);
    pack_free(pack);
}

static void it_is_full_by_number(void **state)
{
    struct pack *pack = pack_of(PACK_LETTERS_MAX + 5, 5);

    (void)state;
    assert_int_equal(pack_count(pack), PACK_LETTERS_MAX);
    pack_free(pack);
}

static void it_is_full_by_size_and_the_greatest_event_always_fits(void **state)
{
    struct pack *pack = pack_of(50, 64 * 1024);

    (void)state;
    assert_int_equal(pack_count(pack), 4);
    pack_free(pack);
}

static void what_left_makes_room_once_all_have_left(void **state)
{
    struct pack *pack = pack_of(PACK_LETTERS_MAX, 5);
    const struct letter letter = {.id = RH_STR_LIT("again")};

    (void)state;
    for (uint32_t i = 0; i < PACK_LETTERS_MAX - 1; i++)
        pack_drop(pack);
    assert_int_equal(pack_add(pack, &letter), RH_EFULL);
    pack_drop(pack);

    assert_int_equal(pack_add(pack, &letter), RH_OK);
    assert_int_equal(pack_count(pack), 1);
    pack_free(pack);
}

static void a_cut_forgets_those_behind(void **state)
{
    struct pack *pack = pack_of(5, 5);

    (void)state;
    pack_drop(pack);
    pack_cut(pack, 7);
    assert_int_equal(pack_count(pack), 4);
    pack_cut(pack, 2);

    assert_int_equal(pack_count(pack), 2);
    assert_true(rh_str_eq_c(pack_letter(pack, 1).id, "work:2:0"));
    pack_cut(pack, 0);
    assert_int_equal(pack_count(pack), 0);
    pack_free(pack);
}

static void the_same_events_have_the_same_name_and_others_another(void **state)
{
    struct pack *pack = pack_of(3, 5);
    char two[PACK_NAME_SIZE];
    char three[PACK_NAME_SIZE];
    char again[PACK_NAME_SIZE];

    (void)state;
    pack_name(pack, 2, two);
    pack_name(pack, 3, three);
    pack_cut(pack, 2);
    pack_name(pack, 2, again);

    assert_string_equal(two, again);
    assert_string_not_equal(two, three);
    /* printf 'work:0:0\nwork:1:0\n' | sha256sum */
    assert_string_equal(two, "batch_ded99b89cdd51013b61a752cead7113b");
    pack_free(pack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_come_out_as_they_went_in),
        cmocka_unit_test(it_is_full_by_number),
        cmocka_unit_test(it_is_full_by_size_and_the_greatest_event_always_fits),
        cmocka_unit_test(what_left_makes_room_once_all_have_left),
        cmocka_unit_test(a_cut_forgets_those_behind),
        cmocka_unit_test(the_same_events_have_the_same_name_and_others_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
