/* Configuration and plugins for the core; see body.h. */
#include "host/daemon/body.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ringhost/sdk/str.h>

#include "host/core/config_explain.h"
#include "host/core/inventory.h"
#include "host/core/log.h"
#include "host/core/node_tree.h"
#include "host/core/tokens.h"
#include "host/daemon/read_file.h"
#include "host/daemon/rehearsal.h"
#include "host/daemon/unused_plugins.h"

#define SECTION_BYTES_MAX (16u * 1024u * 1024u)
#define TOKEN_FILE_MAX    (1024u * 1024u)
#define INVENTORY_MAX     (16u * 1024u * 1024u)
#define TEXT_MAX          (64u * 1024u * 1024u)
#define SYSTEM_PLUGIN_DIR "/usr/lib/ringhost/plugins"

static const char *lookup_env(void *user, const char *name)
{
    (void)user;
    return getenv(name);
}

/* Texts of the configuration are NUL-terminated; an empty one may have no bytes at all. */
static const char *c_text(struct rh_str text)
{
    return text.p ? text.p : "";
}

static void say_errors(struct body *body, struct rh_buf *said)
{
    (void)config_errors_print(&body->errors, said); /* said is sticky */
}

/* Where plugins are looked for: configured, or beside the program and then the system's. */
static void take_plugin_dirs(struct body *body)
{
    const struct config_node *self = body->config->self;

    if (self && self->plugin_dir.n > 0) {
        (void)rh_str_copy(body->plugin_dirs_text[0], BODY_PATH_MAX,
                          self->plugin_dir); /* an overlong one finds none */
        body->plugin_dir_count = 1;
    } else {
        (void)snprintf(body->plugin_dirs_text[0], BODY_PATH_MAX, "%.900s/../plugins",
                       body->program_dir); /* fits */
        (void)snprintf(body->plugin_dirs_text[1], BODY_PATH_MAX, "%.900s/../lib/ringhost/plugins",
                       body->program_dir); /* fits */
        (void)snprintf(body->plugin_dirs_text[2], BODY_PATH_MAX, "%s",
                       SYSTEM_PLUGIN_DIR); /* fits */
        body->plugin_dir_count = 3;
    }
    for (uint32_t i = 0; i < body->plugin_dir_count; i++)
        body->plugin_dirs[i] = body->plugin_dirs_text[i];
}

/* The names in grants as C strings; NULL when the configuration names none. */
static int32_t take_grants(struct body *body, uint32_t at, const struct rh_str_list *grants)
{
    struct core_plugin_setup *setup = &body->plugins[at];

    if (grants->count == 0)
        return RH_OK;
    body->grants[at] = calloc(grants->count, sizeof *body->grants[at]);
    if (!body->grants[at])
        return RH_ENOMEM;
    for (uint32_t i = 0; i < grants->count; i++) {
        struct rh_str id = grants->items[i];
        char *kept = field_arena_text(&body->arenas[at], id.n + 1);

        if (!kept)
            return body->arenas[at].rc;
        (void)rh_str_copy(kept, id.n + 1, id); /* fits */
        body->grants[at][i] = kept;
    }
    setup->grants = body->grants[at];
    setup->grant_count = grants->count;
    return RH_OK;
}

/* Where the value of a key stands, or the document when it is not written there. */
static const struct node *place_of(const struct node *where, const char *key)
{
    const struct node *value = node_get(where, key);

    return value ? value : where;
}

/* Find the plugin that runs, or open its file. False: the problem is among the errors. */
static bool open_plugin(struct body *body, const struct config_plugin *plugin, uint32_t at)
{
    char why[PLUGIN_OPEN_WHY_MAX];

    for (uint32_t i = 0; body->running && i < body->running->plugin_count; i++) {
        if (!rh_str_eq_c(plugin->plugin, body->running->opened[i].desc->desc.id))
            continue;
        body->opened[at] = body->running->opened[i];
        body->is_borrowed[at] = 1;
        return true;
    }
    if (plugin_open(body->plugin_dirs, body->plugin_dir_count, plugin->plugin.p, plugin->file.p,
                    &body->opened[at], why) == RH_OK)
        return true;
    config_errors_addf(&body->errors, place_of(plugin->where, "file"), 0, "plugin %s: %s",
                       plugin->plugin.p, why);
    return false;
}

/* Open one plugin and decode its section; problems go to errors. */
static void take_plugin(struct body *body, const struct config_plugin *plugin)
{
    uint32_t at = body->plugin_count;
    const struct rh_plugin *desc;
    const char *missing;
    int32_t rc;

    if (at == CORE_PLUGINS_MAX) {
        config_errors_addf(&body->errors, plugin->where, 0, "more than %u plugins",
                           CORE_PLUGINS_MAX);
        return;
    }
    if (!open_plugin(body, plugin, at))
        return;
    body->plugin_count++;
    desc = &body->opened[at].desc->desc;
    field_arena_init(&body->arenas[at], SECTION_BYTES_MAX);
    body->plugins[at] = (struct core_plugin_setup){
        .entry = desc,
        .degrade = rh_str_eq_c(plugin->on_failure, "degrade"),
        .calls_max = (uint32_t)plugin->limits.calls,
        .timers_max = (uint32_t)plugin->limits.timers,
        .processes_max = (uint32_t)plugin->limits.processes,
        .state_bytes_max = (uint64_t)plugin->limits.state_bytes,
        .file = body->opened[at].file,
    };
    if (desc->config.struct_size > 0) {
        body->sections[at] = calloc(1, desc->config.struct_size);
        body->plugins[at].config = body->sections[at];
    }
    if (desc->config.struct_size > 0 && !body->sections[at])
        rc = RH_ENOMEM;
    else /* without a table, the section must be empty: the decoder says so */
        rc = config_plugin_section(body->config, plugin->plugin.p, &desc->config,
                                   body->sections[at], &body->arenas[at], &body->errors);
    if (rc == RH_OK)
        rc = take_grants(body, at, &plugin->grants);
    if (rc == RH_ENOMEM) {
        config_errors_add(&body->errors, plugin->where, 0, "out of memory");
        return;
    }
    missing = core_service_missing(&body->plugins[at]);
    if (missing)
        config_errors_addf(&body->errors, place_of(plugin->where, "grants"), 0,
                           "plugin %s needs service %s, which it is not granted", plugin->plugin.p,
                           missing);
    body->is_sound[at] = rc == RH_OK && !missing;
}

static void take_plugins(struct body *body)
{
    const struct config *config = body->config;

    if (config->self) {
        for (uint32_t i = 0; i < config->enabled_count; i++)
            take_plugin(body, config->enabled[i]);
        return;
    }
    for (uint32_t i = 0; i < config->plugin_count; i++)
        take_plugin(body, &config->plugins[i]);
}

/* With mistakes in conf.d, only the sections of plugins whose definition stands are looked at, so
 * that their mistakes are told in the same run. */
static void look_at_sections(struct body *body)
{
    const struct config *config = body->config;

    if (!config || (config->self && config->self->id.n == 0))
        return;
    config_errors_set_files(&body->errors, config->files, config->file_count);
    take_plugin_dirs(body);
    for (uint32_t i = 0; i < config->plugin_count; i++)
        if (config->plugins[i].plugin.n > 0 && (!config->self || config->plugins[i].is_enabled))
            take_plugin(body, &config->plugins[i]);
}

/* Every effective value with its origin, as text and as JSON. */
static int32_t explain(struct body *body)
{
    struct config_explain explained;
    struct field_arena arena;
    int32_t rc;

    field_arena_init(&arena, SECTION_BYTES_MAX);
    config_explain_init(&explained, &arena);
    rc = config_explain_host(&explained, body->config);
    for (uint32_t i = 0; rc == RH_OK && i < body->plugin_count; i++) {
        const struct rh_plugin *desc = &body->opened[i].desc->desc;

        rc = config_explain_plugin(&explained, body->config, desc->id, &desc->config);
    }
    if (rc == RH_OK)
        rc = config_explain_json(&explained, &body->explained);
    if (rc == RH_OK)
        rc = rh_buf_append_byte(&body->explained, '\0');
    if (rc == RH_OK)
        rc = config_explain_text(&explained, &body->explained_text);
    config_explain_release(&explained);
    field_arena_release(&arena);
    return rc;
}

/* What is wrong in the token file, with its line. */
struct token_report {
    struct body *body;
    const char *file;
};

static void report_token(void *user, uint32_t line, const char *message)
{
    const struct token_report *report = user;
    struct node where = {.file = report->file, .line = line, .column = 1};

    config_errors_add(&report->body->errors, &where, 0, message);
}

/* Where the token file of this node is named: by itself, or for all nodes. */
static const struct node *place_of_token_file(const struct config *config)
{
    const struct node *own = node_get(config->self->where, "token_file");
    const struct node *common = node_get(node_get(config->cluster_where, "auth"), "token_file");

    if (own)
        return own;
    return common ? common : config->self->where;
}

static void read_token_file(struct body *body)
{
    const struct config_node *self = body->config->self;
    struct token_report report = {body, c_text(self->token_file)};
    struct tokens *tokens = NULL;
    const char *why = "";
    int32_t rc;

    if (self->token_file.n == 0)
        return;
    rc = read_private_file(report.file, TOKEN_FILE_MAX, &body->token_text, &why);
    if (rc != RH_OK)
        config_errors_addf(&body->errors, place_of_token_file(body->config), 0, "token_file %s: %s",
                           report.file, why);
    else /* the core parses it for itself; here all its errors are told */
        (void)tokens_parse(rh_buf_str(&body->token_text), report_token, &report, &tokens);
    tokens_free(tokens);
}

static void read_inventory(struct body *body)
{
    const struct node *where = place_of(body->config->cluster_where, "inventory");
    struct rh_str path = body->config->cluster.inventory;
    struct inventory *inventory = NULL;
    struct rh_buf text;
    int32_t rc;

    if (path.n == 0)
        return;
    rh_buf_init(&text, INVENTORY_MAX);
    rc = read_file(path.p, INVENTORY_MAX, &text);
    if (rc != RH_OK)
        config_errors_addf(&body->errors, where, 0, "inventory %s: cannot be read: %s", path.p,
                           read_file_why(rc));
    else if (inventory_load(path.p, rh_buf_str(&text), &inventory, &body->errors) == RH_OK &&
             (inventory_json(inventory, &body->inventory) != RH_OK ||
              rh_buf_append_byte(&body->inventory, '\0') != RH_OK))
        config_errors_addf(&body->errors, where, 0, "inventory %s: too large", path.p);
    inventory_free(inventory);
    rh_buf_release(&text);
}

/* Point the setup at what was read, for one of the nodes. */
static int32_t fill_setup(struct body *body, const struct options *options,
                          const struct config_node *self)
{
    const struct config *config = body->config;
    uint32_t level = RH_LOG_INFO;

    if (!body->nodes)
        body->nodes = calloc(config->node_count + 1, sizeof *body->nodes);
    if (!body->nodes)
        return RH_ENOMEM;
    for (uint32_t i = 0; i < config->node_count; i++)
        body->nodes[i] = (struct core_node_setup){c_text(config->nodes[i].id),
                                                  c_text(config->nodes[i].advertise),
                                                  c_text(config->nodes[i].role)};
    (void)log_level_parse(self->log_level, &level); /* the field table allows only levels */
    body->setup = (struct core_setup){
        .version = RINGHOST_VERSION,
        .node_id = c_text(self->id),
        .role = c_text(self->role),
        .address = c_text(self->advertise),
        .data_dir = c_text(self->data_dir),
        .cluster_id = c_text(config->cluster.cluster_id),
        .inventory_json = body->inventory.n ? body->inventory.p : NULL,
        .beat_ms = config->cluster.beat,
        .log_level = level,
        .checked = options->checked,
        .loops_enabled = self->extracted_loops != 0,
        .in_flight_max = (uint32_t)self->limits.in_flight,
        .body_max = (uint32_t)self->limits.body_bytes,
        .capabilities = self->capabilities,
        .token_text = self->token_file.n ? rh_buf_str(&body->token_text) : (struct rh_str){NULL, 0},
        .token_file = c_text(self->token_file),
        .voters = config->cluster.voters,
        .seeds = config->cluster.seeds,
        .nodes = body->nodes,
        .node_count = config->node_count,
        .plugins = body->plugins,
        .plugin_count = body->plugin_count,
    };
    return RH_OK;
}

/* What the plugins themselves say to their sections. Without a node each is tried on the first that
 * it runs on. */
static int32_t try_plugins(struct body *body, const struct options *options)
{
    const struct config *config = body->config;
    const uint32_t is_check = options->mode == MODE_CHECK;
    int32_t rc = RH_OK;

    if (options->mode != MODE_RUN && !is_check)
        return RH_OK;
    config_errors_set_files(&body->errors, config->files, config->file_count);
    for (uint32_t i = 0; i < config->node_count && rc == RH_OK; i++) {
        const struct config_node *node = &config->nodes[i];

        if (config->self && !rh_str_eq(node->id, config->self->id))
            continue;
        rc = fill_setup(body, options, config->self ? config->self : node);
        if (rc == RH_OK)
            rc = rehearse_plugins(body, config->self ? config->self : node, is_check);
    }
    body->setup = (struct core_setup){0};
    return rc;
}

static int32_t find_program_dir(struct body *body, struct rh_buf *said)
{
    ssize_t n = readlink("/proc/self/exe", body->program_dir, sizeof body->program_dir - 1);
    char *slash;

    if (n <= 0) {
        (void)rh_buf_printf(said, "ringhost: cannot find the program's own place: %s\n",
                            strerror(errno));
        return CORE_EXIT_INTERNAL;
    }
    body->program_dir[n] = '\0';
    memcpy(body->program, body->program_dir, (size_t)n + 1);
    slash = strrchr(body->program_dir, '/');
    assert(slash);
    *slash = '\0';
    return 0;
}

static int32_t load_config(struct body *body, const struct options *options, struct rh_buf *said)
{
    struct config_source source = {
        .is_node_optional = options->mode != MODE_RUN,
        .node_id = options->node ? options->node : getenv("RINGHOST_NODE"),
        .env = lookup_env,
        .sets = options->sets,
        .set_count = options->set_count,
        .is_faulty_wanted = 1,
    };
    char why[CONF_READ_WHY_MAX];

    if (conf_read_all(&body->files, options->conf, why) != RH_OK) {
        (void)rh_buf_printf(said, "ringhost: %s\n", why);
        return CORE_EXIT_CONFIG;
    }
    source.files = body->files.files;
    source.file_count = body->files.count;
    if (config_load(&source, &body->config, &body->errors) != RH_OK) {
        look_at_sections(body);
        config_errors_set_files(&body->errors, body->files.files, body->files.count);
        return CORE_EXIT_CONFIG;
    }
    config_errors_set_files(&body->errors, body->config->files, body->config->file_count);
    if (options->mode == MODE_CHECK) {
        if (body->config->node_count == 0)
            config_errors_add(&body->errors, NULL, 0,
                              "no document of kind: node; without one no node can start");
        unused_plugins_note(body->config, &body->errors);
    }
    return 0;
}

int32_t body_load(struct body *body, const struct options *options, struct rh_buf *said)
{
    int32_t code;

    config_errors_init(&body->errors);
    rh_buf_init(&body->token_text, TOKEN_FILE_MAX + 1);
    rh_buf_init(&body->inventory, INVENTORY_MAX);
    rh_buf_init(&body->explained, TEXT_MAX);
    rh_buf_init(&body->explained_text, TEXT_MAX);
    code = find_program_dir(body, said);
    if (code == 0)
        code = load_config(body, options, said);
    if (code == 0) {
        take_plugin_dirs(body);
        take_plugins(body);
        if (body->config->self)
            read_token_file(body);
        read_inventory(body);
        if (try_plugins(body, options) != RH_OK)
            code = CORE_EXIT_INTERNAL;
        else if (body->errors.error_count > 0)
            code = CORE_EXIT_CONFIG;
        else if (explain(body) != RH_OK ||
                 (body->config->self && fill_setup(body, options, body->config->self) != RH_OK))
            code = CORE_EXIT_INTERNAL;
        body->setup.config_json = body->explained.n ? body->explained.p : NULL;
    }
    say_errors(body, said);
    return code;
}

void body_release(struct body *body)
{
    for (uint32_t i = 0; i < body->plugin_count; i++) {
        free(body->sections[i]);
        free((void *)body->grants[i]);
        free(body->refusals[i]);
        field_arena_release(&body->arenas[i]);
        if (!body->is_borrowed[i])
            plugin_close(&body->opened[i]);
    }
    free(body->nodes);
    config_errors_release(&body->errors);
    config_free(body->config);
    conf_read_release(&body->files);
    rh_buf_release(&body->token_text);
    rh_buf_release(&body->inventory);
    rh_buf_release(&body->explained);
    rh_buf_release(&body->explained_text);
}
