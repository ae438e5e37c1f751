/* Routes for readers: the list for scripts and the page; see docs_print.h. */
#include "host/core/docs_routes.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/sort.h>

#include "host/core/core.h"
#include "host/core/field_markdown.h"
#include "host/core/field_words.h"
#include "host/core/tokens.h"

/* Results of appending are not looked at here: they stick to the buffer. */

static int by_path(const void *a, const void *b, void *user)
{
    const struct docs_route *left = a;
    const struct docs_route *right = b;
    int order = strcmp(left->def->path, right->def->path);

    (void)user;
    return order != 0 ? order : strcmp(left->def->method, right->def->method);
}

int32_t docs_routes_list(const struct docs_input *in, struct docs_route **out, uint32_t *count)
{
    size_t total = in->host_route_count;
    struct docs_route *list;
    uint32_t n = 0;
    int32_t rc;

    for (uint32_t i = 0; i < in->plugin_count; i++)
        total += in->plugins[i]->desc.route_count;
    list = calloc(total + 1, sizeof *list);
    if (!list)
        return RH_ENOMEM;
    for (uint32_t i = 0; i < in->host_route_count; i++)
        list[n++] = (struct docs_route){&in->host_routes[i], "host"};
    for (uint32_t i = 0; i < in->plugin_count; i++)
        for (uint32_t k = 0; k < in->plugins[i]->desc.route_count; k++)
            list[n++] =
                (struct docs_route){&in->plugins[i]->desc.routes[k], in->plugins[i]->desc.id};
    rc = rh_sort(list, n, sizeof *list, by_path, NULL, NULL);
    if (rc != RH_OK) {
        free(list);
        return rc;
    }
    *out = list;
    *count = n;
    return RH_OK;
}

static const char *or_dash(const char *text)
{
    return text && text[0] ? text : "-";
}

int32_t routes_print_tsv(const struct docs_input *in, struct rh_buf *out)
{
    struct docs_route *list = NULL;
    uint32_t count = 0;
    int32_t rc = docs_routes_list(in, &list, &count);

    for (uint32_t i = 0; rc == RH_OK && i < count; i++) {
        const struct rh_route *def = list[i].def;

        (void)rh_buf_printf(out, "%s\t%s\t%s\t%s\t%s\t%s:%" PRIu32 "\n", def->method, def->path,
                            list[i].owner, scope_name(def->scope), or_dash(def->handler_name),
                            or_dash(def->file), def->line);
    }
    free(list);
    return rc == RH_OK ? out->rc : rc;
}

/* Text of a table's cell: a bar would end it. */
static void print_cell(const char *text, struct rh_buf *out)
{
    for (; text && *text; text++) {
        if (*text == '|')
            (void)rh_buf_append_byte(out, '\\');
        (void)rh_buf_append_byte(out, *text);
    }
}

static void print_table(const struct docs_route *list, uint32_t count, struct rh_buf *out)
{
    (void)rh_buf_append_c(out,
                          "\n| Method | Path | Plugin | Scope | What |\n|---|---|---|---|---|\n");
    for (uint32_t i = 0; i < count; i++) {
        (void)rh_buf_printf(out, "| %s | `%s` | %s | %s | ", list[i].def->method, list[i].def->path,
                            list[i].owner, scope_name(list[i].def->scope));
        print_cell(list[i].def->summary, out);
        (void)rh_buf_append_c(out, " |\n");
    }
}

/* Milliseconds as a reader says them. */
static void print_ms(uint32_t ms, struct rh_buf *out)
{
    if (ms % 1000 == 0)
        (void)rh_buf_printf(out, "%" PRIu32 " s", ms / 1000);
    else
        (void)rh_buf_printf(out, "%" PRIu32 " ms", ms);
}

static void print_bytes(uint32_t bytes, struct rh_buf *out)
{
    if (bytes % (1024u * 1024u) == 0)
        (void)rh_buf_printf(out, "%" PRIu32 " MiB", bytes / (1024u * 1024u));
    else if (bytes % 1024u == 0)
        (void)rh_buf_printf(out, "%" PRIu32 " KiB", bytes / 1024u);
    else
        (void)rh_buf_printf(out, "%" PRIu32 " bytes", bytes);
}

static void print_facts(const struct docs_route *route, struct rh_buf *out)
{
    static const struct {
        uint32_t flag;
        const char *text;
    } flags[] = {
        {RH_LEADER, "runs on the node that leads; asked elsewhere, it is forwarded"},
        {RH_IDEMPOTENT, "may be sent twice without harm"},
        {RH_RAW_BODY, "the body is application/octet-stream"},
        {RH_STREAM, "the answer is a stream"},
        {RH_CONTROL, "answers when the node is overloaded"},
        {RH_ALWAYS, "answers while the node loads or drains"},
    };
    const struct rh_route *def = route->def;
    bool has_body = strcmp(def->method, "GET") != 0 && strcmp(def->method, "DELETE") != 0;

    (void)rh_buf_printf(out, "\nPlugin %s, scope %s. Deadline ", route->owner,
                        scope_name(def->scope));
    print_ms(def->timeout_ms ? def->timeout_ms : CORE_TIMEOUT_MS_DEFAULT, out);
    if (has_body) {
        (void)rh_buf_append_c(out, ", body at most ");
        print_bytes(def->body_max ? def->body_max : CORE_BODY_MAX_DEFAULT, out);
    }
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if ((def->flags & flags[i].flag) != 0)
            (void)rh_buf_printf(out, "; %s", flags[i].text);
    (void)rh_buf_append_c(out, ".\n");
}

static void print_fields(const char *title, const struct rh_fields *fields, uint32_t notation,
                         struct rh_buf *out)
{
    if (fields->count == 0)
        return;
    (void)rh_buf_printf(out, "\n%s:\n\n", title);
    field_markdown_write(fields, notation, out);
}

static void print_route(const struct docs_route *route, struct rh_buf *out)
{
    const struct rh_route *def = route->def;
    bool is_query = strcmp(def->method, "GET") == 0 || strcmp(def->method, "DELETE") == 0 ||
                    (def->flags & RH_RAW_BODY) != 0;

    (void)rh_buf_printf(out, "\n## %s %s\n", def->method, def->path);
    if (def->summary && def->summary[0])
        (void)rh_buf_printf(out, "\n%s\n", def->summary);
    if (def->doc && def->doc[0])
        (void)rh_buf_printf(out, "\n%s\n", def->doc);
    print_facts(route, out);
    if (is_query)
        print_fields("Query", &def->request, FIELD_IN_TEXT, out);
    else
        print_fields("Request", &def->request, FIELD_IN_JSON, out);
    print_fields("Reply", &def->reply, FIELD_IN_JSON, out);
}

int32_t docs_print_routes(const struct docs_input *in, struct rh_buf *out)
{
    struct docs_route *list = NULL;
    uint32_t count = 0;
    int32_t rc = docs_routes_list(in, &list, &count);

    if (rc != RH_OK)
        return rc;
    (void)rh_buf_append_c(
        out, "<!-- Written by ./dev docs from the programs' own tables: change those. -->\n"
             "# Routes\n\n"
             "Requests and replies are JSON objects in UTF-8 unless a route says otherwise. Errors "
             "have one shape: `{\"error\":{\"code\":\"...\",\"message\":\"...\"}}`, with `field` "
             "and `details` where they help.\n");
    print_table(list, count, out);
    for (uint32_t i = 0; i < count; i++)
        print_route(&list[i], out);
    free(list);
    return out->rc;
}
