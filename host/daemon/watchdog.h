/* Notices a callback that keeps the loop too long, says whose it was and aborts. It judges only the
 * loop thread.
 *
 * Time is counted in the watchdog's own ticks: a process that was stopped and continued has not
 * ticked meanwhile, and is not condemned for it. */
#ifndef RH_HOST_DAEMON_WATCHDOG_H
#define RH_HOST_DAEMON_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#define WATCHDOG_LINE_BYTES 320u

#define WATCHDOG_FINE       0u
#define WATCHDOG_STUCK      1u /* told once per section */

/* What the watchdog sees at a tick. */
struct watchdog_observation {
    uint64_t entries;   /* sections entered so far */
    uint32_t is_inside; /* 1: the last one has not been left */
};

struct watchdog_state {
    uint64_t entries;
    uint32_t ticks;     /* seen inside the same section */
    uint32_t ticks_max; /* more is stuck */
    uint32_t was_told;
};

/* The decision, once per tick. Pure. */
void watchdog_init(struct watchdog_state *state, uint32_t ticks_max);
uint32_t watchdog_step(struct watchdog_state *state, const struct watchdog_observation *seen);

struct watchdog;

struct watchdog_config {
    uint32_t tick_ms;  /* 0 = 100 */
    uint32_t stuck_ms; /* 0 = 5000 */
    int file;          /* where the line goes besides stderr; -1 = nowhere. Stays the caller's. */
    /* Instead of abort(), for tests; line without newline. [watchdog's thread] */
    void (*condemn)(void *user, const char *line);
    void *user;
};

/* Starts the thread. RH_OK, RH_ENOMEM or RH_EINTERNAL. */
int32_t watchdog_new(const struct watchdog_config *cfg, struct watchdog **out);

/* A section begins (plugin id and callback, kept, so they live as long as the plugin) or ends (both
 * NULL). [loop] */
void watchdog_entered(struct watchdog *watchdog, const char *plugin, const char *what);

/* Ends the thread. NULL is allowed. */
void watchdog_free(struct watchdog *watchdog);

#endif
