/* Tests of host/core/router.c. */
#include "tests/host/core/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/core/router.h"

static struct route_entry entry_of(const char *method, const char *path)
{
    return (struct route_entry){.def = {.method = method, .path = path}};
}

static struct route_entry *find(const struct router *router, const char *method, const char *path,
                                struct route_entry **known)
{
    return router_find(router, rh_str_from(method), rh_str_from(path), known);
}

static void routes_are_found_by_path_and_method(void **state)
{
    struct route_entry get = entry_of("GET", "/work");
    struct route_entry post = entry_of("POST", "/work");
    struct route_entry *known;
    struct router router;

    (void)state;
    router_init(&router, 1);
    assert_int_equal(router_add(&router, &get), RH_OK);
    assert_int_equal(router_add(&router, &post), RH_OK);

    assert_ptr_equal(find(&router, "GET", "/work", &known), &get);
    assert_ptr_equal(find(&router, "POST", "/work", &known), &post);
    assert_ptr_equal(find(&router, "HEAD", "/work", &known), &get);
    assert_null(find(&router, "PUT", "/work", &known));
    assert_non_null(known);
    assert_null(find(&router, "GET", "/work/", &known));
    assert_null(known);
    router_release(&router);
}

static void the_same_route_twice_is_refused(void **state)
{
    struct route_entry one = entry_of("GET", "/work");
    struct route_entry two = entry_of("GET", "/work");
    struct route_entry *known;
    struct router router;

    (void)state;
    router_init(&router, 1);
    assert_int_equal(router_add(&router, &one), RH_OK);
    assert_int_equal(router_add(&router, &two), RH_EEXISTS);
    assert_ptr_equal(find(&router, "GET", "/work", &known), &one);
    assert_int_equal(router.count, 1);
    router_release(&router);
}

static void removing_leaves_the_other_methods(void **state)
{
    struct route_entry entries[3] = {entry_of("GET", "/a"), entry_of("POST", "/a"),
                                     entry_of("PUT", "/a")};
    struct route_entry stranger = entry_of("GET", "/b");
    struct route_entry *known;
    struct router router;

    (void)state;
    router_init(&router, 1);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(router_add(&router, &entries[i]), RH_OK);
    router_remove(&router, &stranger);
    router_remove(&router, &entries[2]); /* the first of its path */
    assert_null(find(&router, "PUT", "/a", &known));
    assert_ptr_equal(find(&router, "GET", "/a", &known), &entries[0]);
    router_remove(&router, &entries[0]);
    assert_ptr_equal(find(&router, "POST", "/a", &known), &entries[1]);
    router_remove(&router, &entries[1]);

    assert_null(find(&router, "POST", "/a", &known));
    assert_null(known);
    assert_int_equal(router.count, 0);
    router_release(&router);
}

static void the_list_is_ordered_by_path_and_method(void **state)
{
    struct route_entry entries[4] = {entry_of("POST", "/b"), entry_of("GET", "/c"),
                                     entry_of("GET", "/b"), entry_of("GET", "/a")};
    struct route_entry *list[ROUTER_ROUTES_MAX];
    struct router router;

    (void)state;
    router_init(&router, 1);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(router_add(&router, &entries[i]), RH_OK);
    assert_int_equal(router_list(&router, list), 4);
    assert_ptr_equal(list[0], &entries[3]);
    assert_ptr_equal(list[1], &entries[2]);
    assert_ptr_equal(list[2], &entries[0]);
    assert_ptr_equal(list[3], &entries[1]);
    router_release(&router);
}

static void near_paths_come_nearest_first(void **state)
{
    struct route_entry entries[5] = {entry_of("GET", "/work/stats"), entry_of("GET", "/work/state"),
                                     entry_of("GET", "/work/claim"), entry_of("GET", "/elo/table"),
                                     entry_of("GET", "/work/start")};
    const char *near[ROUTER_NEAR_MAX];
    struct router router;

    (void)state;
    router_init(&router, 1);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(router_add(&router, &entries[i]), RH_OK);
    assert_int_equal(router_near(&router, RH_STR_LIT("/work/stat"), near), 3);
    assert_string_equal(near[0], "/work/stats");
    assert_string_equal(near[1], "/work/state");
    assert_string_equal(near[2], "/work/start");
    assert_int_equal(router_near(&router, RH_STR_LIT("/nothing/like/it/at/all"), near), 0);
    router_release(&router);
}

static void a_full_table_takes_no_more(void **state)
{
    static struct route_entry entries[ROUTER_ROUTES_MAX + 1];
    static char paths[ROUTER_ROUTES_MAX + 1][16];
    struct router router;

    (void)state;
    router_init(&router, 1);
    for (uint32_t i = 0; i <= ROUTER_ROUTES_MAX; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "/%u", i % 2000u);
        entries[i] = entry_of("GET", paths[i]);
        assert_int_equal(router_add(&router, &entries[i]),
                         i < ROUTER_ROUTES_MAX ? RH_OK : RH_EFULL);
    }
    router_release(&router);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_are_found_by_path_and_method),
        cmocka_unit_test(the_same_route_twice_is_refused),
        cmocka_unit_test(removing_leaves_the_other_methods),
        cmocka_unit_test(the_list_is_ordered_by_path_and_method),
        cmocka_unit_test(near_paths_come_nearest_first),
        cmocka_unit_test(a_full_table_takes_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
