/* What documents must keep between each other: voters, addresses, tokens. It works on the merged
 * trees, for the places. */
#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/config_build.h"
#include "host/core/node_tree.h"

static int is_text(const struct node *node)
{
    return node->kind != NODE_NULL && node->kind != NODE_LIST && node->kind != NODE_MAP;
}

static int is_true(const struct node *map, const char *key)
{
    const struct node *node = node_get(map, key);
    return node != NULL && node->kind == NODE_BOOL && rh_str_eq_c(node->text, "true");
}

/* ---- voters ---- */

static void check_voter(struct config_build *build, const struct node *list,
                        const struct node *voter)
{
    for (const struct node *other = list->first; other != voter; other = other->next) {
        if (is_text(other) && rh_str_eq(other->text, voter->text)) {
            config_errors_addf(build->errors, voter, 0,
                               "voters: \"%s\" is named twice, first at %" PRIu32 ":%" PRIu32,
                               voter->text.p, other->line, other->column);
            return;
        }
    }
    if (config_docs_find(&build->nodes, voter->text) != NULL) {
        return;
    }
    const char *near = config_docs_suggest(&build->nodes, voter->text);
    config_errors_addf(build->errors, voter, 0,
                       "voters: \"%s\" has no document of kind: node%s%s%s", voter->text.p,
                       near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
                       near != NULL ? "\"?" : "");
}

static void check_voters(struct config_build *build)
{
    const struct node *voters = node_get(build->cluster, "voters");
    if (voters != NULL && voters->kind == NODE_LIST && voters->first != NULL) {
        for (const struct node *voter = voters->first; voter != NULL; voter = voter->next) {
            if (is_text(voter)) {
                check_voter(build, voters, voter);
            }
        }
        return;
    }
    int is_absent = voters == NULL || voters->kind == NODE_NULL || voters->kind == NODE_LIST;
    if (is_absent && build->nodes.count > 1) {
        config_errors_addf(build->errors, voters != NULL ? voters : build->cluster, 0,
                           "voters: %" PRIu32 " nodes and none may lead; name the voters",
                           build->nodes.count);
    }
}

/* ---- addresses ---- */

/* Takes a "host:port" apart; 0 when it is wrong (reported). Ports of other nodes are never 0. */
static int read_address(struct config_build *build, const struct node *node, const char *key,
                        int may_be_name, struct config_address *out)
{
    if (!is_text(node)) {
        return 0; /* the table says so */
    }
    int is_good = config_address_parse(node->text, out) == RH_OK;
    if (is_good && (may_be_name ? out->port != 0 : out->kind != CONFIG_HOST_NAME)) {
        return 1;
    }
    config_errors_addf(build->errors, node, 0,
                       may_be_name ? "%s: \"%s\" is not HOST:PORT, port 1 to 65535"
                                   : "%s: \"%s\" is not IPv4:PORT or [IPv6]:PORT, port 0 to 65535",
                       key, node->text.p);
    return 0;
}

static void check_seeds(struct config_build *build)
{
    struct config_address address;
    const struct node *seeds = node_get(build->cluster, "seeds");
    if (seeds == NULL || seeds->kind != NODE_LIST) {
        return;
    }
    for (const struct node *seed = seeds->first; seed != NULL; seed = seed->next) {
        (void)read_address(build, seed, "seeds", 1, &address); /* reports */
    }
}

static void check_tokens(struct config_build *build, const struct config_doc *doc,
                         const struct node *bind)
{
    const struct node *auth = node_get(build->cluster, "auth");
    int has_tokens =
        node_get_text(doc->root, "token_file").n > 0 || node_get_text(auth, "token_file").n > 0;
    if (!has_tokens && !is_true(doc->root, "insecure") && !is_true(auth, "insecure")) {
        config_errors_addf(
            build->errors, bind, 0,
            "bind: \"%s\" is not a loopback address; give token_file, or write insecure: true",
            bind->text.p);
    }
}

/* Two nodes on one address. The same wildcard on two machines is normal. */
static void check_unshared(struct config_build *build, uint32_t index, const struct node *bind,
                           const struct config_address *address)
{
    struct config_address other;
    if (address->is_any || address->port == 0) {
        return;
    }
    for (uint32_t i = 0; i < index; i++) {
        const struct node *first = node_get(build->nodes.items[i].root, "bind");
        if (first != NULL && is_text(first) && config_address_parse(first->text, &other) == RH_OK &&
            other.port == address->port && rh_str_eq_c(rh_str_from(other.host), address->host)) {
            config_errors_addf(build->errors, bind, 0,
                               "bind: \"%s\" is taken by node \"%s\" at %s:%" PRIu32 ":%" PRIu32,
                               bind->text.p, build->nodes.items[i].id.p, first->file, first->line,
                               first->column);
            return;
        }
    }
}

static void check_node(struct config_build *build, uint32_t index)
{
    const struct config_doc *doc = &build->nodes.items[index];
    const struct node *bind = node_get(doc->root, "bind");
    const struct node *advertise = node_get(doc->root, "advertise");
    struct config_address address;
    if (bind != NULL && read_address(build, bind, "bind", 0, &address)) {
        if (!address.is_loopback) {
            check_tokens(build, doc, bind);
        }
        check_unshared(build, index, bind, &address);
    }
    if (advertise != NULL && read_address(build, advertise, "advertise", 1, &address) &&
        address.is_any) {
        config_errors_addf(build->errors, advertise, 0,
                           "advertise: \"%s\" is no address that a peer could dial",
                           advertise->text.p);
    }
}

/* ---- plugins ---- */

/* What other globs mean more by, and ids never have, is a mistake: it would match nothing. */
static int is_glob(struct rh_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        const char c = text.p[i];
        const int is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && (c == '\0' || strchr("._-*?", c) == NULL)) {
            return 0;
        }
    }
    return text.n > 0;
}

static void check_globs(struct config_build *build, const struct node *enable, const char *key)
{
    const struct node *list = node_get(enable, key);
    if (list == NULL || list->kind != NODE_LIST) {
        return; /* the table says so */
    }
    for (const struct node *item = list->first; item != NULL; item = item->next) {
        if (is_text(item) && !is_glob(item->text)) {
            config_errors_addf(build->errors, item, 0,
                               "%s: \"%s\" is no glob: letters, digits, . _ -, * for any text and "
                               "? for one character",
                               key, item->text.p);
        }
    }
}

static void check_plugin(struct config_build *build, const struct config_doc *doc)
{
    const struct node *config = node_get(doc->root, "config");
    const struct node *enable = node_get(doc->root, "enable");
    check_globs(build, enable, "roles");
    check_globs(build, enable, "not_roles");
    check_globs(build, enable, "nodes");
    if (config != NULL && config->kind != NODE_MAP) {
        config_errors_add(build->errors, config, 0, "config: must be a map");
    }
}

void config_check(struct config_build *build)
{
    check_seeds(build);
    for (uint32_t i = 0; i < build->nodes.count; i++) {
        check_node(build, i);
    }
    for (uint32_t i = 0; i < build->plugins.count; i++) {
        check_plugin(build, &build->plugins.items[i]);
    }
    if (!build->is_partial) {
        check_voters(build);
    }
}
