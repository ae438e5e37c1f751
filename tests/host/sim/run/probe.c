/* The probe, and the tables that the program would have. */
#include "tests/host/sim/run/probe.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/run/suite.h"

const struct rh_plugin *rh_plugin_entry_v1_election(void);
const struct rh_plugin *rh_plugin_entry_v1_gossip(void);
static const struct rh_sim_invariants *probe_entry(void);
static const struct rh_sim_invariants *short_entry(void);
static const struct rh_plugin *older_entry(void);

const struct static_plugin static_plugins[] = {
    {"election", rh_plugin_entry_v1_election},
    {"election_old", older_entry},
    {"gossip", rh_plugin_entry_v1_gossip},
    {NULL, NULL},
};
const struct static_check static_checks[] = {
    {"probe", probe_entry},
    {"short", short_entry},
    {NULL, NULL},
};

struct probe probe;

/* The same plugin, which calls itself older. */
static const struct rh_plugin *older_entry(void)
{
    static struct rh_plugin older;

    older = *rh_plugin_entry_v1_election();
    older.version = PROBE_OLDER;
    return &older;
}

static void *create(struct rh_sim *sim)
{
    (void)sim;
    probe.creates++;
    return &probe;
}

static void destroy(void *self)
{
    ((struct probe *)self)->destroys++;
}

static void on_event(void *self, struct rh_sim *sim, uint32_t node)
{
    struct probe *p = self;

    (void)node;
    p->events++;
    if (p->fails_at_us > 0 && rh_sim_now_us(sim) >= p->fails_at_us)
        (sim->api->fail)(sim, "probe_is_happy", 1, "it is %s", "not");
}

static void on_message(void *self, struct rh_sim *sim, const struct rh_sim_message *message)
{
    (void)sim;
    (void)message;
    ((struct probe *)self)->messages++;
}

static void on_published(void *self, struct rh_sim *sim, uint32_t node,
                         const struct rh_event *event)
{
    (void)sim;
    (void)node;
    (void)event;
    ((struct probe *)self)->published++;
}

static void on_tick(void *self, struct rh_sim *sim)
{
    struct probe *p = self;

    p->ticks++;
    if (p->on_tick)
        p->on_tick(sim);
}

static void on_heal(void *self, struct rh_sim *sim)
{
    (void)sim;
    ((struct probe *)self)->heals++;
}

static uint32_t healed(void *self, struct rh_sim *sim)
{
    struct probe *p = self;

    (void)sim;
    p->asks++;
    return !p->never_heals;
}

static void end(void *self, struct rh_sim *sim)
{
    (void)sim;
    ((struct probe *)self)->ends++;
}

static const char *const plugins[] = {"election"};

static const struct rh_sim_invariants table = {
    .size = (uint32_t)sizeof(table),
    .name = "probe",
    .plugins = plugins,
    .plugin_count = 1,
    .tick_ms = 100,
    .create = create,
    .destroy = destroy,
    .event = on_event,
    .message = on_message,
    .published = on_published,
    .tick = on_tick,
    .heal = on_heal,
    .healed = healed,
    .end = end,
};

static const struct rh_sim_invariants *probe_entry(void)
{
    return &table;
}

/* As a file of checks has it that was built before tables grew; what is behind must not be read. */
static const struct rh_sim_invariants *short_entry(void)
{
    static struct rh_sim_invariants older;

    older = table;
    older.name = "short";
    older.size = (uint32_t)offsetof(struct rh_sim_invariants, process);
    memset((char *)&older + older.size, 0xff, sizeof(older) - older.size);
    return &older;
}

struct suite *probe_suite(const char *text)
{
    static const char fixed[] = "suite probe\nplugins election gossip\ninvariants probe\n";
    const struct suite_places places = {.plugin_dirs = {"none"},
                                        .plugin_dir_count = 1,
                                        .check_dirs = {"none"},
                                        .check_dir_count = 1};
    char path[] = "/tmp/ringhost-probe-XXXXXX";
    char why[SUITE_WHY_MAX] = "";
    struct suite *suite = NULL;
    int fd = mkstemp(path);
    int32_t rc;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, fixed, strlen(fixed)), strlen(fixed));
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
    rc = suite_open(path, &places, &suite, why);
    (void)unlink(path);
    if (rc != RH_OK)
        fail_msg("%s", why);
    memset(&probe, 0, sizeof probe);
    return suite;
}
