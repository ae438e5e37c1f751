/* The pages of events and of configuration; routes are in docs_routes.c. */
#include "host/core/docs_print.h"

#include <stdbool.h>
#include <string.h>

#include <ringhost/events.h>
#include <ringhost/sdk/str.h>

#include "host/core/field_markdown.h"
#include "host/core/field_words.h"

#define WRITTEN_BY "<!-- Written by ./dev docs from the programs' own tables: change those. -->\n"

/* Results of appending are not looked at here: they stick to the buffer. */

/* Catalogue types that the host itself publishes. */
static const char *const host_types[] = {"HOST_ONLINE", "HOST_OFFLINE", "LEADER_CHANGED",
                                         "SLOW_CALLBACK", "PLUGIN_STATE"};

static bool is_of_host(const char *type)
{
    for (size_t i = 0; i < sizeof host_types / sizeof host_types[0]; i++)
        if (strcmp(host_types[i], type) == 0)
            return true;
    return false;
}

static bool plugin_has(const struct rh_plugin *desc, const char *type, bool is_publisher)
{
    for (uint32_t i = 0; i < desc->event_count; i++)
        if ((desc->events[i].on_event == NULL) == is_publisher &&
            strcmp(desc->events[i].type, type) == 0)
            return true;
    return false;
}

/* A paragraph "lead a, b.", nothing when nobody does. */
static void print_who(const struct docs_input *in, const char *lead, const char *type,
                      bool is_publisher, struct rh_buf *out)
{
    bool is_first = true;

    if (is_publisher && is_of_host(type)) {
        (void)rh_buf_printf(out, "\n%s host", lead);
        is_first = false;
    }
    for (uint32_t i = 0; i < in->plugin_count; i++) {
        if (!plugin_has(&in->plugins[i]->desc, type, is_publisher))
            continue;
        if (is_first)
            (void)rh_buf_printf(out, "\n%s %s", lead, in->plugins[i]->desc.id);
        else
            (void)rh_buf_printf(out, ", %s", in->plugins[i]->desc.id);
        is_first = false;
    }
    if (!is_first)
        (void)rh_buf_append_c(out, ".\n");
}

static void print_event(const struct docs_input *in, const struct rh_event_def *def,
                        struct rh_buf *out)
{
    (void)rh_buf_printf(out, "\n## %s\n", def->type);
    if (def->doc && def->doc[0])
        (void)rh_buf_printf(out, "\n%s\n", def->doc);
    (void)rh_buf_append_c(out, def->kind == RH_EVENT_CLUSTER ? "\nKind: cluster.\n"
                                                             : "\nKind: local.\n");
    print_who(in, "Published by", def->type, true, out);
    print_who(in, "Subscribed by", def->type, false, out);
    if (def->payload.count == 0)
        return;
    (void)rh_buf_append_byte(out, '\n');
    field_markdown_write(&def->payload, FIELD_IN_JSON, out);
}

/* Types outside the catalogue; each is printed where its first publisher stands. */
static void print_added(const struct docs_input *in, struct rh_buf *out)
{
    for (uint32_t i = 0; i < in->plugin_count; i++) {
        const struct rh_plugin *desc = &in->plugins[i]->desc;

        for (uint32_t k = 0; k < desc->event_count; k++) {
            const struct rh_event_def *def = &desc->events[k];
            bool is_known = def->on_event || rh_event_find(rh_str_from(def->type));

            for (uint32_t earlier = 0; earlier < i && !is_known; earlier++)
                is_known = plugin_has(&in->plugins[earlier]->desc, def->type, true);
            if (!is_known)
                print_event(in, def, out);
        }
    }
}

int32_t docs_print_events(const struct docs_input *in, struct rh_buf *out)
{
    uint32_t count = 0;
    const struct rh_event_def *catalogue = rh_event_catalogue(&count);

    (void)rh_buf_append_c(
        out, WRITTEN_BY
        "# Events\n\n"
        "A cluster event is stored with the commit it belongs to: a crash can neither lose nor "
        "invent it. A local event lives in the memory of the node that saw it. `GET /events` "
        "streams both. Each carries `id`, `type`, `source`, `node_id`, `at` (Unix milliseconds) "
        "and `payload`, whose fields are below; and `cursor`, which `Last-Event-ID` and "
        "`ringctl events --since` take at the same node.\n");
    print_who(in, "All types are read by", "*", false, out);
    for (uint32_t i = 0; i < count; i++)
        print_event(in, &catalogue[i], out);
    print_added(in, out);
    return out->rc;
}

int32_t docs_print_configuration(const struct docs_input *in, const struct docs_kind *kinds,
                                 uint32_t kind_count, struct rh_buf *out)
{
    (void)rh_buf_append_c(
        out, WRITTEN_BY
        "# Configuration\n\n"
        "`conf.d/NN-name.yaml` files, read in the order of their names; each document in them has "
        "a `kind`. Durations take ns, us, ms, s, m and h; sizes KiB, MiB, GiB and kB, MB, GB. "
        "`kind: override` names one of `cluster: true`, `node: ID` or `plugin: ID` and changes "
        "what "
        "is defined there: maps merge, scalars and lists replace, null returns to the "
        "default. `ringhost --check` names every mistake with file, line and column.\n");
    for (uint32_t i = 0; i < kind_count; i++) {
        (void)rh_buf_printf(out, "\n## kind: %s\n\n%s\n\n", kinds[i].name, kinds[i].doc);
        field_markdown_write(kinds[i].fields, FIELD_IN_TEXT, out);
    }
    for (uint32_t i = 0; i < in->plugin_count; i++) {
        const struct rh_plugin *desc = &in->plugins[i]->desc;

        (void)rh_buf_printf(out, "\n## plugin: %s\n\n", desc->id);
        if (desc->summary && desc->summary[0])
            (void)rh_buf_printf(out, "%s ", desc->summary);
        (void)rh_buf_append_c(out, desc->config.count ? "In its section `config:`\n\n"
                                                      : "It has no settings.\n");
        field_markdown_write(&desc->config, FIELD_IN_TEXT, out);
    }
    return out->rc;
}
