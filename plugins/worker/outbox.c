/* A sorted array: thousands at most, and nearly always none. */
#include "outbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>

#include "backoff.h"

int32_t outbox_init(struct outbox *outbox)
{
    memset(outbox, 0, sizeof(*outbox));
    outbox->entries = calloc(OUTBOX_MAX, sizeof(*outbox->entries));
    return outbox->entries ? RH_OK : RH_ENOMEM;
}

void outbox_release(struct outbox *outbox)
{
    free(outbox->entries);
    memset(outbox, 0, sizeof(*outbox));
}

int32_t outbox_add(struct outbox *outbox, uint64_t seq)
{
    assert(outbox->count == 0 || outbox->entries[outbox->count - 1].seq < seq);
    if (outbox->count >= OUTBOX_MAX)
        return RH_EFULL;
    outbox->entries[outbox->count++] = (struct outbox_entry){.seq = seq, .due_ms = INT64_MIN};
    return RH_OK;
}

static struct outbox_entry *find(struct outbox *outbox, uint64_t seq)
{
    uint32_t low = 0;
    uint32_t high = outbox->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (outbox->entries[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < outbox->count && outbox->entries[low].seq == seq ? &outbox->entries[low] : NULL;
}

bool outbox_next(struct outbox *outbox, int64_t now_ms, uint64_t *seq)
{
    if (outbox->in_flight >= OUTBOX_IN_FLIGHT_MAX)
        return false;
    for (uint32_t i = 0; i < outbox->count; i++) {
        struct outbox_entry *entry = &outbox->entries[i];

        if (entry->is_in_flight || entry->is_settled || entry->due_ms > now_ms)
            continue;
        entry->is_in_flight = true;
        outbox->in_flight++;
        *seq = entry->seq;
        return true;
    }
    return false;
}

static void land(struct outbox *outbox, struct outbox_entry *entry)
{
    if (!entry->is_in_flight)
        return;
    assert(outbox->in_flight > 0);
    entry->is_in_flight = false;
    outbox->in_flight--;
}

void outbox_again(struct outbox *outbox, uint64_t seq, int64_t now_ms, uint32_t retry_after_s,
                  uint64_t random)
{
    struct outbox_entry *entry = find(outbox, seq);

    if (!entry)
        return;
    land(outbox, entry);
    entry->due_ms = now_ms + backoff_ms(entry->failures, OUTBOX_CAP_MS, retry_after_s, random);
    if (entry->failures < UINT32_MAX)
        entry->failures++;
}

void outbox_settle(struct outbox *outbox, uint64_t seq)
{
    struct outbox_entry *entry = find(outbox, seq);

    if (!entry)
        return;
    land(outbox, entry);
    entry->is_settled = true;
}

void outbox_remove(struct outbox *outbox, uint64_t seq)
{
    struct outbox_entry *entry = find(outbox, seq);
    size_t after;

    if (!entry)
        return;
    land(outbox, entry);
    after = (size_t)(outbox->entries + outbox->count - (entry + 1));
    memmove(entry, entry + 1, after * sizeof(*entry));
    outbox->count--;
}

void outbox_hurry(struct outbox *outbox, int64_t now_ms)
{
    for (uint32_t i = 0; i < outbox->count; i++) {
        outbox->entries[i].failures = 0;
        if (outbox->entries[i].due_ms > now_ms)
            outbox->entries[i].due_ms = now_ms;
    }
}

int64_t outbox_due_ms(const struct outbox *outbox)
{
    int64_t due_ms = INT64_MAX;

    if (outbox->in_flight >= OUTBOX_IN_FLIGHT_MAX)
        return INT64_MAX;
    for (uint32_t i = 0; i < outbox->count; i++) {
        const struct outbox_entry *entry = &outbox->entries[i];

        if (!entry->is_in_flight && !entry->is_settled && entry->due_ms < due_ms)
            due_ms = entry->due_ms;
    }
    return due_ms;
}
