/* Puts together what the reference pages are printed from; see references.h and docs_print.h. */
#include "host/daemon/references.h"

#include <string.h>

#include <ringhost/sdk/error.h>

#include "host/core/builtin.h"
#include "host/core/config_kinds.h"
#include "host/core/docs_print.h"

#define EXIT_USAGE 64

static const struct docs_kind kinds[] = {
    {"cluster", "What all nodes agree on. One document.", &config_cluster_fields},
    {"node",
     "One document for each node; `--node`, `$RINGHOST_NODE`, or being the only one selects it.",
     &config_node_fields},
    {"plugin", "Loads a plugin. Its section `config:` is described with the plugin, below.",
     &config_plugin_fields},
};
#define KINDS ((uint32_t)(sizeof kinds / sizeof kinds[0]))

static int32_t print_configuration(const struct docs_input *in, struct rh_buf *out)
{
    return docs_print_configuration(in, kinds, KINDS, out);
}

/* Gives the printer the plugins and the host's own routes. Returns RH_OK or its code. */
static int32_t print(const struct body *body,
                     int32_t (*printer)(const struct docs_input *in, struct rh_buf *out),
                     struct rh_buf *out)
{
    const struct plugin_desc *plugins[CORE_PLUGINS_MAX];
    struct rh_route routes[BUILTIN_ROUTES_MAX];
    const struct docs_input in = {.plugins = plugins,
                                  .plugin_count = body->plugin_count,
                                  .host_routes = routes,
                                  .host_route_count = builtin_list(routes, BUILTIN_ROUTES_MAX)};

    for (uint32_t i = 0; i < body->plugin_count; i++)
        plugins[i] = body->opened[i].desc;
    return printer(&in, out);
}

int32_t references_routes(const struct body *body, struct rh_buf *out)
{
    return print(body, routes_print_tsv, out) == RH_OK ? 0 : CORE_EXIT_INTERNAL;
}

int32_t references_docs(const struct body *body, const char *what, struct rh_buf *out,
                        struct rh_buf *said)
{
    static const struct {
        const char *what;
        int32_t (*printer)(const struct docs_input *in, struct rh_buf *out);
    } pages[] = {{"routes", docs_print_routes},
                 {"events", docs_print_events},
                 {"configuration", print_configuration}};

    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        int32_t rc;

        if (strcmp(pages[i].what, what) != 0)
            continue;
        rc = print(body, pages[i].printer, out);
        if (rc == RH_OK)
            return 0;
        (void)rh_buf_printf(said, "cannot print \"%s\": %s", what, rh_error_text(rc)); /* fits */
        return CORE_EXIT_INTERNAL;
    }
    (void)rh_buf_printf(said, "--docs takes routes, events or configuration, not \"%s\"",
                        what); /* fits */
    return EXIT_USAGE;
}
