/* /openapi.json: well-formed, every route in it, and the fields that the routes take. */
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "tests/host/core/cmocka_all.h"

#include "host/core/core_internal.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static cJSON *openapi(struct life_node *n)
{
    cJSON *root;

    assert_int_equal(life_node_get(n, "/openapi.json"), 200);
    root = cJSON_Parse(n->reply.body);
    assert_non_null(root);
    return root;
}

static const cJSON *at(const cJSON *node, const char *first, const char *second, const char *third)
{
    const char *const keys[] = {first, second, third};

    for (size_t i = 0; i < 3 && keys[i]; i++) {
        node = cJSON_GetObjectItemCaseSensitive(node, keys[i]);
        if (!node)
            fail_msg("no \"%s\"", keys[i]);
    }
    return node;
}

static void it_is_version_3_1_with_info_paths_and_components(void **state)
{
    struct life_node n;
    cJSON *root;

    (void)state;
    life_node_start(&n, LIFE_ROUTES | LIFE_LOCAL);

    root = openapi(&n);

    assert_string_equal(cJSON_GetStringValue(at(root, "openapi", NULL, NULL)), "3.1.0");
    assert_string_equal(cJSON_GetStringValue(at(root, "info", "title", NULL)), "ringhost");
    assert_string_equal(cJSON_GetStringValue(at(root, "info", "version", NULL)), "test");
    assert_true(cJSON_IsObject(at(root, "paths", NULL, NULL)));
    assert_true(cJSON_IsObject(at(root, "components", "schemas", "Error")));
    assert_true(cJSON_IsObject(at(root, "components", "securitySchemes", "bearer")));
    cJSON_Delete(root);
    life_node_end(&n);
}

static void every_route_is_in_it_once_and_nothing_else(void **state)
{
    struct route_entry *list[ROUTER_ROUTES_MAX];
    uint32_t count;
    uint32_t found = 0;
    const cJSON *path;
    const cJSON *operation;
    struct life_node n;
    cJSON *root;

    (void)state;
    life_node_start(&n, LIFE_ROUTES | LIFE_LOCAL);
    count = router_list(&n.host->core->router, list);

    root = openapi(&n);

    for (uint32_t i = 0; i < count; i++) {
        char method[8] = "";

        for (size_t c = 0; list[i]->def.method[c]; c++)
            method[c] = (char)(list[i]->def.method[c] + ('a' - 'A'));
        (void)at(root, "paths", list[i]->def.path, method);
    }
    cJSON_ArrayForEach(path, at(root, "paths", NULL, NULL))
    {
        const cJSON *other;
        uint32_t same = 0;

        cJSON_ArrayForEach(other, at(root, "paths", NULL, NULL)) same +=
            strcmp(other->string, path->string) == 0;
        assert_int_equal(same, 1);
        cJSON_ArrayForEach(operation, path) found++;
    }
    assert_int_equal(found, count);
    cJSON_Delete(root);
    life_node_end(&n);
}

static void operation_ids_are_unique_and_each_operation_has_responses(void **state)
{
    const cJSON *path;
    const cJSON *operation;
    char seen[8192] = " ";
    struct life_node n;
    cJSON *root;

    (void)state;
    life_node_start(&n, LIFE_ROUTES | LIFE_LOCAL);

    root = openapi(&n);

    cJSON_ArrayForEach(path, at(root, "paths", NULL, NULL))
    {
        cJSON_ArrayForEach(operation, path)
        {
            char id[128];
            size_t used = strlen(seen);

            snprintf(id, sizeof id, " %s ",
                     cJSON_GetStringValue(at(operation, "operationId", NULL, NULL)));
            assert_null(strstr(seen, id));
            assert_true(snprintf(seen + used, sizeof seen - used, "%s ", id + 1) > 0);
            assert_true(cJSON_IsObject(at(operation, "responses", "default", NULL)));
            assert_true(cJSON_IsObject(at(operation, "responses", "2XX", NULL)));
        }
    }
    cJSON_Delete(root);
    life_node_end(&n);
}

static void a_query_is_parameters_and_a_body_is_a_schema(void **state)
{
    const cJSON *parameter;
    const cJSON *schema;
    struct life_node n;
    cJSON *root;

    (void)state;
    life_node_start(&n, LIFE_ROUTES | LIFE_LOCAL);

    root = openapi(&n);

    parameter =
        cJSON_GetArrayItem(at(at(root, "paths", "/life/get", "get"), "parameters", NULL, NULL), 0);
    assert_string_equal(cJSON_GetStringValue(at(parameter, "name", NULL, NULL)), "key");
    assert_string_equal(cJSON_GetStringValue(at(parameter, "in", NULL, NULL)), "query");
    assert_true(cJSON_IsTrue(at(parameter, "required", NULL, NULL)));
    schema = at(at(at(root, "paths", "/life/put", "post"), "requestBody", "content", NULL),
                "application/json", "schema", NULL);
    assert_true(cJSON_IsObject(at(schema, "properties", "key", NULL)));
    assert_int_equal(cJSON_GetArraySize(at(schema, "required", NULL, NULL)), 2);
    cJSON_Delete(root);
    life_node_end(&n);
}

static void scopes_and_leaders_routes_are_shown(void **state)
{
    struct life_node n;
    cJSON *root;

    (void)state;
    life_node_start(&n, LIFE_ROUTES | LIFE_REPLICATED);

    root = openapi(&n);

    assert_true(cJSON_IsTrue(at(at(root, "paths", "/life/get", "get"), "x-leader", NULL, NULL)));
    assert_int_equal(
        cJSON_GetArraySize(at(at(root, "paths", "/life/get", "get"), "security", NULL, NULL)), 0);
    assert_string_equal(cJSON_GetStringValue(at(at(root, "paths", "/admin/shutdown", "post"),
                                                "x-scope", NULL, NULL)),
                        "admin");
    assert_int_equal(cJSON_GetArraySize(
                         at(at(root, "paths", "/admin/shutdown", "post"), "security", NULL, NULL)),
                     1);
    cJSON_Delete(root);
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_version_3_1_with_info_paths_and_components),
        cmocka_unit_test(every_route_is_in_it_once_and_nothing_else),
        cmocka_unit_test(operation_ids_are_unique_and_each_operation_has_responses),
        cmocka_unit_test(a_query_is_parameters_and_a_body_is_a_schema),
        cmocka_unit_test(scopes_and_leaders_routes_are_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
