/* Terms and data of entries; see log.h. */
#include "log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST UINT64_C(64)
#define RUNS_FIRST  16u

static struct raft_slot *slot_of(const struct raft_log *log, uint64_t index)
{
    assert(log->slot_cap > 0);
    return &log->slots[index & (log->slot_cap - 1)];
}

static void drop_slot(struct raft_log *log, uint64_t index)
{
    struct raft_slot *slot = slot_of(log, index);

    log->held_bytes -= slot->size;
    free(slot->bytes);
    *slot = (struct raft_slot){.bytes = NULL};
}

static void drop_slots(struct raft_log *log, uint64_t from, uint64_t to)
{
    for (uint64_t index = from; index <= to; index++)
        drop_slot(log, index);
}

void raft_log_reset(struct raft_log *log, uint64_t index, uint64_t term)
{
    if (log->slot_cap > 0)
        drop_slots(log, log->first_held, log->last_index);
    assert(log->held_bytes == 0);
    log->run_count = 0;
    log->base_index = index;
    log->base_term = term;
    log->last_index = index;
    log->stable_index = index;
    log->taken_index = index;
    log->first_held = index + 1;
}

void raft_log_release(struct raft_log *log)
{
    raft_log_reset(log, 0, 0);
    free(log->slots);
    free(log->runs);
    memset(log, 0, sizeof(*log));
}

/* The run that holds index, which is behind the base. */
static uint32_t run_of(const struct raft_log *log, uint64_t index)
{
    uint32_t low = 0;
    uint32_t high = log->run_count;

    assert(log->run_count > 0 && log->runs[0].first <= index);
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;

        if (log->runs[middle].first <= index)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint64_t raft_log_term(const struct raft_log *log, uint64_t index)
{
    if (index == log->base_index)
        return log->base_term;
    if (index < log->base_index || index > log->last_index)
        return 0;
    return log->runs[run_of(log, index)].term;
}

bool raft_log_matches(const struct raft_log *log, uint64_t index, uint64_t term)
{
    return index >= log->base_index && index <= log->last_index &&
           raft_log_term(log, index) == term;
}

/* Room for one more run, if the term is another than the last. */
static int32_t make_run(struct raft_log *log, uint64_t term)
{
    const uint32_t cap = log->run_cap ? log->run_cap * 2 : RUNS_FIRST;
    struct raft_run *runs;

    if ((log->run_count > 0 && log->runs[log->run_count - 1].term == term) ||
        log->run_count < log->run_cap)
        return RH_OK;
    if (log->run_count >= RAFT_LOG_RUNS_MAX)
        return RH_EFULL;
    runs = realloc(log->runs, cap * sizeof(*runs));
    if (!runs)
        return RH_ENOMEM;
    log->runs = runs;
    log->run_cap = cap;
    return RH_OK;
}

/* make_run has made room. */
static void extend(struct raft_log *log, uint64_t term)
{
    assert(term >= raft_log_term(log, log->last_index));
    log->last_index++;
    if (log->run_count > 0 && log->runs[log->run_count - 1].term == term)
        return;
    assert(log->run_count < log->run_cap);
    log->runs[log->run_count++] = (struct raft_run){.first = log->last_index, .term = term};
}

int32_t raft_log_load(struct raft_log *log, uint64_t index, uint64_t term)
{
    int32_t rc;

    assert(index == log->last_index + 1);
    assert(log->first_held == index);
    rc = make_run(log, term);
    if (rc != RH_OK)
        return rc;
    extend(log, term);
    log->stable_index = index;
    log->taken_index = index;
    log->first_held = index + 1;
    return RH_OK;
}

static int32_t grow_slots(struct raft_log *log)
{
    const uint64_t cap = log->slot_cap ? log->slot_cap * 2 : SLOTS_FIRST;
    struct raft_slot *slots;

    if (log->last_index + 1 - log->first_held < log->slot_cap)
        return RH_OK;
    slots = calloc(cap, sizeof(*slots));
    if (!slots)
        return RH_ENOMEM;
    for (uint64_t index = log->first_held; index <= log->last_index; index++)
        slots[index & (cap - 1)] = *slot_of(log, index);
    free(log->slots);
    log->slots = slots;
    log->slot_cap = cap;
    return RH_OK;
}

int32_t raft_log_append(struct raft_log *log, const struct raft_entry *entry)
{
    struct raft_slot slot = {.size = (uint32_t)entry->data.n, .kind = entry->kind};
    int32_t rc = make_run(log, entry->term);

    assert(entry->index == log->last_index + 1);
    if (rc == RH_OK)
        rc = grow_slots(log);
    if (rc != RH_OK)
        return rc;
    if (slot.size > 0) {
        slot.bytes = malloc(slot.size);
        if (!slot.bytes)
            return RH_ENOMEM;
        memcpy(slot.bytes, entry->data.p, slot.size);
    }
    extend(log, entry->term);
    *slot_of(log, entry->index) = slot;
    log->held_bytes += slot.size;
    return RH_OK;
}

bool raft_log_truncate(struct raft_log *log, uint64_t index)
{
    const bool was_taken = index <= log->taken_index;

    assert(index > log->base_index);
    if (index > log->last_index)
        return false;
    if (log->first_held <= log->last_index)
        drop_slots(log, index > log->first_held ? index : log->first_held, log->last_index);
    while (log->run_count > 0 && log->runs[log->run_count - 1].first >= index)
        log->run_count--;
    log->last_index = index - 1;
    if (log->first_held > index)
        log->first_held = index;
    if (log->taken_index >= index)
        log->taken_index = index - 1;
    if (log->stable_index >= index)
        log->stable_index = index - 1;
    return was_taken;
}

void raft_log_compact(struct raft_log *log, uint64_t index)
{
    const uint64_t term = raft_log_term(log, index);
    uint32_t gone;

    assert(index >= log->base_index);
    assert(index <= log->stable_index);
    if (index == log->base_index)
        return;
    while (log->first_held <= index && log->first_held <= log->last_index)
        drop_slot(log, log->first_held++);
    if (log->first_held <= index)
        log->first_held = index + 1;
    gone = index == log->last_index ? log->run_count : run_of(log, index + 1);
    log->run_count -= gone;
    memmove(log->runs, log->runs + gone, log->run_count * sizeof(log->runs[0]));
    if (log->run_count > 0 && log->runs[0].first <= index)
        log->runs[0].first = index + 1;
    log->base_index = index;
    log->base_term = term;
}

void raft_log_evict(struct raft_log *log, uint64_t bytes_max, uint64_t index_max)
{
    const uint64_t to = index_max < log->stable_index ? index_max : log->stable_index;

    while (log->held_bytes > bytes_max && log->first_held <= to)
        drop_slot(log, log->first_held++);
}

bool raft_log_held(const struct raft_log *log, uint64_t index, struct raft_entry *out)
{
    const struct raft_slot *slot;

    assert(index > log->base_index && index <= log->last_index);
    if (index < log->first_held)
        return false;
    slot = slot_of(log, index);
    *out = (struct raft_entry){.index = index,
                               .term = raft_log_term(log, index),
                               .kind = slot->kind,
                               .data = {slot->bytes, slot->size}};
    return true;
}

uint64_t raft_log_find_term(const struct raft_log *log, uint64_t index, uint64_t term)
{
    if (index > log->last_index)
        index = log->last_index;
    while (index > log->base_index && raft_log_term(log, index) > term)
        index = log->runs[run_of(log, index)].first - 1;
    return index > log->base_index ? index : log->base_index;
}

bool raft_log_is_covered_by(const struct raft_log *log, uint64_t index, uint64_t term)
{
    const uint64_t own = raft_log_term(log, log->last_index);

    return term > own || (term == own && index >= log->last_index);
}
