/* The command line of ringhost: words in, one struct out. It acts on nothing. */
#ifndef RH_HOST_DAEMON_OPTIONS_H
#define RH_HOST_DAEMON_OPTIONS_H

#include <stdint.h>

#include <ringhost/errors.h>

#define OPTIONS_SETS_MAX 256u
#define OPTIONS_WHY_MAX  256u

#define MODE_RUN         0u
#define MODE_CHECK       1u /* --check: read the configuration, load the plugins, start nothing */
#define MODE_ROUTES      2u /* --routes: one line a route */
#define MODE_DOCS        3u /* --docs WHAT: a reference as Markdown */
#define MODE_EXPLAIN     4u /* --explain: every effective value with its origin */
#define MODE_VERSION     5u
#define MODE_HELP        6u

/* Texts are borrowed from argv. */
struct options {
    uint32_t mode;
    uint32_t checked;
    const char *conf; /* NULL = the system's directories */
    const char *node; /* NULL = $RINGHOST_NODE, or the only one */
    const char *docs; /* routes, events, configuration */
    const char *sets[OPTIONS_SETS_MAX];
    uint32_t set_count;
};

extern const char options_help[];

/* RH_OK, or RH_EINVAL with one line in why (OPTIONS_WHY_MAX). */
int32_t options_parse(int argc, char *const *argv, struct options *out, char *why);

#endif
