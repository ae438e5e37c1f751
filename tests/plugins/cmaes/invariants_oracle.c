/* A tuning job computed anew: the answers to each ended generation are those that its row names,
 * their values what the candidates are worth, and all that follows has to be the same bits. */
#include "invariants.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/work_item.h>

#include "plugins/cmaes/snapshot.h"

static bool get_key(struct rh_sim *sim, uint32_t node, const struct rh_key *key, struct rh_str *out)
{
    struct rh_value value = {.size = (uint32_t)sizeof(value)};

    if (rh_sim_get(sim, node, CMAES_NS, rh_key_view(key), &value) != RH_OK || !value.found)
        return false;
    *out = value.data;
    return true;
}

bool jobs_oracle_get(struct rh_sim *sim, uint32_t node, char kind, const char *id,
                     struct rh_str *out)
{
    struct rh_key key;

    rh_store_key(&key, kind, rh_str_from(id));
    return get_key(sim, node, &key, out);
}

static bool get_row(struct rh_sim *sim, uint32_t node, const char *id, uint64_t generation,
                    struct generation_row *out)
{
    struct rh_str record;
    struct rh_key key;

    rh_store_key(&key, KEY_ROW, rh_str_from(id));
    (void)rh_key_u64(&key, generation); /* it fits */
    if (!get_key(sim, node, &key, &record))
        return false;
    if (generation_row_decode(record, out) == RH_OK)
        return true;
    rh_sim_fail(sim, "rows_can_be_read", node, "%s generation %" PRIu64, id, generation);
    return false;
}

static uint64_t hash_of(struct rh_str bytes)
{
    return rh_hash_fnv1a(RH_HASH_FNV1A_INIT, bytes.p, bytes.n);
}

static bool begin(struct known_job *job, struct rh_sim *sim, uint32_t node)
{
    struct search *first = NULL;
    struct rh_str record;
    struct rh_buf snapshot;

    if (job->oracle)
        return true;
    if (!jobs_oracle_get(sim, node, KEY_SPEC, job->id, &record))
        return false;
    if (job_new(record, (struct rh_str){NULL, 0}, NULL, &job->oracle) != RH_OK ||
        search_new(&job->oracle->spec.search, &first) != RH_OK)
        abort(); /* there is memory, and the node reads the same */
    rh_buf_init(&snapshot, SNAPSHOT_BYTES_MAX);
    snapshot_encode(first, &snapshot);
    job->snapshots[0] = hash_of(rh_buf_str(&snapshot));
    rh_buf_release(&snapshot);
    search_free(first);
    return true;
}

/* --- what came back --- */

struct item_row {
    struct rh_str idempotency_key;
    struct rh_str status;
};
struct item_page {
    struct rh_list items;
};
static const struct rh_field item_fields[] = {
    RH_STR(struct item_row, idempotency_key, 0, "group and index"),
    RH_STR(struct item_row, status, RH_REQUIRED, "where it stands"),
};
static const struct rh_field page_fields[] = {
    RH_OBJECT_LIST(struct item_page, items, 0, 1000, struct item_row, item_fields, "-"),
};
static const struct rh_fields page_table = RH_FIELDS(struct item_page, page_fields);

/* Which items of a generation are dead, by index; false: the queue does not answer now. One that is
 * alive cannot have been counted. */
static bool read_dead(struct rh_sim *sim, uint32_t leader, const char *group,
                      const struct generation_row *row, bool *dead)
{
    struct rh_sim_answer answer = {.size = (uint32_t)sizeof(answer)};
    struct item_page page;
    void *memory = NULL;
    char target[192];

    (void)snprintf(target, sizeof(target), "/work/group?limit=1000&group=%s", group); /* fits */
    if (rh_sim_ask(sim, leader, target, &answer) != RH_OK || answer.status != 200 ||
        rh_sim_decode(sim, &page_table, answer.body, &page, &memory) != RH_OK)
        return false;
    for (uint32_t i = 0; i < page.items.count; i++) {
        const struct item_row *item = (const struct item_row *)page.items.items + i;
        uint32_t index = 0;

        if (rh_work_key_index(item->idempotency_key, rh_str_from(group), &index) != RH_OK ||
            index >= row->population)
            continue;
        dead[index] = rh_str_eq_c(item->status, "dead") || rh_str_eq_c(item->status, "cancelled");
        if (!dead[index] && !rh_str_eq_c(item->status, "done") &&
            row->seen[index / 8] & 1u << index % 8)
            rh_sim_fail(sim, "counted_when_it_is_over", leader, "%.*s is %.*s",
                        RH_STR_ARG(item->idempotency_key), RH_STR_ARG(item->status));
    }
    rh_sim_release(sim, memory);
    return true;
}

static bool put_answers(struct known_job *job, struct rh_sim *sim, uint32_t leader,
                        const struct generation_row *row)
{
    struct job *oracle = job->oracle;
    bool dead[POPULATION_MAX] = {false};
    char group[RH_WORK_GROUP_ID_SIZE];

    (void)snprintf(group, sizeof(group), "%s/%" PRIu64, job->id, row->generation); /* fits */
    if (oracle->spec.evaluate.n && !read_dead(sim, leader, group, row, dead))
        return false;
    for (uint32_t i = 0; i < job_population(oracle); i++) {
        double values[DIMENSION_MAX];
        struct report report = {REPORT_ERROR, 0.0};

        if (!(row->seen[i / 8] & 1u << i % 8))
            continue;
        search_values(oracle->search, i, values);
        if (oracle->spec.evaluate.n ? !dead[i] : !jobs_load_breaks(values))
            report = (struct report){REPORT_FITNESS, jobs_load_fitness(values)};
        job_put(oracle, i, report);
    }
    return true;
}

/* All that follows from the answers; who came late and when it was is not. */
static void compare_rows(const struct known_job *job, struct rh_sim *sim, uint32_t node,
                         const struct generation_row *stored, const struct generation_row *anew)
{
    struct generation_row row = *stored;

    row.late = anew->late;
    row.ended_at_ms = anew->ended_at_ms;
    if (row.population != anew->population || row.ranked != anew->ranked ||
        row.errors != anew->errors || row.run != anew->run || row.is_quorum != anew->is_quorum ||
        row.ended_run != anew->ended_run || memcmp(row.seen, anew->seen, sizeof(row.seen)) != 0 ||
        memcmp(&row.best, &anew->best, sizeof(row.best)) != 0 ||
        memcmp(&row.median, &anew->median, sizeof(row.median)) != 0 ||
        memcmp(&row.worst, &anew->worst, sizeof(row.worst)) != 0 ||
        memcmp(&row.best_so_far, &anew->best_so_far, sizeof(row.best_so_far)) != 0 ||
        memcmp(&row.sigma, &anew->sigma, sizeof(row.sigma)) != 0)
        rh_sim_fail(sim, "generations_follow_from_answers", node,
                    "%s generation %" PRIu64 ": %" PRIu32 " ranked %" PRIu32
                    " errors best %.17g sigma %.17g, worked out %" PRIu32 " ranked %" PRIu32
                    " errors best %.17g sigma %.17g",
                    job->id, row.generation, row.ranked, row.errors, row.best, row.sigma,
                    anew->ranked, anew->errors, anew->best, anew->sigma);
}

/* A generation without all of its answers ended at a deadline, with its quorum, which is a half. */
static void check_quorum(const struct known_job *job, struct rh_sim *sim, uint32_t node,
                         const struct generation_row *row)
{
    uint32_t answered = 0;

    for (uint32_t i = 0; i < row->population; i++)
        answered += (row->seen[i / 8] & 1u << i % 8) != 0;
    if (answered == row->population ||
        (job->oracle->spec.generation_timeout_ms > 0 && 2 * answered >= row->population))
        return;
    rh_sim_fail(sim, "quorum_is_there", node,
                "%s generation %" PRIu64 " ended with %" PRIu32 " of %" PRIu32, job->id,
                row->generation, answered, row->population);
}

void jobs_oracle_advance(struct known_job *job, struct rh_sim *sim, uint32_t leader)
{
    struct generation_row row;

    if (!begin(job, sim, leader))
        return;
    while (job->oracle->status.state == JOB_RUNNING &&
           get_row(sim, leader, job->id, job_generation(job->oracle), &row)) {
        const uint64_t generation = row.generation;
        struct rh_buf snapshot;

        if (generation >= GENERATIONS_MAX || !put_answers(job, sim, leader, &row))
            return;
        check_quorum(job, sim, leader, &row);
        rh_buf_init(&snapshot, SNAPSHOT_BYTES_MAX);
        if (job_close(job->oracle, 1, &job->rows[generation], &snapshot) != RH_OK)
            abort(); /* there is memory */
        job->snapshots[generation + 1] = hash_of(rh_buf_str(&snapshot));
        rh_buf_release(&snapshot);
        compare_rows(job, sim, leader, &row, &job->rows[generation]);
    }
}

/* Rows one after the other, each as it was, up to the generation of the snapshot. */
static void check_rows(const struct known_job *job, struct rh_sim *sim, uint32_t node,
                       uint64_t generations)
{
    struct generation_row row;

    for (uint64_t i = 0; i < generations && i < job_generation(job->oracle); i++) {
        if (!get_row(sim, node, job->id, i, &row)) {
            rh_sim_fail(sim, "generations_end_in_order", node,
                        "%s: %" PRIu64 " of %" PRIu64 " has no row", job->id, i, generations);
            return;
        }
        compare_rows(job, sim, node, &row, &job->rows[i]);
    }
    if (get_row(sim, node, job->id, generations, &row))
        rh_sim_fail(sim, "generations_end_in_order", node, "%s: %" PRIu64 " has a row and is open",
                    job->id, generations);
}

void jobs_oracle_check(const struct known_job *job, struct rh_sim *sim, uint32_t node)
{
    struct job_status status;
    struct search *search = NULL;
    struct rh_str record;
    uint64_t hash;
    uint64_t generations;

    if (!job->oracle || !jobs_oracle_get(sim, node, KEY_STATUS, job->id, &record))
        return;
    if (job_status_decode(record, &status) != RH_OK ||
        !jobs_oracle_get(sim, node, KEY_SNAPSHOT, job->id, &record) ||
        snapshot_decode(&job->oracle->spec.search, record, &search) != RH_OK) {
        rh_sim_fail(sim, "jobs_can_be_read", node, "%s", job->id);
        return;
    }
    hash = hash_of(record);
    generations = search->generations;
    search_free(search);
    check_rows(job, sim, node, generations);
    if (generations > job_generation(job->oracle) || status.state == JOB_CANCELLED)
        return; /* not worked out yet, or ended from outside */
    if (hash != job->snapshots[generations])
        rh_sim_fail(sim, "search_follows_from_answers", node,
                    "%s: the search before generation %" PRIu64 " has other bits", job->id,
                    generations);
}
