/* Log lines: who may log at which level, and one event as one line of text. Where lines go is the
 * driver's business. */
#ifndef RH_HOST_CORE_LOG_H
#define RH_HOST_CORE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <ringhost/service/core.h>
#include <ringhost/types.h>

#include "host/core/driver.h"

#define LOG_PLUGINS_MAX 64u   /* plugins with a level of their own */
#define LOG_PLUGIN_MAX  64u   /* bytes of a plugin id */
#define LOG_LINE_MAX    4096u /* bytes of a line; longer ones are cut and end in "..." */
#define LOG_TIME_SIZE   32u   /* room for "2026-11-23T15:00:00.123Z" and far years */

/* A plugin with a level of its own. */
struct log_plugin {
    char id[LOG_PLUGIN_MAX + 1];
    atomic_uint level; /* RH_LOG_..., or LOG_FOLLOWS */
};

/* Fields are private. driver and node_id are borrowed and outlive the log. */
struct log {
    const struct driver *driver;
    const char *node_id;
    atomic_uint level;
    atomic_uint plugin_count; /* rows of `plugins` that are complete */
    struct log_plugin plugins[LOG_PLUGINS_MAX];
};

/* level RH_LOG_... [loop] */
void log_init(struct log *log, const struct driver *driver, const char *node_id, uint32_t level);

/* One plugin's level; plugin NULL: everyone's, also of those that had their own. [loop], while
 * others log. RH_OK, RH_EINVAL (no such level, an id too long) or RH_EFULL (LOG_PLUGINS_MAX). */
int32_t log_level_set(struct log *log, const char *plugin, uint32_t level);

/* Whether a line would be written. plugin NULL: the host itself. [any] */
bool log_wanted(const struct log *log, const char *plugin, uint32_t level);

/* Writes one line if it is wanted:
 *     2026-11-23T15:00:00.123Z info  n1 gossip peer_alive key=value key=value
 * plugin NULL: "host". Control characters in event and text are written as \n, \t, \r or \x1b, so
 * it is always one line. [any] */
void log_write(struct log *log, uint32_t level, const char *plugin, const char *event,
               struct rh_str text);

/* "debug", "info", "warn" or "error", nothing else: RH_OK and *level, or RH_EINVAL. [any] */
int32_t log_level_parse(struct rh_str text, uint32_t *level);
/* The word for a level; "error" above it. Static. [any] */
const char *log_level_name(uint32_t level);

/* Unix milliseconds as UTC, "2026-11-23T15:00:00.123Z"; years 0000 to 9999, else clamped to them.
 * Returns the length. Source: H. Hinnant, "chrono-compatible low-level date algorithms",
 * civil_from_days. [any] */
size_t log_format_time(int64_t unix_ms, char dst[LOG_TIME_SIZE]);

#endif
