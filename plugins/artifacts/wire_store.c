/* Rows of the index and files on disk: written here, read and compared at the start. A file is
 * renamed before its row is written, and its row deleted before it: whichever is left alone after a
 * crash tells what was being done.
 *
 * Keys: the digest. Values: JSON. */
#include "wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define PART_SUFFIX ".part"
#define ROW_MAX     256u

struct row {
    int64_t size;
    int64_t added_at;
    int64_t used_at;
    int32_t pinned;
    int32_t own;
};
static const struct rh_field row_rows[] = {
    RH_INT(struct row, size, 0, 0, ARTIFACTS_SIZE_MAX, "bytes"),
    RH_INT(struct row, added_at, 0, 0, 0, "Unix ms"),
    RH_INT(struct row, used_at, 0, 0, 0, "Unix ms"),
    RH_BOOL(struct row, pinned, false, "stays"),
    RH_BOOL(struct row, own, true, "put here"),
};
static const struct rh_fields row_table = RH_FIELDS(struct row, row_rows);

void artifacts_name(char name[RH_SHA256_HEX + 8], const unsigned char *digest, bool is_part)
{
    rh_sha256_hex(name, digest);
    if (is_part)
        memcpy(name + RH_SHA256_HEX - 1, PART_SUFFIX, sizeof(PART_SUFFIX));
}

static struct rh_str key_of(const unsigned char *digest)
{
    return (struct rh_str){(const char *)digest, RH_SHA256_SIZE};
}

void artifacts_put_row(struct rh_batch_builder *batch, const struct artifact *artifact)
{
    struct rh_buf value;
    struct rh_json_writer j;

    rh_buf_init(&value, ROW_MAX);
    rh_json_init(&j, &value);
    rh_json_begin_object(&j);
    rh_json_kv_int(&j, "size", artifact->size_bytes);
    rh_json_kv_int(&j, "added_at", artifact->added_at_ms);
    rh_json_kv_int(&j, "used_at", artifact->used_at_ms);
    rh_json_kv_bool(&j, "pinned", artifact->is_pinned);
    rh_json_kv_bool(&j, "own", artifact->is_own);
    rh_json_end_object(&j);
    if (rh_json_finish(&j) == RH_OK)
        rh_batch_put(batch, key_of(artifact->digest), rh_buf_str(&value));
    else
        batch->rc = batch->rc ? batch->rc : value.rc;
    rh_buf_release(&value);
}

void artifacts_delete_row(struct rh_batch_builder *batch, const unsigned char *digest)
{
    rh_batch_delete(batch, key_of(digest));
}

static int32_t load_row(struct artifacts *p, const struct rh_row *row)
{
    struct artifact artifact = {.is_own = true};
    struct artifact *kept = NULL;
    struct row value;
    void *memory = NULL;
    int32_t rc = row->key.n == RH_SHA256_SIZE ? RH_OK : RH_EINVAL;

    if (rc == RH_OK)
        rc = p->rh.fields->decode(p->rh.ctx, &row_table, row->data, &value, &memory, NULL, 0);
    if (rc != RH_OK)
        return rh_failf(&p->rh, RH_EINTERNAL, "a row of namespace %s cannot be read",
                        ARTIFACTS_NAMESPACE);
    p->rh.fields->release(p->rh.ctx, memory);
    memcpy(artifact.digest, row->key.p, RH_SHA256_SIZE);
    artifact.size_bytes = value.size;
    artifact.added_at_ms = value.added_at;
    artifact.used_at_ms = value.used_at;
    artifact.is_pinned = value.pinned != 0;
    artifact.is_own = value.own != 0;
    return catalog_add(&p->catalog, &artifact, &kept);
}

static int32_t load_rows(struct artifacts *p)
{
    char from[RH_SHA256_SIZE + 1];
    struct rh_scan scan = {.size = (uint32_t)sizeof(scan), .name_space = ARTIFACTS_NAMESPACE};
    struct rh_rows rows = {.size = (uint32_t)sizeof(rows)};
    int32_t rc;

    do {
        rc = p->rh.state->scan(p->rh.ctx, &scan, &rows);
        for (uint32_t i = 0; rc == RH_OK && i < rows.count; i++) {
            const char *at = (const char *)rows.rows + (size_t)i * rows.row_stride;
            const struct rh_row *row = (const struct rh_row *)(const void *)at;

            rc = load_row(p, row);
            if (rc == RH_OK && i + 1 == rows.count) {
                memcpy(from, row->key.p, RH_SHA256_SIZE);
                from[RH_SHA256_SIZE] = 0; /* the smallest key behind it */
                scan.from = (struct rh_str){from, sizeof(from)};
            }
        }
    } while (rc == RH_OK && rows.more && rows.count);
    return rc;
}

/* A file of the plugin's folder: whole ones are matched with rows, torn ones go. */
static int32_t load_file(struct artifacts *p, const struct rh_file_info *file)
{
    struct artifact artifact = {
        .size_bytes = file->length,
        .added_at_ms = artifacts_wall(p),
        .used_at_ms = artifacts_wall(p),
        .is_own = true,
        .is_there = true,
        .is_dirty = true,
    };
    struct artifact *held;
    char name[RH_SHA256_HEX + 8];

    if (rh_str_ends_with(file->name, RH_STR_LIT(PART_SUFFIX)) &&
        rh_str_copy(name, sizeof(name), file->name) == RH_OK) {
        rh_log_info(&p->rh, "torn_file_removed", "name=%s", name);
        (void)p->rh.file->remove(p->rh.ctx, name); /* or at the next start */
        return RH_OK;
    }
    if (rh_sha256_parse(file->name, artifact.digest) != RH_OK)
        return RH_OK; /* not of ours */
    held = catalog_find(&p->catalog, artifact.digest);
    if (held) {
        held->is_there = held->size_bytes == file->length;
        return RH_OK;
    }
    /* Only a whole and right file gets such a name. */
    return catalog_add(&p->catalog, &artifact, &held);
}

int32_t artifacts_load(struct artifacts *p)
{
    struct rh_file_list list = {.size = (uint32_t)sizeof(list)};
    int32_t rc = load_rows(p);

    if (rc == RH_OK)
        rc = p->rh.file->list(p->rh.ctx, &list);
    for (uint32_t i = 0; rc == RH_OK && i < list.count; i++) {
        const char *at = (const char *)list.items + (size_t)i * list.stride;

        rc = load_file(p, (const struct rh_file_info *)(const void *)at);
    }
    return rc;
}

static struct artifact *find_gone(const struct artifacts *p)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map_next(&p->catalog.files, &cursor, NULL, &value))
        if (!((const struct artifact *)value)->is_there)
            return value;
    return NULL;
}

static void on_tidy_again(void *self, void *user)
{
    (void)user;
    artifacts_tidy(self);
}

void artifacts_tidy(struct artifacts *p)
{
    struct artifact *gone = find_gone(p);
    int32_t rc = RH_OK;
    rh_handle timer;

    while (gone && rc == RH_OK) {
        char digits[RH_SHA256_HEX];

        rh_sha256_hex(digits, gone->digest);
        rc = artifacts_drop(p, gone);
        if (rc == RH_OK)
            rh_log_warn(&p->rh, "artifact_lost", "sha256=%s reason=file_missing_or_cut", digits);
        gone = find_gone(p);
    }
    if (gone && p->rh.core->timer(p->rh.ctx, ARTIFACTS_CHECK_RETRY_MS, on_tidy_again, NULL,
                                  &timer) != RH_OK)
        rh_log_warn(&p->rh, "removal_put_off", "note=\"until the next start\"");
    artifacts_flush(p);
    artifacts_gauges(p);
}

void artifacts_flush(struct artifacts *p)
{
    struct rh_batch_builder batch;
    uint32_t cursor = 0;
    uint32_t count = 0;
    void *value = NULL;

    rh_batch_begin(&batch, ARTIFACTS_NAMESPACE);
    rh_batch_lazy(&batch);
    while (count < ARTIFACTS_TOUCH_MAX && rh_map_next(&p->catalog.files, &cursor, NULL, &value)) {
        struct artifact *artifact = value;

        if (!artifact->is_dirty)
            continue;
        artifact->is_dirty = false;
        artifacts_put_row(&batch, artifact);
        count++;
    }
    if (rh_batch_commit(&batch, &p->rh, NULL, NULL) != RH_OK)
        rh_log_warn(&p->rh, "times_of_use_lost", "count=%u", count);
}

/* Its file is still there, and so it is held as before. */
static void restore(struct artifacts *p, const struct artifact *removed)
{
    struct rh_batch_builder batch;
    struct artifact *held = NULL;

    /* Bytes on their way get the name, when they are whole. */
    if (catalog_find(&p->catalog, removed->digest) || artifacts_incoming_find(p, removed->digest))
        return;
    if (catalog_add(&p->catalog, removed, &held) != RH_OK) {
        rh_log_warn(&p->rh, "file_left", "note=\"it is held again after the next start\"");
        return;
    }
    rh_batch_begin(&batch, ARTIFACTS_NAMESPACE);
    artifacts_put_row(&batch, held);
    if (rh_batch_commit(&batch, &p->rh, NULL, NULL) != RH_OK)
        held->is_dirty = true; /* with the times of use */
    artifacts_gauges(p);
}

static void on_removed(void *self, void *user, const struct rh_file_done *done)
{
    struct artifacts *p = self;
    struct artifact *removed =
        p->is_active ? rh_map64_remove(&p->removals, (uint64_t)(uintptr_t)user) : NULL;

    if (!removed)
        return;
    if (done->rc != RH_OK && done->rc != RH_ENOTFOUND && done->rc != RH_ECANCELLED) {
        char digits[RH_SHA256_HEX];

        rh_sha256_hex(digits, removed->digest);
        rh_log_warn(&p->rh, "file_not_removed", "sha256=%s rc=%d note=\"it stays\"", digits,
                    (int)done->rc);
        restore(p, removed);
    }
    free(removed);
}

/* What comes back when the file cannot be removed. */
static struct artifact *removal_new(struct artifacts *p, const struct artifact *artifact)
{
    struct artifact *removal = malloc(sizeof(*removal));

    if (!removal)
        return NULL;
    *removal = *artifact;
    removal->id = artifacts_id(p);
    removal->readers = 0;
    removal->is_there = true;
    removal->is_doubted = false;
    if (rh_map64_put(&p->removals, removal->id, removal, NULL) == RH_OK)
        return removal;
    free(removal);
    return NULL;
}

int32_t artifacts_drop(struct artifacts *p, struct artifact *artifact)
{
    struct rh_file_op op = {.size = (uint32_t)sizeof(op), .op = RH_FILE_REMOVE};
    struct rh_batch_builder batch;
    char name[RH_SHA256_HEX + 8];
    struct artifact *removal;
    int32_t rc;

    if (rh_map64_count(&p->removals) >= ARTIFACTS_REMOVALS_MAX)
        return RH_EAGAIN;
    removal = removal_new(p, artifact);
    if (!removal)
        return RH_ENOMEM;
    artifacts_name(name, artifact->digest, false);
    op.name = name;
    rc = p->rh.file->submit(p->rh.ctx, &op, on_removed, (void *)(uintptr_t)removal->id);
    if (rc != RH_OK) {
        free(rh_map64_remove(&p->removals, removal->id));
        return rc;
    }
    rh_batch_begin(&batch, ARTIFACTS_NAMESPACE);
    artifacts_delete_row(&batch, artifact->digest);
    catalog_remove(&p->catalog, artifact);
    /* A row that stays alone is found at the next start. */
    if (rh_batch_commit(&batch, &p->rh, NULL, NULL) != RH_OK)
        rh_log_warn(&p->rh, "removal_put_off", "name=%s", name);
    artifacts_gauges(p);
    return RH_OK;
}
