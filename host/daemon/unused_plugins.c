/* See unused_plugins.h. */
#include "host/daemon/unused_plugins.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>

#include "host/core/node_tree.h"

/* What the items of one list are compared with: a text of each node. */
struct names {
    const char *key; /* below enable */
    const char *word;
    const char **texts;
    uint32_t count;
};

static bool matches_one(const struct names *names, struct rh_str glob)
{
    for (uint32_t i = 0; i < names->count; i++)
        if (rh_glob_match(glob, rh_str_from(names->texts[i])))
            return true;
    return false;
}

/* How many items were told. */
static uint32_t note_near(const struct config_plugin *plugin, const struct names *names,
                          struct config_errors *errors)
{
    const struct node *list = node_get(node_get(plugin->where, "enable"), names->key);
    char text[CONFIG_MESSAGE_MAX];
    uint32_t count = 0;

    for (const struct node *item = list ? list->first : NULL; item; item = item->next) {
        const char *near = rh_suggest(item->text, names->texts, names->count);

        if (!near || matches_one(names, item->text))
            continue;
        (void)snprintf(text, sizeof text,
                       "plugin %s: %s: no configured node has the %s \"%s\"; did you mean \"%s\"?",
                       plugin->plugin.p, names->key, names->word, item->text.p,
                       near); /* cut: for people */
        config_errors_note(errors, item, 0, text);
        count++;
    }
    return count;
}

static bool runs_somewhere(const struct config *config, const struct config_plugin *plugin)
{
    for (uint32_t i = 0; i < config->node_count; i++)
        if (config_plugin_runs_on(plugin, &config->nodes[i]))
            return true;
    return false;
}

static void note_plugin(const struct config *config, const struct config_plugin *plugin,
                        const struct names names[2], struct config_errors *errors)
{
    const struct node *enable = node_get(plugin->where, "enable");
    char text[CONFIG_MESSAGE_MAX];
    uint32_t told = 0;

    for (uint32_t i = 0; i < 2; i++)
        told += note_near(plugin, &names[i], errors);
    if (told > 0 || runs_somewhere(config, plugin))
        return;
    (void)snprintf(text, sizeof text, "plugin %s: enable: it runs on no configured node",
                   plugin->plugin.p); /* fits */
    config_errors_note(errors, enable ? enable : plugin->where, 1, text);
}

void unused_plugins_note(const struct config *config, struct config_errors *errors)
{
    const uint32_t count = config->node_count;
    const char **texts = calloc(2 * (size_t)count + 1, sizeof *texts);
    const struct names names[2] = {{"roles", "role", texts, count},
                                   {"nodes", "id", texts ? texts + count : NULL, count}};

    for (uint32_t i = 0; texts && i < count; i++) {
        texts[i] = config->nodes[i].role.p ? config->nodes[i].role.p : "";
        texts[count + i] = config->nodes[i].id.p ? config->nodes[i].id.p : "";
    }
    /* Without memory there are no notes. */
    for (uint32_t i = 0; texts && count > 0 && i < config->plugin_count; i++)
        note_plugin(config, &config->plugins[i], names, errors);
    free(texts);
}
