/* The configuration of a cluster and of one of its nodes: reading, merging and decoding in order.
 */
#include "host/core/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/config_build.h"
#include "host/core/config_kinds.h"
#include "host/core/node_tree.h"
#include "host/core/yaml_load.h"

/* ---- reading ---- */

static void note_ignored(struct config_build *build)
{
    char message[CONFIG_MESSAGE_MAX];
    for (uint32_t i = 0; i < build->source->file_count; i++) {
        const struct config_file *file = &build->source->files[i];
        if (!config_files_counts(file->name)) {
            struct node place = {.file = file->path};
            (void)snprintf(message, sizeof(message), "ignored: %s",
                           config_files_why_ignored(file->name));
            config_errors_note(build->errors, &place, 0, message);
        }
    }
}

/* Orders the files that count and copies them, for messages that come later. */
static void take_files(struct config_build *build, struct config *config)
{
    const struct config_source *source = build->source;
    note_ignored(build);
    if (source->file_count > CONFIG_FILES_MAX) {
        config_errors_addf(build->errors, NULL, 0, "too many configuration files; at most %u",
                           CONFIG_FILES_MAX);
        return;
    }
    struct config_file *files =
        field_arena_alloc(build->arena, source->file_count * sizeof(*files));
    if (files == NULL) {
        build->rc = RH_ENOMEM;
        return;
    }
    uint32_t count = config_files_order(source->files, source->file_count, files);
    for (uint32_t i = 0; i < count; i++) {
        struct rh_str path;
        struct rh_str name;
        if (!config_keep(build, rh_str_from(files[i].path), &path) ||
            !config_keep(build, rh_str_from(files[i].name), &name) ||
            !config_keep(build, files[i].text, &files[i].text)) {
            return;
        }
        files[i].path = path.p;
        files[i].name = name.p;
    }
    config->files = files;
    config->file_count = count;
    config_errors_set_files(build->errors, files, count);
}

static void read_files(struct config_build *build, const struct config *config)
{
    for (uint32_t i = 0; i < config->file_count && build->rc == RH_OK; i++) {
        struct node *document = NULL;
        struct node *next = NULL;
        struct yaml_input input = {.file = config->files[i].path,
                                   .text = config->files[i].text,
                                   .lookup = build->source->env,
                                   .lookup_user = build->source->env_user,
                                   .report = config_errors_report,
                                   .report_user = build->errors};
        int32_t rc = yaml_load(&input, build->arena, &document);
        if (rc == RH_ENOMEM) {
            build->rc = RH_ENOMEM;
        } else if (rc != RH_OK) {
            build->is_partial = 1;
        }
        for (; document != NULL; document = next) {
            next = document->next;
            config_docs_add(build, document);
        }
    }
}

/* ---- what may be absent ---- */

static void put_default(struct config_build *build, struct node *map, const char *key,
                        uint32_t kind)
{
    const struct node *old = node_get(map, key);
    if (old == NULL || old->kind == NODE_NULL) {
        struct node *node = node_new(build->arena, kind, map, rh_str_from(key));
        if (node == NULL) {
            build->rc = RH_ENOMEM;
            return;
        }
        node_put(map, node);
    }
}

/* Gives the cluster a document and each plugin a section, so that there is something to lay values
 * over. */
static void fill_gaps(struct config_build *build)
{
    if (build->cluster == NULL) {
        build->cluster = node_new(build->arena, NODE_MAP, NULL, (struct rh_str){"", 0});
        if (build->cluster == NULL) {
            build->rc = RH_ENOMEM;
            return;
        }
    }
    for (uint32_t i = 0; i < build->plugins.count; i++) {
        put_default(build, build->plugins.items[i].root, "config", NODE_MAP);
    }
}

/* ---- choosing the node ---- */

static void list_nodes(const struct config_build *build, struct rh_buf *out)
{
    for (uint32_t i = 0; i < build->nodes.count; i++) {
        (void)rh_buf_printf(out, "%s%s", i > 0 ? ", " : "",
                            build->nodes.items[i].id.p); /* cut is fine */
    }
}

static void complain_choice(struct config_build *build, const char *id)
{
    struct rh_buf ids;
    rh_buf_init(&ids, CONFIG_MESSAGE_MAX / 2);
    list_nodes(build, &ids);
    const char *list = ids.n > 0 ? ids.p : "";
    if (build->nodes.count == 0) {
        config_errors_add(build->errors, NULL, 0, "no document of kind: node");
    } else if (id != NULL) {
        config_errors_addf(build->errors, NULL, 0, "no node \"%.64s\"; there are %s", id, list);
    } else {
        config_errors_addf(build->errors, NULL, 0, "which node? give --node or $RINGHOST_NODE: %s",
                           list);
    }
    rh_buf_release(&ids);
}

static void choose_node(struct config_build *build)
{
    const char *id = build->source->node_id;
    if (id == NULL && build->source->env != NULL) {
        id = build->source->env(build->source->env_user, "RINGHOST_NODE");
    }
    id = id != NULL && id[0] != 0 ? id : NULL;
    if (id != NULL) {
        build->self = config_docs_find(&build->nodes, rh_str_from(id));
    } else if (build->nodes.count == 1) {
        build->self = &build->nodes.items[0];
    }
    if (build->self == NULL && !build->is_partial &&
        (id != NULL || !build->source->is_node_optional)) {
        complain_choice(build, id);
    }
}

/* ---- decoding ---- */

static void note_rc(struct config_build *build, int32_t rc)
{
    if (rc == RH_ENOMEM || rc == RH_ETOOLARGE) {
        build->rc = RH_ENOMEM;
    }
}

static void inherit(struct rh_str *text, struct rh_str fallback)
{
    if (text->n == 0) {
        *text = fallback;
    }
}

static void finish_node(const struct config_cluster *cluster, struct config_node *node)
{
    inherit(&node->token_file, cluster->auth.token_file);
    node->insecure = node->insecure || cluster->auth.insecure;
    if (config_address_parse(node->bind, &node->address) == RH_OK && !node->address.is_any) {
        inherit(&node->advertise, node->bind);
    }
}

static void decode_nodes(struct config_build *build, struct config *config)
{
    struct config_node *nodes =
        field_arena_alloc(build->arena, build->nodes.count * sizeof(*nodes));
    if (nodes == NULL) {
        build->rc = RH_ENOMEM;
        return;
    }
    for (uint32_t i = 0; i < build->nodes.count; i++) {
        const struct config_doc *doc = &build->nodes.items[i];
        int32_t rc = config_decode(&config_node_fields, doc->root, "kind node", &nodes[i],
                                   build->arena, build->errors);
        note_rc(build, rc);
        finish_node(&config->cluster, &nodes[i]);
        nodes[i].where = doc->root;
        if (doc == build->self) {
            config->self = &nodes[i];
        }
    }
    config->nodes = nodes;
    config->node_count = build->nodes.count;
}

static void decode_plugin(struct config_build *build, const struct config_doc *doc,
                          struct config_plugin *plugin)
{
    char file[CONFIG_ID_MAX + 8];
    struct node *section = node_take(doc->root, "config");
    int32_t rc = config_decode(&config_plugin_fields, doc->root, "kind plugin", plugin,
                               build->arena, build->errors);
    note_rc(build, rc);
    if (section != NULL) {
        node_put(doc->root, section);
    }
    plugin->config = section;
    plugin->where = doc->root;
    if (plugin->file.n == 0) {
        (void)snprintf(file, sizeof(file), "%s.so", doc->id.p);
        (void)config_keep(build, rh_str_from(file), &plugin->file); /* sets rc */
    }
}

static int matches_any(const struct rh_str_list *globs, struct rh_str text)
{
    for (uint32_t i = 0; i < globs->count; i++) {
        if (rh_glob_match(globs->items[i], text)) {
            return 1;
        }
    }
    return 0;
}

static int is_enabled(const struct config_enable *enable, const struct config_node *node)
{
    if (enable->roles.count > 0 && !matches_any(&enable->roles, node->role)) {
        return 0;
    }
    if (enable->nodes.count > 0 && !matches_any(&enable->nodes, node->id)) {
        return 0;
    }
    return !matches_any(&enable->not_roles, node->role);
}

int32_t config_plugin_runs_on(const struct config_plugin *plugin, const struct config_node *node)
{
    return is_enabled(&plugin->enable, node);
}

static void decode_plugins(struct config_build *build, struct config *config)
{
    uint32_t count = build->plugins.count;
    struct config_plugin *plugins = field_arena_alloc(build->arena, count * sizeof(*plugins));
    const struct config_plugin **enabled =
        field_arena_alloc(build->arena, count * sizeof(const struct config_plugin *));
    if (plugins == NULL || enabled == NULL) {
        build->rc = RH_ENOMEM;
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        decode_plugin(build, &build->plugins.items[i], &plugins[i]);
        plugins[i].is_enabled =
            config->self != NULL && is_enabled(&plugins[i].enable, config->self);
        if (plugins[i].is_enabled) {
            enabled[config->enabled_count++] = &plugins[i];
        }
    }
    config->plugins = plugins;
    config->plugin_count = count;
    config->enabled = enabled;
}

/* A lone node without voters is its own majority. */
static void finish_voters(struct config_build *build, struct config *config)
{
    if (config->cluster.voters.count > 0 || config->node_count != 1) {
        return;
    }
    struct rh_str *voter = field_arena_alloc(build->arena, sizeof(*voter));
    if (voter == NULL) {
        build->rc = RH_ENOMEM;
        return;
    }
    *voter = config->nodes[0].id;
    config->cluster.voters = (struct rh_str_list){voter, 1, 0};
}

static void decode(struct config_build *build, struct config *config)
{
    int32_t rc = config_decode(&config_cluster_fields, build->cluster, "kind cluster",
                               &config->cluster, build->arena, build->errors);
    note_rc(build, rc);
    config->cluster_where = build->cluster;
    decode_nodes(build, config);
    if (build->rc == RH_OK) {
        decode_plugins(build, config);
        finish_voters(build, config);
    }
}

int32_t config_load(const struct config_source *source, struct config **out,
                    struct config_errors *errors)
{
    uint32_t errors_before = errors->error_count;
    struct config *config = calloc(1, sizeof(*config));
    if (config == NULL) {
        return RH_ENOMEM;
    }
    field_arena_init(&config->arena, CONFIG_BYTES_MAX);
    struct config_build build = {.source = source,
                                 .errors = errors,
                                 .arena = &config->arena,
                                 .nodes = {.max = CONFIG_NODES_MAX, .limit = "nodes"},
                                 .plugins = {.max = CONFIG_PLUGINS_MAX, .limit = "plugins"},
                                 .overrides = {.max = CONFIG_OVERRIDES_MAX, .limit = "overrides"}};
    take_files(&build, config);
    read_files(&build, config);
    config_merge_overrides(&build);
    fill_gaps(&build);
    if (build.rc == RH_OK) {
        choose_node(&build);
        config_env_apply(&build);
        config_set_apply(&build);
        config_check(&build);
    }
    if (build.rc == RH_OK) {
        decode(&build, config);
    }
    config_errors_set_files(errors, NULL, 0); /* they live in config */
    int32_t rc = build.rc;
    if (rc == RH_OK && errors->error_count > errors_before) {
        rc = RH_EINVAL;
    }
    if (rc == RH_OK || (rc == RH_EINVAL && source->is_faulty_wanted)) {
        *out = config;
    } else {
        config_free(config);
    }
    return rc;
}

void config_free(struct config *config)
{
    if (config != NULL) {
        field_arena_release(&config->arena);
        free(config);
    }
}

const struct config_plugin *config_plugin(const struct config *config, const char *id)
{
    for (uint32_t i = 0; i < config->plugin_count; i++) {
        if (rh_str_eq_c(config->plugins[i].plugin, id)) {
            return &config->plugins[i];
        }
    }
    return NULL;
}

const struct config_node *config_node(const struct config *config, struct rh_str id)
{
    for (uint32_t i = 0; i < config->node_count; i++) {
        if (rh_str_eq(config->nodes[i].id, id)) {
            return &config->nodes[i];
        }
    }
    return NULL;
}

int32_t config_plugin_section(const struct config *config, const char *id,
                              const struct rh_fields *table, void *out, struct field_arena *arena,
                              struct config_errors *errors)
{
    char context[CONFIG_ID_MAX + 32];
    const struct config_plugin *plugin = config_plugin(config, id);
    if (plugin == NULL) {
        return RH_ENOTFOUND;
    }
    (void)snprintf(context, sizeof(context), "config of plugin %s", id);
    config_errors_set_files(errors, config->files, config->file_count);
    int32_t rc = config_decode(table, plugin->config, context, out, arena, errors);
    config_errors_set_files(errors, NULL, 0);
    return rc;
}
