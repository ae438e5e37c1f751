/* The variables of the reference system, laid over conf.d by one table. Not ${NAME} in values: that
 * is the loader's. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/config_build.h"
#include "host/core/node_tree.h"

#define AS_SECONDS  1u
#define AS_BOOL     2u

#define SECONDS_MIN 0.001
#define SECONDS_MAX 86400.0

struct variable {
    const char *name;
    const char *plugin; /* whose `config:` it changes; NULL: the node itself, every one */
    const char *key;
    uint32_t as;
};
static const struct variable variables[] = {
    {"RINGRIFT_ELECTION_TIMEOUT", "election", "timeout", AS_SECONDS},
    {"RINGRIFT_GOSSIP_INTERVAL", "gossip", "interval", AS_SECONDS},
    {"RINGRIFT_WORK_CLAIM_TIMEOUT", "work_queue", "claim_timeout", AS_SECONDS},
    {"RINGRIFT_EXTRACTED_LOOPS", NULL, "extracted_loops", AS_BOOL},
};

static const char *const true_words[] = {"true", "True", "TRUE", "1", "yes", "on"};
static const char *const false_words[] = {"false", "False", "FALSE", "0", "no", "off"};
#define WORD_COUNT (sizeof(true_words) / sizeof(true_words[0]))

/* The value as conf.d would have it; 0 when it is wrong. */
static int translate(const struct variable *variable, const char *text, char dst[32])
{
    double seconds = 0;
    if (variable->as == AS_SECONDS) {
        if (rh_parse_f64(rh_str_from(text), &seconds) != RH_OK ||
            !(seconds >= SECONDS_MIN && seconds <= SECONDS_MAX)) {
            return 0;
        }
        (void)snprintf(dst, 32, "%" PRId64 "ms", (int64_t)(seconds * 1000.0 + 0.5));
        return 1;
    }
    for (size_t i = 0; i < WORD_COUNT; i++) {
        int is_true = strcmp(text, true_words[i]) == 0;
        if (is_true || strcmp(text, false_words[i]) == 0) {
            (void)snprintf(dst, 32, "%s", is_true ? "true" : "false");
            return 1;
        }
    }
    return 0;
}

static void put_value(struct config_build *build, struct node *map, const struct variable *variable,
                      const char *file, const char *text)
{
    uint32_t kind = variable->as == AS_BOOL ? NODE_BOOL : NODE_STRING;
    struct node *node = node_new(build->arena, kind, NULL, rh_str_from(variable->key));
    if (node == NULL) {
        build->rc = RH_ENOMEM;
        return;
    }
    node->file = file;
    if (config_keep(build, rh_str_from(text), &node->text)) {
        node_put(map, node);
    }
}

static void apply(struct config_build *build, const struct variable *variable, const char *value)
{
    char words[128];
    char text[32];
    struct rh_str file;
    (void)snprintf(words, sizeof(words), "environment %s", variable->name);
    if (!config_keep(build, rh_str_from(words), &file)) {
        return;
    }
    if (!translate(variable, value, text)) {
        struct node place = {.file = file.p};
        config_errors_addf(build->errors, &place, 0, "\"%.100s\" is not %s", value,
                           variable->as == AS_BOOL ? "true or false"
                                                   : "a number of seconds in [0.001, 86400]");
        return;
    }
    if (variable->plugin == NULL) {
        for (uint32_t i = 0; i < build->nodes.count; i++) {
            put_value(build, build->nodes.items[i].root, variable, file.p, text);
        }
        return;
    }
    const struct config_doc *doc = config_docs_find(&build->plugins, rh_str_from(variable->plugin));
    struct node *config = doc != NULL ? node_get(doc->root, "config") : NULL;
    if (config != NULL &&
        config->kind == NODE_MAP) { /* a section of another kind is reported elsewhere */
        put_value(build, config, variable, file.p, text);
    }
}

void config_env_apply(struct config_build *build)
{
    const struct config_source *source = build->source;
    if (source->env == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        const char *value = source->env(source->env_user, variables[i].name);
        if (value != NULL && value[0] != 0) {
            apply(build, &variables[i], value);
        }
    }
}
