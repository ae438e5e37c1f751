/* The watchdog's decision, and the thread that takes it every tick. */
#include "host/daemon/watchdog.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <ringhost/errors.h>

#define TICK_MS_DEFAULT  100u
#define STUCK_MS_DEFAULT 5000u

struct watchdog {
    struct watchdog_config cfg;
    struct watchdog_state state;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t stop_cond;
    uint64_t entries;
    uint32_t is_inside;
    uint32_t is_stopping;
    const char *plugin;
    const char *what;
};

void watchdog_init(struct watchdog_state *state, uint32_t ticks_max)
{
    assert(ticks_max > 0);
    *state = (struct watchdog_state){.ticks_max = ticks_max};
}

uint32_t watchdog_step(struct watchdog_state *state, const struct watchdog_observation *seen)
{
    if (!seen->is_inside || seen->entries != state->entries) {
        state->entries = seen->entries;
        state->ticks = 0;
        state->was_told = 0;
        return WATCHDOG_FINE;
    }
    if (state->was_told)
        return WATCHDOG_FINE;
    state->ticks++;
    if (state->ticks <= state->ticks_max)
        return WATCHDOG_FINE;
    state->was_told = 1;
    return WATCHDOG_STUCK;
}

static void write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written <= 0)
            return; /* nobody left to tell */
        bytes += written;
        size -= (size_t)written;
    }
}

static void condemn(struct watchdog *watchdog, const char *plugin, const char *what)
{
    char line[WATCHDOG_LINE_BYTES];
    uint32_t stuck_ms = watchdog->state.ticks * watchdog->cfg.tick_ms;
    int size = snprintf(line, sizeof line,
                        "callback_stuck plugin=%.64s callback=%.128s for_ms=%u action=abort\n",
                        plugin, what, stuck_ms);
    assert(size > 0 && (size_t)size < sizeof line);
    write_all(STDERR_FILENO, line, (size_t)size);
    if (watchdog->cfg.file >= 0) {
        write_all(watchdog->cfg.file, line, (size_t)size);
        (void)fsync(watchdog->cfg.file); /* we are about to die: there is no second try */
    }
    if (!watchdog->cfg.condemn)
        abort();
    line[size - 1] = 0;
    watchdog->cfg.condemn(watchdog->cfg.user, line);
}

/* Sleeps one tick; false when the watchdog is to end. The lock is held. */
static bool sleep_tick(struct watchdog *watchdog)
{
    struct timespec until;
    if (watchdog->is_stopping)
        return false;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)watchdog->cfg.tick_ms * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_cond_timedwait(&watchdog->stop_cond, &watchdog->lock, &until);
    return !watchdog->is_stopping;
}

static void *watch(void *arg)
{
    struct watchdog *watchdog = arg;
    pthread_mutex_lock(&watchdog->lock);
    while (sleep_tick(watchdog)) {
        struct watchdog_observation seen = {watchdog->entries, watchdog->is_inside};
        const char *plugin = watchdog->plugin;
        const char *what = watchdog->what;
        if (watchdog_step(&watchdog->state, &seen) != WATCHDOG_STUCK)
            continue;
        pthread_mutex_unlock(&watchdog->lock);
        condemn(watchdog, plugin, what);
        pthread_mutex_lock(&watchdog->lock);
    }
    pthread_mutex_unlock(&watchdog->lock);
    return NULL;
}

int32_t watchdog_new(const struct watchdog_config *cfg, struct watchdog **out)
{
    struct watchdog *watchdog = calloc(1, sizeof *watchdog);
    if (!watchdog)
        return RH_ENOMEM;
    watchdog->cfg = *cfg;
    if (watchdog->cfg.tick_ms == 0)
        watchdog->cfg.tick_ms = TICK_MS_DEFAULT;
    if (watchdog->cfg.stuck_ms == 0)
        watchdog->cfg.stuck_ms = STUCK_MS_DEFAULT;
    uint32_t ticks_max = watchdog->cfg.stuck_ms / watchdog->cfg.tick_ms;
    watchdog_init(&watchdog->state, ticks_max > 0 ? ticks_max : 1);

    pthread_condattr_t attr;
    int rc = pthread_condattr_init(&attr);
    rc = rc ? rc : pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    rc = rc ? rc : pthread_cond_init(&watchdog->stop_cond, &attr);
    rc = rc ? rc : pthread_mutex_init(&watchdog->lock, NULL);
    rc = rc ? rc : pthread_create(&watchdog->thread, NULL, watch, watchdog);
    (void)pthread_condattr_destroy(&attr); /* holds nothing */
    if (rc != 0) {
        free(watchdog);
        return RH_EINTERNAL;
    }
    *out = watchdog;
    return RH_OK;
}

void watchdog_entered(struct watchdog *watchdog, const char *plugin, const char *what)
{
    pthread_mutex_lock(&watchdog->lock);
    watchdog->is_inside = what != NULL;
    if (what) {
        watchdog->entries++;
        watchdog->plugin = plugin ? plugin : "host";
        watchdog->what = what;
    }
    pthread_mutex_unlock(&watchdog->lock);
}

void watchdog_free(struct watchdog *watchdog)
{
    if (!watchdog)
        return;
    pthread_mutex_lock(&watchdog->lock);
    watchdog->is_stopping = 1;
    pthread_cond_signal(&watchdog->stop_cond);
    pthread_mutex_unlock(&watchdog->lock);
    pthread_join(watchdog->thread, NULL);
    pthread_cond_destroy(&watchdog->stop_cond);
    pthread_mutex_destroy(&watchdog->lock);
    free(watchdog);
}
