/* Configuration values become JSON that the scanner accepts. */
#include "host/core/node_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/field_tree.h"
#include "host/core/json_scan.h"

static void writes_every_kind(void **state)
{
    struct node items[] = {leaf(NODE_INT, "", "-7"), leaf(NODE_NUMBER, "", "1e2"),
                           leaf(NODE_NULL, "", ""), leaf(NODE_BOOL, "", "true")};
    struct node rows[] = {leaf(NODE_STRING, "a\"b", "x\n"), tree(NODE_LIST, "l", items, 4),
                          tree(NODE_MAP, "m", NULL, 0)};
    struct node map = tree(NODE_MAP, "", rows, 3);
    struct field_arena arena;
    struct rh_str out;

    (void)state;
    field_arena_init(&arena, 1000);

    assert_int_equal(node_json(&map, &arena, &out), RH_OK);

    assert_int_equal(json_check(out, NULL, 0), RH_OK);
    assert_true(rh_str_eq_c(out, "{\"a\\\"b\":\"x\\n\",\"l\":[-7,100,null,true],\"m\":{}}"));
    field_arena_release(&arena);
}

static void refuses_what_json_cannot_hold(void **state)
{
    struct node bad = leaf(NODE_NUMBER, "", ".nan");
    struct node octal = leaf(NODE_INT, "", "0o17");
    struct node levels[66];
    struct field_arena arena;
    struct rh_str out = {NULL, 0};

    (void)state;
    field_arena_init(&arena, 1000);
    levels[65] = leaf(NODE_INT, "", "1");
    for (int i = 64; i >= 0; i--)
        levels[i] = tree(NODE_LIST, "", &levels[i + 1], 1);
    assert_int_equal(node_json(&bad, &arena, &out), RH_EINVAL);
    assert_int_equal(node_json(&octal, &arena, &out), RH_EINVAL);
    assert_int_equal(node_json(&levels[0], &arena, &out), RH_EINVAL);
    assert_int_equal(node_json(&levels[1], &arena, &out), RH_OK);
    field_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_every_kind),
        cmocka_unit_test(refuses_what_json_cannot_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
