/* The reference pages as Markdown, and the route list for scripts, from the tables that the program
 * runs by. It opens no plugin and reads no file. */
#ifndef RH_HOST_CORE_DOCS_PRINT_H
#define RH_HOST_CORE_DOCS_PRINT_H

#include <stdint.h>

#include <ringhost/abi.h>
#include <ringhost/sdk/buf.h>

#include "host/core/plugin_desc.h"

/* What there is to describe. All borrowed. */
struct docs_input {
    const struct plugin_desc *const *plugins; /* normalised; in the order they are to appear */
    const struct rh_route *host_routes;       /* built in; of this program's own row size */
    uint32_t plugin_count;
    uint32_t host_route_count;
};

/* A kind of document in conf.d. */
struct docs_kind {
    const char *name; /* "cluster" */
    const char *doc;  /* a sentence */
    const struct rh_fields *fields;
};

/* Each appends one whole text to out and returns out->rc, or RH_ENOMEM. Equal input gives equal
 * bytes. [any] */

/* docs/routes.md: all routes by path, then each with scope, limits, fields and reply. */
int32_t docs_print_routes(const struct docs_input *in, struct rh_buf *out);

/* docs/EVENT_CATALOG.md: the catalogue of <ringhost/events.h> with who publishes and who
 * subscribes, then the types that plugins add. */
int32_t docs_print_events(const struct docs_input *in, struct rh_buf *out);

/* docs/configuration.md: the kinds of documents, then the section `config:` of each plugin. */
int32_t docs_print_configuration(const struct docs_input *in, const struct docs_kind *kinds,
                                 uint32_t kind_count, struct rh_buf *out);

/* For `ringhost --routes`: METHOD PATH PLUGIN SCOPE HANDLER FILE:LINE, separated by tabs, one line
 * a route, no header, by path and then method; built-in routes have the plugin "host". What a
 * table leaves out is "-". */
int32_t routes_print_tsv(const struct docs_input *in, struct rh_buf *out);

#endif
