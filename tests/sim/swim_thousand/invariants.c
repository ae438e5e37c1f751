/* A thousand whole nodes that are members from the start: whoever crashes is found by all in time,
 * nobody else is given up, and messages stay few. What it took is printed as figures at the end. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sim.h>

#define NONE       UINT32_MAX
#define SETTLE_US  INT64_C(5000000)  /* all nodes have started long ago */
#define EXCUSED_US INT64_C(60000000) /* after a node stood still it may be taken for dead */
#define FOUND_WITHIN_US \
    INT64_C(100000000)        /* the longest suspicion is 72 s, and word takes O(log n) periods */
#define MESSAGES_A_SECOND 6.0 /* a ping and its answer, and some indirect ones */

struct thousand {
    uint32_t count;
    uint32_t victim; /* the node that crashed; NONE */
    int64_t crashed_us, first_us, last_us;
    uint32_t told;     /* nodes that have given it up */
    uint32_t back;     /* nodes that have seen it return */
    uint64_t messages; /* of swim, requests and answers */
    uint32_t excused;  /* deaths of nodes that stood still, summed over observers */
    int64_t *stood_us; /* when each was last seen to stand still; -1 = never */
};

static void *create(struct rh_sim *sim)
{
    struct thousand *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->count = rh_sim_node_count(sim);
    t->victim = NONE;
    t->stood_us = calloc(t->count, sizeof(*t->stood_us));
    if (!t->stood_us)
        abort(); /* a run without memory shows nothing */
    for (uint32_t i = 0; i < t->count; i++)
        t->stood_us[i] = -1;
    return t;
}

static void destroy(void *self)
{
    struct thousand *t = self;

    free(t->stood_us);
    free(t);
}

static void on_tick(void *self, struct rh_sim *sim)
{
    struct thousand *t = self;

    for (uint32_t i = 0; i < t->count; i++) {
        struct rh_sim_node now;

        rh_sim_node(sim, i, &now);
        if (now.is_paused)
            t->stood_us[i] = rh_sim_now_us(sim);
        if (now.is_up || t->victim == i || rh_sim_now_us(sim) < SETTLE_US)
            continue;
        if (t->victim != NONE)
            rh_sim_fail(sim, "one_crash", i, "the scenario crashes more than one node");
        t->victim = i;
        t->crashed_us = rh_sim_now_us(sim);
    }
}

static void on_message(void *self, struct rh_sim *sim, const struct rh_sim_message *message)
{
    struct thousand *t = self;

    if (rh_sim_is_healed(sim) || !rh_str_starts_with(message->path, RH_STR_LIT("/swim/")))
        return;
    t->messages += message->kind == RH_SIM_REQUEST_SENT || message->kind == RH_SIM_REPLY_SENT;
}

struct subject {
    struct rh_str node_id;
};
static const struct rh_field subject_fields[] = {
    RH_STR(struct subject, node_id, RH_REQUIRED, "whom it is about"),
};
static const struct rh_fields subject_table = RH_FIELDS(struct subject, subject_fields);

static void given_up(struct thousand *t, struct rh_sim *sim, uint32_t by, uint32_t subject)
{
    const int64_t now_us = rh_sim_now_us(sim);

    if (subject == t->victim) {
        if (t->told++ == 0)
            t->first_us = now_us;
        t->last_us = now_us;
        return;
    }
    if (t->stood_us[subject] >= 0 && now_us - t->stood_us[subject] < EXCUSED_US) {
        t->excused++;
        return;
    }
    rh_sim_fail(sim, "nobody_well_is_given_up", by, "it gave up node %" PRIu32, subject + 1);
}

static void on_published(void *self, struct rh_sim *sim, uint32_t node,
                         const struct rh_event *event)
{
    struct thousand *t = self;
    const bool is_offline = rh_str_eq_c(event->type, "HOST_OFFLINE");
    struct subject subject;
    void *memory = NULL;
    uint32_t at;

    if ((!is_offline && !rh_str_eq_c(event->type, "HOST_ONLINE")) ||
        rh_sim_decode(sim, &subject_table, event->payload, &subject, &memory) != RH_OK)
        return;
    at = rh_sim_find(sim, subject.node_id);
    if (is_offline && at < t->count)
        given_up(t, sim, node, at);
    else if (at == t->victim && rh_sim_is_healed(sim))
        t->back++;
    rh_sim_release(sim, memory);
}

/* The safety phase is over: what it has shown. */
static void on_heal(void *self, struct rh_sim *sim)
{
    struct thousand *t = self;
    const double rate = (double)t->messages / t->count / ((double)rh_sim_now_us(sim) / 1e6);

    if (t->victim != NONE && t->told + 1 < t->count)
        rh_sim_fail(sim, "all_find_out", t->victim, "%" PRIu32 " of %" PRIu32 " have given it up",
                    t->told, t->count - 1);
    if (t->victim != NONE && t->last_us - t->crashed_us > FOUND_WITHIN_US)
        rh_sim_fail(sim, "all_find_out", t->victim, "the last took %" PRId64 " ms",
                    (t->last_us - t->crashed_us) / 1000);
    if (rate > MESSAGES_A_SECOND)
        rh_sim_fail(sim, "messages_stay_few", 0, "%d in a second", (int)rate);
    if (t->victim != NONE)
        (void)printf("FIGURE first_dead_s %.1f\nFIGURE last_dead_s %.1f\n",
                     (double)(t->first_us - t->crashed_us) / 1e6,
                     (double)(t->last_us - t->crashed_us) / 1e6);
    (void)printf("FIGURE messages_per_node_s %.2f\nFIGURE deaths_of_stalled %" PRIu32 "\n", rate,
                 t->excused);
    (void)fflush(stdout);
}

/* Whoever crashed is back everywhere. */
static uint32_t healed(void *self, struct rh_sim *sim)
{
    const struct thousand *t = self;

    (void)sim;
    return t->victim == NONE || t->back + 1 >= t->count;
}

static const char *const plugins[] = {"swim"};

static const struct rh_sim_invariants invariants = {
    .size = (uint32_t)sizeof(invariants),
    .name = "swim_thousand",
    .plugins = plugins,
    .plugin_count = 1,
    .tick_ms = 100,
    .create = create,
    .destroy = destroy,
    .message = on_message,
    .published = on_published,
    .tick = on_tick,
    .heal = on_heal,
    .healed = healed,
};

RH_SIM_INVARIANTS(invariants)
