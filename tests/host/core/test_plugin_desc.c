/* Tests of host/core/plugin_desc.c. */
#include "tests/host/core/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/role/membership.h>

#include "host/core/plugin_desc.h"

struct claim {
    struct rh_str node_id;
    int64_t max_items;
};

static const struct rh_field claim_fields[] = {
    RH_STR(struct claim, node_id, RH_REQUIRED, "who claims"),
    RH_INT(struct claim, max_items, 1, 1, 64, "how many"),
};
#define CLAIM                                                            \
    {                                                                    \
        claim_fields, 2, sizeof claim_fields[0], sizeof(struct claim), 0 \
    }

static int32_t handle(void *self, rh_req req, const void *fields)
{
    (void)self;
    (void)req;
    (void)fields;
    return RH_OK;
}

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/work/claim", RH_WORKER, 0, CLAIM, handle, "Claim work."),
    RH_ROUTE("GET", "/work/stats", RH_READ, RH_IDEMPOTENT, {0}, handle, "Counts."),
};

static const struct rh_namespace replicated[] = {{
    .size = sizeof(struct rh_namespace),
    .flags = RH_NS_REPLICATED,
    .name = "work",
    .schema_read_min = 1,
    .schema_write = 1,
}};

static const struct rh_plugin plain = {
    .size = sizeof(struct rh_plugin),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .id = "work",
    .version = "1.0",
    RH_TABLE(routes, route),
};

static struct plugin_desc *normal(const struct rh_plugin *entry)
{
    struct plugin_desc *desc = NULL;
    char why[PLUGIN_WHY_MAX] = "";

    if (plugin_desc_normalise(entry, &desc, why) != RH_OK)
        fail_msg("refused: %s", why);
    return desc;
}

static void assert_refused(const struct rh_plugin *entry, int32_t rc, const char *words)
{
    struct plugin_desc *desc = NULL;
    char why[PLUGIN_WHY_MAX] = "";

    assert_int_equal(plugin_desc_normalise(entry, &desc, why), rc);
    assert_null(desc);
    if (!strstr(why, words))
        fail_msg("\"%s\" is not in: %s", words, why);
}

static void arrays_and_tables_are_copies(void **state)
{
    struct plugin_desc *desc = normal(&plain);

    (void)state;
    assert_int_equal(desc->desc.route_count, 2);
    assert_ptr_not_equal(desc->desc.routes, routes);
    assert_memory_equal(&desc->desc.routes[1], &routes[1], offsetof(struct rh_route, request));
    assert_ptr_not_equal(desc->desc.routes[0].request.fields, claim_fields);
    assert_memory_equal(desc->desc.routes[0].request.fields, claim_fields, sizeof claim_fields);
    assert_ptr_equal(desc->desc.routes[0].handler, handle);
    assert_int_equal(desc->unknown_tails, 0);
    plugin_desc_free(desc);
}

static void a_replicated_namespace_makes_every_route_the_leaders(void **state)
{
    struct rh_plugin entry = plain;
    struct plugin_desc *desc;

    (void)state;
    entry.namespaces = replicated;
    entry.namespace_count = 1;
    entry.namespace_stride = sizeof replicated[0];
    desc = normal(&entry);
    assert_int_equal(desc->desc.routes[0].flags, RH_LEADER);
    assert_int_equal(desc->desc.routes[1].flags, RH_LEADER | RH_IDEMPOTENT);
    assert_int_equal(routes[0].flags, 0);
    plugin_desc_free(desc);
}

/* A route as later headers may have it. */
struct wide_route {
    struct rh_route known;
    uint64_t later;
};

static void rows_of_a_newer_plugin_are_cut(void **state)
{
    struct wide_route wide[2] = {{routes[0], 5}, {routes[1], 0}};
    struct rh_plugin entry = plain;
    struct plugin_desc *desc;

    (void)state;
    wide[0].known.size = sizeof wide[0];
    wide[1].known.size = sizeof wide[1];
    entry.routes = &wide[0].known;
    entry.route_stride = sizeof wide[0];
    desc = normal(&entry);
    assert_string_equal(desc->desc.routes[1].path, "/work/stats");
    assert_int_equal(desc->desc.routes[1].size, sizeof(struct rh_route));
    assert_int_equal(desc->desc.route_stride, sizeof(struct rh_route));
    assert_int_equal(desc->unknown_tails, 1);
    plugin_desc_free(desc);
}

/* A field as earlier headers may have had it: without given_offset and struct_size. */
#define NARROW (offsetof(struct rh_field, struct_size))

static void rows_of_an_older_plugin_are_filled_with_zeros(void **state)
{
    _Alignas(8) unsigned char narrow[2 * NARROW];
    struct rh_route route = routes[0];
    struct rh_plugin entry = plain;
    struct plugin_desc *desc;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint32_t size = NARROW;

        memcpy(narrow + i * NARROW, &claim_fields[i], NARROW);
        memcpy(narrow + i * NARROW, &size, sizeof size);
    }
    route.request.fields = (const struct rh_field *)(const void *)narrow;
    route.request.stride = NARROW;
    entry.routes = &route;
    entry.route_count = 1;
    desc = normal(&entry);
    assert_int_equal(desc->desc.routes[0].request.stride, sizeof(struct rh_field));
    assert_string_equal(desc->desc.routes[0].request.fields[1].name, "max_items");
    assert_int_equal(desc->desc.routes[0].request.fields[1].given_offset, 0);
    plugin_desc_free(desc);
}

static void a_descriptor_of_an_older_plugin_ends_early(void **state)
{
    struct rh_plugin entry = plain;
    struct plugin_desc *desc;

    (void)state;
    entry.size = offsetof(struct rh_plugin, loop_count);
    entry.loop_count = 77; /* lies behind the plugin's struct */
    desc = normal(&entry);
    assert_int_equal(desc->desc.loop_count, 0);
    assert_int_equal(desc->desc.size, sizeof(struct rh_plugin));
    plugin_desc_free(desc);
}

static void strides_and_sizes_must_fit(void **state)
{
    struct rh_route row = routes[0];
    struct rh_plugin entry = plain;

    (void)state;
    entry.route_stride = 4;
    assert_refused(&entry, RH_EINVAL, "routes: a stride of 4 bytes");
    entry.route_stride = sizeof row;
    entry.route_count = 1;
    entry.routes = &row;
    row.size = sizeof row + 8;
    assert_refused(&entry, RH_EINVAL, "routes[0]: size");
    row.size = 0;
    assert_refused(&entry, RH_EINVAL, "routes[0]: size 0 does not fit");
    entry.routes = NULL;
    assert_refused(&entry, RH_EINVAL, "1 routes, but no array");
    entry.route_count = PLUGIN_ROUTES_MAX + 1;
    assert_refused(&entry, RH_EINVAL, "257 routes, more than 256");
    entry.size = 12;
    assert_refused(&entry, RH_EINVAL, "size is 12 bytes");
}

static void another_abi_says_which_side_to_upgrade(void **state)
{
    struct rh_plugin entry = plain;

    (void)state;
    entry.abi_major = RH_ABI_MAJOR + 1;
    assert_refused(&entry, RH_EUNSUPPORTED, "this host has 0.1: upgrade the host");
    entry = plain;
    entry.abi_minor = RH_ABI_MINOR + 5;
    plugin_desc_free(normal(&entry));
    entry.min_host_minor = RH_ABI_MINOR + 1;
    assert_refused(&entry, RH_EUNSUPPORTED,
                   "needs a host with plugin ABI 0.2 or later, this host has 0.1");
}

static void role_tables_are_copied_and_completed(void **state)
{
    struct {
        struct rh_membership_role_v1 known;
        uint64_t later;
    } table = {.known = {.size = sizeof table}, .later = 1};
    struct rh_role role = {sizeof role, 100, RH_MEMBERSHIP_ROLE, &table};
    struct rh_plugin entry = plain;
    struct plugin_desc *desc;
    const struct rh_membership_role_v1 *copy;

    (void)state;
    entry.roles = &role;
    entry.role_count = 1;
    entry.role_stride = sizeof role;
    desc = normal(&entry);
    copy = desc->desc.roles[0].table;
    assert_ptr_not_equal(copy, &table);
    assert_int_equal(copy->size, sizeof *copy);
    assert_int_equal(desc->unknown_tails, 1);
    plugin_desc_free(desc);
    table.known.size = 4;
    assert_refused(&entry, RH_EINVAL, "role membership/1: its table's size is 4");
}

static void wrong_field_tables_are_refused_by_route(void **state)
{
    struct rh_field fields[2] = {claim_fields[0], claim_fields[1]};
    struct rh_route route = routes[0];
    struct rh_plugin entry = plain;

    (void)state;
    fields[1].fallback = "many";
    route.request.fields = fields;
    entry.routes = &route;
    entry.route_count = 1;
    assert_refused(&entry, RH_EINVAL, "route /work/claim: request: ");
    assert_refused(&entry, RH_EINVAL, "max_items");
}

static void a_table_that_contains_itself_is_refused(void **state)
{
    struct rh_field loop = {.size = sizeof loop,
                            .type = RH_FIELD_OBJECT_LIST,
                            .name = "again",
                            .max = 4,
                            .field_count = 1,
                            .field_stride = sizeof loop,
                            .struct_size = sizeof(struct rh_list)};
    struct rh_plugin entry = plain;

    (void)state;
    loop.fields = &loop;
    entry.config = (struct rh_fields){&loop, 1, sizeof loop, sizeof(struct rh_list), 0};
    assert_refused(&entry, RH_EINVAL, "plugin work: config: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_and_tables_are_copies),
        cmocka_unit_test(a_replicated_namespace_makes_every_route_the_leaders),
        cmocka_unit_test(rows_of_a_newer_plugin_are_cut),
        cmocka_unit_test(rows_of_an_older_plugin_are_filled_with_zeros),
        cmocka_unit_test(a_descriptor_of_an_older_plugin_ends_early),
        cmocka_unit_test(strides_and_sizes_must_fit),
        cmocka_unit_test(another_abi_says_which_side_to_upgrade),
        cmocka_unit_test(role_tables_are_copied_and_completed),
        cmocka_unit_test(wrong_field_tables_are_refused_by_route),
        cmocka_unit_test(a_table_that_contains_itself_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
