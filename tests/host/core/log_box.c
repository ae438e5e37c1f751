/* The shared part of the tests of state with a log; see log_box.h. */
#include "tests/host/core/log_box.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>

static int32_t propose(void *user, uint64_t id, struct rh_str data)
{
    struct log_box *log = user;
    assert(log->count < LOG_BOX_ENTRIES_MAX);
    struct log_entry *entry = &log->entries[log->count++];
    entry->id = id;
    entry->size = data.n;
    entry->data = malloc(data.n);
    assert(entry->data);
    memcpy(entry->data, data.p, data.n);
    return RH_OK;
}

static void entries_free(struct log_box *log)
{
    for (uint32_t i = 0; i < log->count; i++)
        free(log->entries[i].data);
    log->count = 0;
}

struct log_box *log_box_make(void)
{
    struct log_box *log = calloc(1, sizeof(*log));
    assert(log);
    box_init(&log->box);
    log->box.propose = propose;
    log->term = 1;
    return log;
}

struct log_box *log_box_new(const char *sqlite_vfs)
{
    struct log_box *log = log_box_make();
    log->box.fake.driver.sqlite_vfs = sqlite_vfs;
    int32_t rc = box_open(&log->box);
    assert(rc == RH_OK);
    return log;
}

void log_box_free(struct log_box *log)
{
    entries_free(log);
    box_release(&log->box);
    free(log);
}

void log_box_reopen(struct log_box *log)
{
    box_close(&log->box);
    entries_free(log);
    int32_t rc = box_open(&log->box);
    assert(rc == RH_OK);
}

void log_box_propose(struct log_box *log, const char *key, const char *value)
{
    int32_t rc = box_put(&log->box, log->box.rep, key, value, NULL);
    assert(rc == RH_OK);
    state_flush(log->box.state);
}

int32_t log_box_apply(struct log_box *to, const struct log_box *from, uint32_t at)
{
    const struct log_entry *entry = &from->entries[at];
    return state_apply_committed(to->box.state, at + 1, from->term, to == from ? entry->id : 0,
                                 (struct rh_str){entry->data, entry->size});
}

void log_box_put(struct log_box *log, const char *key, const char *value)
{
    log_box_propose(log, key, value);
    int32_t rc = log_box_apply(log, log, log->count - 1);
    assert(rc == RH_OK);
    box_run(&log->box);
}

static void on_snapshot(void *user, uint32_t slot, int32_t rc, uint64_t index, uint64_t term,
                        uint64_t length)
{
    struct log_box *log = user;
    (void)slot;
    log->snapshots++;
    log->snapshot_rc = rc;
    log->snapshot_index = index;
    log->snapshot_term = term;
    log->snapshot_bytes = length;
}

int32_t log_box_snapshot(struct log_box *log, uint32_t slot)
{
    int32_t rc = state_snapshot_make(log->box.state, slot, on_snapshot, log);
    box_run(&log->box);
    return rc;
}

void log_box_carry(struct log_box *to, struct log_box *from, uint32_t piece_bytes)
{
    struct rh_str piece;
    uint64_t offset = 0;
    int32_t rc = state_snapshot_read(from->box.state, 0, offset, piece_bytes, &piece);
    for (; rc == RH_OK && piece.n > 0; offset += piece.n) {
        if (offset > 0)
            rc = state_snapshot_read(from->box.state, 0, offset, piece_bytes, &piece);
        if (rc == RH_OK && piece.n > 0)
            rc = state_receive(to->box.state, offset, piece);
    }
    assert(rc == RH_OK);
}

static void on_installed(void *user, int32_t rc, const char *why)
{
    struct log_box *log = user;
    log->installs++;
    log->install_rc = rc;
    (void)snprintf(log->install_why, sizeof(log->install_why), "%s", why); /* same size */
}

int32_t log_box_install(struct log_box *log, uint64_t index, uint64_t term)
{
    int32_t rc = state_install(log->box.state, index, term, on_installed, log);
    box_run(&log->box);
    return rc;
}

uint64_t log_box_index(const struct log_box *log)
{
    uint64_t index = 0;
    uint64_t term = 0;
    state_applied(log->box.state, &index, &term);
    return index;
}
