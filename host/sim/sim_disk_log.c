/* The way of an operation from done to durable: journal of its job, pending, durable image. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/sim/sim_disk_impl.h"

static struct sim_op *op_alloc(enum sim_op_kind kind, struct sim_file *file, size_t room)
{
    struct sim_op *op = malloc(sizeof *op + room);

    if (!op)
        abort();
    *op = (struct sim_op){.kind = kind, .file = file};
    if (file)
        file->refs++;
    return op;
}

struct sim_op *sim_op_new(enum sim_op_kind kind, struct sim_file *file, uint64_t at,
                          const void *data, size_t n)
{
    struct sim_op *op = op_alloc(kind, file, n);

    op->at = at;
    op->n = n;
    if (n > 0)
        memcpy(op->data, data, n);
    return op;
}

struct sim_op *sim_op_names(enum sim_op_kind kind, struct sim_file *file, const char *name,
                            const char *to)
{
    size_t name_size = strlen(name) + 1;
    size_t to_size = to ? strlen(to) + 1 : 0;
    struct sim_op *op = op_alloc(kind, file, name_size + to_size);

    memcpy(op->data, name, name_size);
    if (to) {
        op->to = op->data + name_size;
        memcpy(op->to, to, to_size);
    }
    return op;
}

void sim_op_free(struct sim_op *op)
{
    if (op->file)
        sim_file_unref(op->file);
    free(op);
}

void sim_op_push(struct sim_op_list *list, struct sim_op *op)
{
    op->next = NULL;
    if (list->last)
        list->last->next = op;
    else
        list->first = op;
    list->last = op;
}

static struct sim_op *op_pop(struct sim_op_list *list)
{
    struct sim_op *op = list->first;

    if (op) {
        list->first = op->next;
        if (!list->first)
            list->last = NULL;
    }
    return op;
}

void sim_op_list_free(struct sim_op_list *list)
{
    struct sim_op *op;

    while ((op = op_pop(list)) != NULL)
        sim_op_free(op);
}

void sim_op_put(struct sim_bytes *image, const struct sim_op *op)
{
    if (op->kind == SIM_OP_WRITE)
        sim_bytes_write(image, op->at, op->data, op->n);
    else
        sim_bytes_resize(image, op->at);
}

/* --- names --- */

static bool is_name_of(const struct sim_op *op, const char *name)
{
    return strcmp(op->data, name) == 0 || (op->to && strcmp(op->to, name) == 0);
}

bool sim_names_touch(const struct sim_op *a, const struct sim_op *b)
{
    return a->file == b->file || is_name_of(a, b->data) || (b->to && is_name_of(a, b->to));
}

/* Make the changes of names durable for which marks[] says so, or all for marks NULL. */
static void names_commit(struct sim_disk *disk, const bool *marks)
{
    size_t left = 0;

    for (size_t i = 0; i < disk->name_count; i++) {
        struct sim_op *op = disk->names[i];

        if (marks && !marks[i]) {
            disk->names[left++] = op;
            continue;
        }
        sim_names_apply(&disk->durable_names, op);
        disk->generation++;
        sim_op_free(op);
    }
    disk->name_count = left;
}

/* A file is synced: its name is, too, and whatever that name depends on. */
static void names_commit_of(struct sim_disk *disk, const struct sim_file *file)
{
    bool marks[SIM_PENDING_NAMES_MAX] = {false};

    for (size_t i = disk->name_count; i-- > 0;) {
        marks[i] = disk->names[i]->file == file;
        for (size_t later = i + 1; !marks[i] && later < disk->name_count; later++)
            marks[i] = marks[later] && sim_names_touch(disk->names[i], disk->names[later]);
    }
    names_commit(disk, marks);
}

static void names_push(struct sim_disk *disk, struct sim_op *op)
{
    if (disk->name_count == SIM_PENDING_NAMES_MAX)
        names_commit(disk, NULL);
    disk->names[disk->name_count++] = op;
}

/* --- content --- */

static void content_commit(struct sim_disk *disk, struct sim_file *file)
{
    struct sim_op *op;

    disk->generation += file->pending.first != NULL;
    file->pending_count = 0;
    while ((op = op_pop(&file->pending)) != NULL) {
        if (!op->is_doomed)
            sim_op_put(&file->durable, op);
        sim_op_free(op);
    }
}

/* What is pending is the file's own: it does not hold it. */
static void content_push(struct sim_disk *disk, struct sim_op *op)
{
    struct sim_file *file = op->file;

    if (file->pending_count == SIM_PENDING_WRITES_MAX)
        content_commit(disk, file);
    file->pending_count++;
    op->file = NULL;
    sim_op_push(&file->pending, op);
    sim_file_unref(file);
}

void sim_log_fold(struct sim_disk *disk, struct sim_op *op)
{
    switch (op->kind) {
    case SIM_OP_WRITE:
    case SIM_OP_TRUNCATE:
        content_push(disk, op);
        return;
    case SIM_OP_LINK:
    case SIM_OP_UNLINK:
    case SIM_OP_RENAME:
        names_push(disk, op);
        return;
    case SIM_OP_SYNC:
        content_commit(disk, op->file);
        names_commit_of(disk, op->file);
        break;
    case SIM_OP_SYNC_NAMES:
        names_commit(disk, NULL);
        break;
    case SIM_OP_KINDS:
        assert(false);
    }
    sim_op_free(op);
}

/* --- jobs --- */

void sim_disk_job_enter(struct sim_disk *disk)
{
    assert(disk->job == 0);
    disk->job = ++disk->last_job;
    disk->job_ops = 0;
}

uint64_t sim_disk_job_leave(struct sim_disk *disk)
{
    uint64_t job = disk->job;

    assert(job != 0);
    disk->job = 0;
    return disk->job_ops > 0 ? job : 0;
}

void sim_disk_job_end(struct sim_disk *disk, uint64_t job)
{
    struct sim_op_list all = disk->journal;
    struct sim_op *op;

    disk->journal = (struct sim_op_list){0};
    while ((op = op_pop(&all)) != NULL) {
        if (op->job != job) {
            sim_op_push(&disk->journal, op);
            continue;
        }
        if (op->file)
            op->file->journal_job = 0;
        sim_log_fold(disk, op);
    }
}

void sim_log_take(struct sim_disk *disk, struct sim_op *op)
{
    struct sim_file *file = op->file;

    op->job = disk->job;
    disk->job_ops++;
    if (file && file->journal_job != 0 && file->journal_job != op->job)
        sim_disk_job_end(disk, file->journal_job); /* it has been seen: it has happened */
    if (op->job == 0) {
        sim_log_fold(disk, op);
        return;
    }
    if (file)
        file->journal_job = op->job;
    sim_op_push(&disk->journal, op);
}
