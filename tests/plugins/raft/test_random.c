/* Raft cores under random faults: loss, doubling, reordering, cuts, slow disks, crashes that lose
 * what was not written, changes of members, skewed clocks. RINGHOST_RAFT_SEEDS is how many seeds
 * (120), RINGHOST_RAFT_SEED the first. */
#include <inttypes.h>
#include <time.h>

#include "oracle.h"

#include <ringhost/sdk/str.h>

#define SEEDS_DEFAULT 120u
#define FAULTS_US     INT64_C(20000000)
#define CALM_US       INT64_C(60000000)
#define READS_MAX     64u

/* How hard a run is; drawn once for each seed. */
struct weather {
    uint32_t loss, doubling, tails; /* percent */
    int64_t delay_us, tail_us, disk_us, client_us;
    uint32_t crash, cut, change; /* per thousand of the steps of the fault clock */
    uint32_t tells_loss;         /* percent of lost requests that the sender is told of */
    bool is_ordered;
};

struct asked {
    uint64_t id, needs;
};

struct world {
    struct group group;
    struct oracle oracle;
    struct rh_rng rng;
    struct weather weather;
    bool cut[GROUP_NODES_MAX][GROUP_NODES_MAX];
    int64_t last_at_us[GROUP_NODES_MAX][GROUP_NODES_MAX];
    int64_t fault_at_us, client_at_us;
    uint64_t proposed, reads;
    struct asked asked[GROUP_NODES_MAX][READS_MAX];
    uint32_t asked_count[GROUP_NODES_MAX];
    bool is_calm;
};

static uint64_t below(struct world *w, uint64_t n)
{
    return rh_rng_below(&w->rng, n);
}

static bool chance(struct world *w, uint32_t percent)
{
    return below(w, 100) < percent;
}

static void draw_weather(struct world *w)
{
    static const int64_t delays[] = {2000, 10000, 60000};
    static const int64_t disks[] = {500, 5000, 120000};
    static const int64_t clients[] = {40000, 40000, 2000000};
    struct weather *out = &w->weather;

    out->loss = chance(w, 50) ? (uint32_t)below(w, 25) : 0;
    out->doubling = chance(w, 50) ? (uint32_t)below(w, 20) : 0;
    out->delay_us = delays[below(w, 3)];
    out->tail_us = chance(w, 40) ? 1500000 : 0;
    out->tails = chance(w, 30) ? 40 : 5;
    out->client_us = clients[below(w, 3)];
    out->disk_us = disks[below(w, 3)];
    out->crash = chance(w, 60) ? (uint32_t)below(w, 60) : 0;
    out->cut = chance(w, 60) ? (uint32_t)below(w, 100) : 0;
    out->change = chance(w, 40) ? 40 : 0;
    out->tells_loss = (uint32_t)below(w, 101);
    out->is_ordered = chance(w, 30);
}

static void on_sent(struct group *group, struct letter *letter)
{
    struct world *w = group->user;
    const struct weather *weather = &w->weather;
    int64_t delay_us = 200 + (int64_t)below(w, (uint64_t)weather->delay_us);

    oracle_on_sent(&w->oracle, group, letter);
    if (!w->is_calm && weather->tail_us > 0 && chance(w, weather->tails))
        delay_us += (int64_t)below(w, (uint64_t)weather->tail_us);
    letter->at_us = group->now_us + delay_us;
    if (weather->is_ordered) {
        int64_t *last_us = &w->last_at_us[letter->from][letter->to];

        if (letter->at_us <= *last_us)
            letter->at_us = *last_us + 1;
        *last_us = letter->at_us;
    }
}

static void on_handed(struct group *group, uint32_t node, const struct raft_entry *entry)
{
    struct world *w = group->user;

    oracle_on_handed(&w->oracle, group, node, entry);
}

static void on_write(struct group *group, uint32_t node)
{
    struct world *w = group->user;
    const int64_t slow_us = w->is_calm ? 500 : w->weather.disk_us;

    oracle_on_write(&w->oracle, group, node);
    group->nodes[node].write_at_us = group->now_us + 50 + (int64_t)below(w, (uint64_t)slow_us);
}

static void on_install(struct group *group, uint32_t node)
{
    struct world *w = group->user;

    group->nodes[node].install_at_us = group->now_us + (int64_t)below(w, 300000);
}

static void world_init(struct world *w, uint64_t seed)
{
    const uint32_t voters = 3 + 2 * (uint32_t)(seed % 2);
    const uint32_t extra = (uint32_t)(seed / 2 % 3);

    memset(w, 0, sizeof(*w));
    rh_rng_seed(&w->rng, seed);
    draw_weather(w);
    group_init(&w->group, voters + extra, voters);
    w->group.seed = seed;
    w->group.user = w;
    w->group.on_sent = on_sent;
    w->group.on_handed = on_handed;
    w->group.on_write = on_write;
    w->group.on_install = on_install;
    for (uint32_t i = 0; i < w->group.count; i++) {
        w->group.nodes[i].rate = 0.9 + 0.2 * rh_rng_double(&w->rng);
        w->group.nodes[i].offset_ms = (int64_t)below(w, 1000000);
        group_start(&w->group, i);
        group_pump(&w->group, i);
    }
}

static void check_reads(struct world *w, uint32_t node)
{
    struct node *n = &w->group.nodes[node];

    for (uint32_t i = 0; i < n->read_count; i++) {
        for (uint32_t j = 0; j < w->asked_count[node]; j++) {
            if (w->asked[node][j].id != n->reads[i].id)
                continue;
            if (n->reads[i].rc == RH_OK && n->live.index < w->asked[node][j].needs)
                oracle_violate(&w->oracle, "read_sees_what_was_acknowledged", node, n->live.index);
            w->reads += n->reads[i].rc == RH_OK;
            w->asked[node][j] = w->asked[node][--w->asked_count[node]];
            break;
        }
    }
    n->read_count = 0;
}

/* A client talks to whoever thinks that it leads. */
static void client(struct world *w)
{
    const uint32_t node = (uint32_t)below(w, w->group.count);
    struct raft *raft = w->group.nodes[node].raft;
    uint64_t data[4] = {w->proposed, rh_rng_u64(&w->rng), 0, 0};
    uint64_t index;

    if (!raft || raft->role != RAFT_LEADER)
        return;
    for (uint64_t i = below(w, 8); i > 0; i--) {
        data[0] = ++w->proposed;
        (void)raft_propose(raft, (struct rh_str){(const char *)data, 8 * (1 + below(w, 4))},
                           &index);
    }
    if (chance(w, 30) && w->asked_count[node] < READS_MAX &&
        raft_read_index(raft, w->proposed * 10 + 1) == RH_OK)
        w->asked[node][w->asked_count[node]++] =
            (struct asked){.id = w->proposed * 10 + 1, .needs = w->oracle.agreed};
    if (below(w, 200) == 0)
        (void)raft_transfer(raft, "", group_now(&w->group, node));
    group_pump(&w->group, node);
}

static void change_members(struct world *w)
{
    struct raft_change change = {.kind = 1 + (uint32_t)below(w, 3), .id = {'n'}};
    const uint32_t node = (uint32_t)below(w, w->group.count);
    struct raft *raft = w->group.nodes[node].raft;
    uint64_t index;

    change.id[1] = (char)('1' + below(w, w->group.count));
    if (!raft || raft->role != RAFT_LEADER ||
        (change.kind == RAFT_REMOVE && raft_members_voter_count(raft_newest(raft)) <= 2))
        return;
    (void)raft_propose_change(raft, &change, &index);
    group_pump(&w->group, node);
}

static void crash_one(struct world *w)
{
    const uint32_t node = (uint32_t)below(w, w->group.count);

    if (!w->group.nodes[node].raft)
        return;
    group_crash(&w->group, node, chance(w, 50));
    w->group.nodes[node].up_at_us = w->group.now_us + (int64_t)below(w, 3000000);
    w->asked_count[node] = 0;
    w->group.nodes[node].read_count = 0;
}

static void cut_some(struct world *w)
{
    const uint32_t a = (uint32_t)below(w, w->group.count);
    const bool is_both = chance(w, 70);

    if (chance(w, 40)) {
        memset(w->cut, 0, sizeof(w->cut));
        return;
    }
    for (uint32_t b = 0; b < w->group.count; b++) {
        if (chance(w, 40))
            continue;
        w->cut[a][b] = true;
        w->cut[b][a] = is_both;
    }
}

static void fault(struct world *w)
{
    if (below(w, 1000) < w->weather.crash)
        crash_one(w);
    if (below(w, 1000) < w->weather.cut)
        cut_some(w);
    if (below(w, 1000) < w->weather.change)
        change_members(w);
    for (uint32_t i = 0; i < w->group.count; i++)
        if (w->group.nodes[i].raft && below(w, 100) == 0)
            group_checkpoint(&w->group, i);
}

static void arrive(struct world *w, uint32_t place)
{
    struct group *group = &w->group;
    struct letter *letter = group->letters[place];
    const uint32_t loss = w->is_calm ? 0 : w->weather.loss;

    if (w->cut[letter->from][letter->to] || chance(w, loss)) {
        struct raft *raft = group->nodes[letter->from].raft;

        if (raft && !RAFT_MSG_IS_REPLY(letter->m.kind) && chance(w, w->weather.tells_loss)) {
            raft_unreachable(raft, group->nodes[letter->to].id, letter->m.kind,
                             group_now(group, letter->from));
            group_pump(group, letter->from);
        }
        group_drop(group, place);
        return;
    }
    if (!w->is_calm && chance(w, w->weather.doubling) && group->letter_count < 4000) {
        (void)group_step(group, letter);
        letter->at_us = group->now_us + (int64_t)below(w, 2000000);
        return;
    }
    group->letter_count--;
    memmove(&group->letters[place], &group->letters[place + 1],
            (group->letter_count - place) * sizeof(group->letters[0]));
    (void)group_step(group, letter);
    letter_free(letter);
}

static int64_t tick_at_us(const struct group *group, uint32_t node)
{
    const struct node *n = &group->nodes[node];
    const int64_t now_ms = group_now(group, node);
    const int64_t wait_ms = raft_next_ms(n->raft, now_ms) - now_ms;

    if (wait_ms > 3600000)
        return INT64_MAX;
    return group->now_us + 1000 + (wait_ms > 0 ? (int64_t)((double)wait_ms * 1000.0 / n->rate) : 0);
}

static void node_events(struct world *w, uint32_t i)
{
    struct group *group = &w->group;
    struct node *n = &group->nodes[i];

    if (!n->raft && n->up_at_us <= group->now_us) {
        group_start(group, i);
        group_pump(group, i);
        n->tick_at_us = 0;
    }
    if (n->raft && n->write.is_active && n->write_at_us <= group->now_us)
        group_end_write(group, i, RH_OK);
    if (n->raft && n->is_installing && n->install_at_us <= group->now_us)
        group_end_install(group, i, RH_OK);
    if (n->raft && n->tick_at_us <= group->now_us) {
        raft_tick(n->raft, group_now(group, i));
        group_pump(group, i);
    }
    if (n->raft)
        n->tick_at_us = tick_at_us(group, i);
    check_reads(w, i);
}

/* Time goes on to whatever comes next. */
static void advance(struct world *w)
{
    struct group *group = &w->group;
    int64_t next_us = w->fault_at_us < w->client_at_us ? w->fault_at_us : w->client_at_us;

    for (uint32_t i = 0; i < group->letter_count; i++)
        if (group->letters[i]->at_us < next_us)
            next_us = group->letters[i]->at_us;
    for (uint32_t i = 0; i < group->count; i++) {
        const struct node *n = &group->nodes[i];
        const int64_t at[] = {
            n->raft ? n->tick_at_us : n->up_at_us,
            n->raft && n->write.is_active ? n->write_at_us : INT64_MAX,
            n->raft && n->is_installing ? n->install_at_us : INT64_MAX,
        };

        for (uint32_t j = 0; j < 3; j++)
            if (at[j] < next_us)
                next_us = at[j];
    }
    if (next_us > group->now_us)
        group->now_us = next_us;
}

static void run_until(struct world *w, int64_t end_us)
{
    struct group *group = &w->group;

    while (group->now_us < end_us && !w->oracle.violation) {
        advance(w);
        for (uint32_t i = 0; i < group->letter_count;)
            if (group->letters[i]->at_us <= group->now_us)
                arrive(w, i);
            else
                i++;
        for (uint32_t i = 0; i < group->count; i++)
            node_events(w, i);
        if (w->client_at_us <= group->now_us) {
            w->client_at_us =
                group->now_us + 5000 + (int64_t)below(w, (uint64_t)w->weather.client_us);
            client(w);
        }
        if (w->fault_at_us <= group->now_us) {
            w->fault_at_us = group->now_us + 50000;
            if (!w->is_calm)
                fault(w);
        }
        oracle_look(&w->oracle, group);
    }
}

static bool is_converged(const struct world *w, uint64_t index)
{
    const struct group *group = &w->group;
    const struct raft_members *members = NULL;

    for (uint32_t i = 0; i < group->count; i++)
        if (group->nodes[i].raft && group->nodes[i].raft->role == RAFT_LEADER)
            members = raft_newest(group->nodes[i].raft);
    for (uint32_t i = 0; members && i < members->count; i++)
        if (group->nodes[group_find(group, members->list[i].id)].live.index < index)
            return false;
    return members != NULL;
}

/* Everything is healed: the group must agree on something new, everywhere. */
static bool calm_down(struct world *w)
{
    const uint64_t before = w->oracle.agreed;
    const int64_t end_us = w->group.now_us + CALM_US;

    w->is_calm = true;
    memset(w->cut, 0, sizeof(w->cut));
    w->weather.delay_us = 2000;
    w->weather.client_us = 40000;
    for (uint32_t i = 0; i < w->group.count; i++)
        if (!w->group.nodes[i].raft)
            w->group.nodes[i].up_at_us = w->group.now_us;
    while (w->group.now_us < end_us && !w->oracle.violation) {
        run_until(w, w->group.now_us + 1000000);
        if (w->oracle.agreed > before + 2 && is_converged(w, before + 1))
            return true;
    }
    return false;
}

static uint64_t number_from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    uint64_t value;

    return text && rh_parse_u64(rh_str_from(text), &value) == RH_OK ? value : otherwise;
}

static void nothing_unsafe_happens_and_everything_heals(void **state)
{
    const uint64_t first = number_from_environment("RINGHOST_RAFT_SEED", 1);
    const uint64_t count = number_from_environment("RINGHOST_RAFT_SEEDS", SEEDS_DEFAULT);
    struct world *w = calloc(1, sizeof(*w));
    uint64_t agreed = 0;
    uint64_t reads = 0;
    double virtual_s = 0;

    (void)state;
    assert_non_null(w);
    for (uint64_t seed = first; seed < first + count; seed++) {
        bool is_calm;

        world_init(w, seed);

        run_until(w, FAULTS_US);
        is_calm = calm_down(w);

        if (w->oracle.violation)
            print_message("violation %s at node n%" PRIu32 " index or term %" PRIu64 "\n",
                          w->oracle.violation, w->oracle.at_node + 1, w->oracle.at_index);
        if (w->oracle.violation || !is_calm)
            fail_msg("RINGHOST_RAFT_SEED=%" PRIu64 " RINGHOST_RAFT_SEEDS=1: %s", seed,
                     w->oracle.violation ? w->oracle.violation : "did not converge");
        agreed += w->oracle.agreed;
        reads += w->reads;
        virtual_s += (double)w->group.now_us / 1e6;
        group_free(&w->group);
    }
    free(w);
    print_message("FIGURE raft.random %" PRIu64 " seeds from %" PRIu64 ", %.0f virtual s, %" PRIu64
                  " entries agreed on, %" PRIu64 " reads\n",
                  count, first, virtual_s, agreed, reads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_unsafe_happens_and_everything_heals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
