/* The command line of ringhost; see options.h. */
#include "host/daemon/options.h"

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

const char options_help[] =
    "usage: ringhost [--conf DIR] [--node ID] [--set KEY=VALUE]... [--check | --routes | --explain "
    "| --docs WHAT]\n"
    "\n"
    "  --conf DIR        read conf.d from DIR (else /usr/lib/ringhost/conf.d and "
    "/etc/ringhost/conf.d)\n"
    "  --node ID         run as this node (else $RINGHOST_NODE, or the only node)\n"
    "  --set KEY=VALUE   change one value, e.g. cluster.beat=1500ms, node.bind=127.0.0.1:9000, "
    "plugin.gossip.fanout=4\n"
    "  --check           read the configuration, load the plugins, start nothing\n"
    "  --routes          print one line a route: method, path, plugin, scope, handler, place\n"
    "  --explain         print every effective value with the place it comes from\n"
    "  --docs WHAT       print a reference as Markdown: routes, events, configuration\n"
    "  --checked         assert that plugins call services on the loop thread only\n"
    "  --version         print the version\n"
    "\n"
    "exit codes: 0 stopped in good order, 64 usage, 69 port in use, 70 internal, 73 data "
    "directory,\n"
    "78 configuration or plugin\n";

#define TAKES_MODE    0u
#define TAKES_CONF    1u
#define TAKES_NODE    2u
#define TAKES_SET     3u
#define TAKES_DOCS    4u
#define TAKES_CHECKED 5u

struct option_row {
    const char *name;
    uint32_t takes;
    uint32_t mode;
};
static const struct option_row rows[] = {
    {"--conf", TAKES_CONF, 0},
    {"--node", TAKES_NODE, 0},
    {"--set", TAKES_SET, 0},
    {"--check", TAKES_MODE, MODE_CHECK},
    {"--routes", TAKES_MODE, MODE_ROUTES},
    {"--explain", TAKES_MODE, MODE_EXPLAIN},
    {"--docs", TAKES_DOCS, MODE_DOCS},
    {"--checked", TAKES_CHECKED, 0},
    {"--version", TAKES_MODE, MODE_VERSION},
    {"--help", TAKES_MODE, MODE_HELP},
};
#define ROWS (sizeof rows / sizeof rows[0])

static int32_t unknown(const char *word, char *why)
{
    const char *names[ROWS];
    const char *near;

    for (size_t i = 0; i < ROWS; i++)
        names[i] = rows[i].name;
    near = rh_suggest(rh_str_from(word), names, ROWS);
    (void)snprintf(why, OPTIONS_WHY_MAX, "unknown option \"%.64s\"%s%s", word,
                   near ? "; did you mean " : "", near ? near : ""); /* fits */
    return RH_EINVAL;
}

/* One option with its value, which is NULL for those that take none. */
static int32_t take(const struct option_row *row, const char *value, struct options *out, char *why)
{
    switch (row->takes) {
    case TAKES_CONF:
        out->conf = value;
        break;
    case TAKES_NODE:
        out->node = value;
        break;
    case TAKES_SET:
        if (out->set_count == OPTIONS_SETS_MAX) {
            (void)snprintf(why, OPTIONS_WHY_MAX, "more than %u --set", OPTIONS_SETS_MAX); /* fits */
            return RH_EINVAL;
        }
        out->sets[out->set_count++] = value;
        break;
    case TAKES_DOCS:
        out->docs = value;
        out->mode = MODE_DOCS;
        break;
    case TAKES_CHECKED:
        out->checked = 1;
        break;
    default:
        out->mode = row->mode;
        break;
    }
    return RH_OK;
}

int32_t options_parse(int argc, char *const *argv, struct options *out, char *why)
{
    struct options options = {0};

    for (int i = 1; i < argc; i++) {
        const char *equals = strchr(argv[i], '=');
        struct rh_str name =
            equals ? (struct rh_str){argv[i], (size_t)(equals - argv[i])} : rh_str_from(argv[i]);
        const struct option_row *row = NULL;
        const char *value = NULL;
        bool has_value;
        int32_t rc;

        for (size_t r = 0; r < ROWS && !row; r++)
            if (rh_str_eq_c(name, rows[r].name))
                row = &rows[r];
        if (!row)
            return unknown(argv[i], why);
        has_value = row->takes != TAKES_MODE && row->takes != TAKES_CHECKED;
        if (equals)
            value = equals + 1;
        else if (has_value && i + 1 < argc)
            value = argv[++i];
        if (has_value != (value != NULL)) {
            (void)snprintf(why, OPTIONS_WHY_MAX, "%s %s", row->name,
                           has_value ? "needs a value" : "takes no value"); /* fits */
            return RH_EINVAL;
        }
        rc = take(row, value, &options, why);
        if (rc != RH_OK)
            return rc;
    }
    *out = options;
    return RH_OK;
}
