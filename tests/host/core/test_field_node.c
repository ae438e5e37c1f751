/* A configuration section fills its struct, or every problem is reported at its node. */
#include "host/core/field_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/field_all.h"
#include "host/core/field_short.h"
#include "host/core/field_tree.h"

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))

/* All reports, one line each: "<line of the node>[k] message". */
struct reports {
    char text[4096];
    size_t n;
};

static void note(void *user, const struct node *where, int at_key, const char *message)
{
    struct reports *r = user;
    int n = snprintf(r->text + r->n, sizeof(r->text) - r->n, "%u%s %s\n", where ? where->line : 0,
                     at_key ? "k" : "", message);

    assert_true(n > 0);
    r->n += (size_t)n;
    assert_true(r->n < sizeof(r->text));
}

static int32_t load(struct node *section, struct all *out, struct field_arena *arena,
                    struct reports *r)
{
    memset(r, 0, sizeof(*r));
    field_arena_init(arena, 1 << 16);
    return field_decode_node(&all_table, section, note, r, out, arena);
}

static void a_list_in_place_of_an_object_is_its_first_field(void **state)
{
    struct node argv[] = {leaf(NODE_STRING, "", "x"), leaf(NODE_INT, "", "1")};
    struct node level[] = {leaf(NODE_INT, "level", "3")};
    struct node engines[] = {tree(NODE_LIST, "a", argv, 2), tree(NODE_MAP, "b", level, 1)};
    struct node rows[] = {tree(NODE_MAP, "engines", engines, 2)};
    struct node section = tree(NODE_MAP, "", rows, 1);
    struct reports reports = {.n = 0};
    struct field_arena arena;
    struct engines out;
    const struct engine *items;

    (void)state;
    field_arena_init(&arena, 1 << 16);

    assert_int_equal(field_decode_node(&short_table, &section, note, &reports, &out, &arena),
                     RH_OK);

    items = out.engines.items;
    assert_int_equal(out.engines.count, 2);
    assert_true(rh_str_eq_c(items[0].argv.items[1], "1"));
    assert_int_equal(items[0].level, 7);
    assert_int_equal(items[1].argv.count, 0);
    assert_int_equal(items[1].level, 3);
    field_arena_release(&arena);
}

static void fills_every_type(void **state)
{
    struct node boards[] = {leaf(NODE_STRING, "", "hex8"), leaf(NODE_INT, "", "9")};
    struct node labels[] = {leaf(NODE_BOOL, "debug", "true")};
    struct node cards[] = {leaf(NODE_STRING, "", "go9")};
    struct node affinity[] = {tree(NODE_LIST, "H100", cards, 1)};
    struct node gpu[] = {leaf(NODE_INT, "count", "2")};
    struct node one[] = {leaf(NODE_STRING, "name", "A10")};
    struct node gpus[] = {tree(NODE_MAP, "", one, 1)};
    struct node host[] = {leaf(NODE_INT, "cpus", "8")};
    struct node hosts[] = {tree(NODE_MAP, "n1", host, 1), leaf(NODE_NULL, "n2", "")};
    struct node result[] = {leaf(NODE_STRING, "a", "b")};
    struct node rows[] = {
        leaf(NODE_INT, "node_id", "7"),
        leaf(NODE_INT, "max_items", "3"),
        leaf(NODE_INT, "seed", "42"),
        leaf(NODE_NUMBER, "ratio", "0.25"),
        leaf(NODE_BOOL, "steal", "false"),
        leaf(NODE_STRING, "wait", "2m"),
        leaf(NODE_INT, "space", "4096"),
        leaf(NODE_NULL, "kind", ""),
        tree(NODE_LIST, "boards", boards, 2),
        tree(NODE_MAP, "labels", labels, 1),
        tree(NODE_MAP, "affinity", affinity, 1),
        tree(NODE_MAP, "gpu", gpu, 1),
        tree(NODE_LIST, "gpus", gpus, 1),
        tree(NODE_MAP, "hosts", hosts, 2),
        tree(NODE_MAP, "result", result, 1),
    };
    struct node section = tree(NODE_MAP, "", rows, COUNT(rows));
    struct field_arena arena;
    struct reports reports;
    struct all out;

    (void)state;

    assert_int_equal(load(&section, &out, &arena, &reports), RH_OK);

    assert_true(rh_str_eq_c(out.node_id, "7"));
    assert_true(rh_str_eq_c(out.kind, "quick"));
    assert_int_equal(out.max_items, 3);
    assert_int_equal(out.max_items_given, 1);
    assert_int_equal(out.seed, 42);
    assert_true(out.ratio == 0.25);
    assert_int_equal(out.steal, 0);
    assert_int_equal(out.wait, 120000);
    assert_int_equal(out.space, 4096);
    assert_true(rh_str_eq_c(out.boards.items[1], "9"));
    assert_true(rh_str_eq_c(out.labels.items[0].value, "true"));
    assert_true(rh_str_eq_c(out.affinity.items[0].values.items[0], "go9"));
    assert_int_equal(out.gpu.count, 2);
    assert_true(rh_str_eq_c(((const struct gpu *)out.gpus.items)[0].name, "A10"));
    assert_int_equal(out.hosts.count, 2);
    assert_true(rh_str_eq_c(((const struct host *)out.hosts.items)[1].id, "n2"));
    assert_int_equal(((const struct host *)out.hosts.items)[1].cpus, 1);
    assert_true(rh_str_eq_c(out.result, "{\"a\":\"b\"}"));
    field_arena_release(&arena);
}

static void reports_every_problem_at_its_node(void **state)
{
    struct node boards[] = {leaf(NODE_STRING, "", "x"), leaf(NODE_NULL, "", "")};
    struct node gpu[] = {leaf(NODE_INT, "count", "17"), leaf(NODE_INT, "cuont", "1")};
    struct node rows[] = {
        leaf(NODE_INT, "fanuot", "3"),        leaf(NODE_INT, "max_itms", "3"),
        leaf(NODE_INT, "max_items", "65"),    leaf(NODE_STRING, "wait", "15 parsecs"),
        leaf(NODE_STRING, "steal", "yes"),    leaf(NODE_STRING, "kind", "quik"),
        tree(NODE_LIST, "boards", boards, 2), tree(NODE_MAP, "gpu", gpu, 2),
        leaf(NODE_STRING, "gpus", "A10"),     leaf(NODE_NUMBER, "payload", ".inf"),
    };
    struct node section = tree(NODE_MAP, "", rows, COUNT(rows));
    struct node bare[] = {leaf(NODE_STRING, "node_id", "a"), leaf(NODE_INT, "wait", "15")};
    struct node other = tree(NODE_MAP, "", bare, COUNT(bare));
    struct field_arena arena;
    struct reports reports;
    struct all out;

    (void)state;

    assert_int_equal(load(&section, &out, &arena, &reports), RH_EINVAL);

    assert_string_equal(
        reports.text,
        "1k unknown key \"fanuot\"\n"
        "2k unknown key \"max_itms\"; did you mean \"max_items\"?\n"
        "3 max_items: 65 is not an integer in [1, 64]; default 1\n"
        "4 wait: \"15 parsecs\" is not a duration (ns us ms s m h) in [100ms, 10m]; default 15s\n"
        "5 steal: \"yes\" is not true or false; yes, no, on and off are not booleans in YAML 1.2; "
        "default true\n"
        "6 kind: \"quik\" is not one of \"quick\", \"standard\", \"thorough\"; did you mean "
        "\"quick\"?; default quick\n"
        "2 boards[1]: null is not a string of at most 4096 bytes\n"
        "1 gpu.count: 17 is not an integer in [0, 16]; default 1\n"
        "2k unknown key \"gpu.cuont\"; did you mean \"count\"?\n"
        "9 gpus: \"A10\" is not a list of at most 4 objects\n"
        "10 payload: .inf is not a JSON value\n"
        "0 \"node_id\" is required\n");
    assert_int_equal(out.wait, 0);
    field_arena_release(&arena);
    assert_int_equal(load(&other, &out, &arena, &reports), RH_EINVAL);
    assert_string_equal(reports.text,
                        "2 wait: 15 is not a duration (ns us ms s m h) in [100ms, 10m]; it needs a "
                        "unit, such as 15s; default 15s\n");
    field_arena_release(&arena);
}

static void secrets_are_not_shown(void **state)
{
    struct rh_field field = RH_TEXT(struct all, node_id, RH_SECRET, 3, "token");
    struct rh_fields table = {&field, 1, sizeof(field), sizeof(struct all), 0};
    struct node rows[] = {leaf(NODE_STRING, "node_id", "hunter2")};
    struct node section = tree(NODE_MAP, "", rows, 1);
    struct field_arena arena;
    struct reports reports = {"", 0};
    struct all out;

    (void)state;
    field_arena_init(&arena, 1000);

    assert_int_equal(field_decode_node(&table, &section, note, &reports, &out, &arena), RH_EINVAL);

    assert_null(strstr(reports.text, "hunter2"));
    assert_non_null(strstr(reports.text, "node_id: the value is not"));
    field_arena_release(&arena);
}

static void an_empty_section_has_only_defaults(void **state)
{
    static const struct rh_fields table = RH_FIELDS(struct gpu, gpu_fields);
    struct node empty = leaf(NODE_NULL, "", "");
    struct node list = tree(NODE_LIST, "", NULL, 0);
    struct field_arena arena;
    struct reports reports = {"", 0};
    struct gpu out;

    (void)state;
    field_arena_init(&arena, 1000);
    assert_int_equal(field_decode_node(&table, NULL, note, &reports, &out, &arena), RH_OK);
    assert_int_equal(out.count, 1);
    assert_int_equal(field_decode_node(&table, &empty, note, &reports, &out, &arena), RH_OK);
    assert_int_equal(field_decode_node(&table, &list, note, &reports, &out, &arena), RH_EINVAL);
    assert_string_equal(reports.text, "0 the section: a list is not an object\n");
    field_arena_release(&arena);
}

static void a_full_arena_is_reported(void **state)
{
    struct node boards[] = {leaf(NODE_STRING, "", "x"), leaf(NODE_STRING, "", "y")};
    struct node rows[] = {leaf(NODE_STRING, "node_id", "a"), tree(NODE_LIST, "boards", boards, 2)};
    struct node section = tree(NODE_MAP, "", rows, 2);
    struct field_arena arena;
    struct reports reports = {"", 0};
    struct all out;

    (void)state;
    field_arena_init(&arena, 16);

    assert_int_equal(field_decode_node(&all_table, &section, note, &reports, &out, &arena),
                     RH_ETOOLARGE);

    assert_string_equal(reports.text, "2 the configuration needs more memory than is allowed\n");
    field_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_in_place_of_an_object_is_its_first_field),
        cmocka_unit_test(fills_every_type),
        cmocka_unit_test(reports_every_problem_at_its_node),
        cmocka_unit_test(secrets_are_not_shown),
        cmocka_unit_test(an_empty_section_has_only_defaults),
        cmocka_unit_test(a_full_arena_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
