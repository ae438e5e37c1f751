/* OpenAPI 3.1 of every route of this node, from the same tables that decode requests. */
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/core/field_schema.h"

#define CONTENT_JSON "application/json"

static void write_ref(struct rh_json_writer *w, const char *description, const char *ref)
{
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "description", description);
    rh_json_key(w, "content");
    rh_json_begin_object(w);
    rh_json_key(w, CONTENT_JSON);
    rh_json_begin_object(w);
    rh_json_key(w, "schema");
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "$ref", ref);
    rh_json_end_object(w);
    rh_json_end_object(w);
    rh_json_end_object(w);
    rh_json_end_object(w);
}

static void write_parameters(struct rh_json_writer *w, const struct rh_fields *table)
{
    rh_json_key(w, "parameters");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < table->count; i++) {
        const struct rh_field *field = &table->fields[i];

        rh_json_begin_object(w);
        rh_json_kv_strc(w, "name", field->name);
        rh_json_kv_strc(w, "in", "query");
        rh_json_kv_bool(w, "required", (field->flags & RH_REQUIRED) != 0);
        if (field->doc)
            rh_json_kv_strc(w, "description", field->doc);
        rh_json_key(w, "schema");
        field_schema_write_value(field, true, w);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
}

static void write_body(struct rh_json_writer *w, const struct rh_route *def)
{
    bool is_raw = (def->flags & RH_RAW_BODY) != 0;

    rh_json_key(w, "requestBody");
    rh_json_begin_object(w);
    rh_json_key(w, "content");
    rh_json_begin_object(w);
    rh_json_key(w, is_raw ? "application/octet-stream" : CONTENT_JSON);
    rh_json_begin_object(w);
    if (!is_raw) {
        rh_json_key(w, "schema");
        field_schema_write(&def->request, def->scope != RH_PEER && def->scope != RH_VOTER, w);
    }
    rh_json_end_object(w);
    rh_json_end_object(w);
    rh_json_end_object(w);
}

static void write_responses(struct rh_json_writer *w, const struct rh_route *def)
{
    rh_json_key(w, "responses");
    rh_json_begin_object(w);
    rh_json_key(w, "2XX");
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "description", "Done.");
    if (def->reply.count > 0) {
        rh_json_key(w, "content");
        rh_json_begin_object(w);
        rh_json_key(w, CONTENT_JSON);
        rh_json_begin_object(w);
        rh_json_key(w, "schema");
        field_schema_write(&def->reply, false, w);
        rh_json_end_object(w);
        rh_json_end_object(w);
    }
    rh_json_end_object(w);
    rh_json_key(w, "default");
    write_ref(w, "Refused or failed.", "#/components/schemas/Error");
    rh_json_end_object(w);
}

static void write_operation(struct rh_json_writer *w, const struct route_entry *entry)
{
    const struct rh_route *def = &entry->def;
    bool is_query = strcmp(def->method, "GET") == 0 || strcmp(def->method, "DELETE") == 0;
    char method[8];
    char operation[300];
    size_t n = 0;

    for (; def->method[n] && n + 1 < sizeof method; n++)
        method[n] = (char)(def->method[n] - 'A' + 'a');
    method[n] = '\0';
    rh_json_key(w, method);
    rh_json_begin_object(w);
    text_set(operation, sizeof operation, "%s%s", method,
             def->path); /* paths are at most 256 bytes */
    rh_json_kv_strc(w, "operationId", operation);
    rh_json_kv_strc(w, "summary", def->summary ? def->summary : "");
    if (def->doc)
        rh_json_kv_strc(w, "description", def->doc);
    rh_json_key(w, "tags");
    rh_json_begin_array(w);
    rh_json_string_c(w, entry->owner);
    rh_json_end_array(w);
    rh_json_kv_strc(w, "x-scope", scope_name(def->scope));
    rh_json_kv_bool(w, "x-leader", (def->flags & RH_LEADER) != 0);
    if (is_query || (def->flags & RH_RAW_BODY))
        write_parameters(w, &def->request);
    if (!is_query && (def->request.count > 0 || (def->flags & RH_RAW_BODY)))
        write_body(w, def);
    rh_json_key(w, "security");
    rh_json_begin_array(w);
    if (def->scope != RH_PUBLIC) {
        rh_json_begin_object(w);
        rh_json_key(w, "bearer");
        rh_json_begin_array(w);
        rh_json_end_array(w);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
    write_responses(w, def);
    rh_json_end_object(w);
}

int32_t openapi_write(struct core *core, struct rh_buf *out)
{
    static const char components[] = "{\"securitySchemes\":{\"bearer\":{\"type\":\"http\","
                                     "\"scheme\":\"bearer\"}},\"schemas\":{\"Error\":{\"type\":"
                                     "\"object\",\"required\":[\"error\"],\"properties\":{"
                                     "\"error\":{\"type\":\"object\",\"required\":[\"code\","
                                     "\"message\"],\"properties\":{\"code\":{\"type\":\"string\"},"
                                     "\"message\":{\"type\":\"string\"},\"field\":{"
                                     "\"type\":\"string\"},\"details\":{\"type\":\"object\"}}}}}}}";
    struct route_entry *list[ROUTER_ROUTES_MAX];
    uint32_t count = router_list(&core->router, list);
    struct rh_json_writer w;

    rh_json_init(&w, out);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "openapi", "3.1.0");
    rh_json_key(&w, "info");
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "title", "ringhost");
    rh_json_kv_strc(&w, "version", core->setup->version);
    rh_json_end_object(&w);
    rh_json_key(&w, "paths");
    rh_json_begin_object(&w);
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(list[i]->def.path, list[i - 1]->def.path) != 0) {
            if (i > 0)
                rh_json_end_object(&w);
            rh_json_key(&w, list[i]->def.path);
            rh_json_begin_object(&w);
        }
        write_operation(&w, list[i]);
    }
    if (count > 0)
        rh_json_end_object(&w);
    rh_json_end_object(&w);
    rh_json_kv_raw(&w, "components", rh_str_from(components));
    rh_json_end_object(&w);
    return rh_json_finish(&w);
}
