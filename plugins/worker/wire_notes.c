/* Reads what jobs tell in files of their folders, and puts it into reports. */
#include "wire.h"

#include <assert.h>
#include <string.h>

#include <ringhost/sdk/json_depth.h>
#include <ringhost/sdk/str.h>

/* One JSON value: the only member of an object, and all of the text. */
struct any_value {
    struct rh_str v;
};
static const struct rh_field any_rows[] = {
    RH_RAW(struct any_value, v, RH_REQUIRED, "any JSON"),
};
static const struct rh_fields any_table = RH_FIELDS(struct any_value, any_rows);

static_assert(RH_WORK_DEPTH_MAX == 32, "read_one says it");

static struct rh_str trimmed(struct rh_str text)
{
    while (text.n > 0 && memchr(" \t\r\n", text.p[text.n - 1], 4))
        text.n--;
    while (text.n > 0 && memchr(" \t\r\n", text.p[0], 4)) {
        text.p++;
        text.n--;
    }
    return text;
}

static bool is_json(struct worker *w, struct rh_str text)
{
    struct any_value any = {.v = {NULL, 0}};
    struct rh_buf wrapped;
    void *memory = NULL;
    bool is_good;

    rh_buf_init(&wrapped, note_bytes_max(NOTE_CHECKPOINT) + 16);
    (void)rh_buf_append_c(&wrapped, "{\"v\":"); /* errors stay in wrapped, here and below */
    (void)rh_buf_append_str(&wrapped, text);
    (void)rh_buf_append_c(&wrapped, "}");
    is_good = wrapped.rc == RH_OK &&
              w->rh.fields->decode(w->rh.ctx, &any_table, rh_buf_str(&wrapped), &any, &memory, NULL,
                                   0) == RH_OK &&
              any.v.n == text.n; /* else the text has closed the object itself */
    w->rh.fields->release(w->rh.ctx, memory);
    rh_buf_release(&wrapped);
    return is_good;
}

static void complain(struct worker *w, struct work *work, enum note_kind kind, const char *why)
{
    struct note *note = &work->notes.of[kind];

    if (!note->is_bad) {
        rh_log_warn(&w->rh, "note_refused", "work_id=%s file=%s why=\"%s\"", work->job.work_id,
                    note_file(kind), why);
        worker_problem(w, work->job.work_id, "%s: %s; it is not passed on", note_file(kind), why);
    }
    note->is_bad = true;
}

static void read_one(struct worker *w, struct work *work, enum note_kind kind, bool is_last)
{
    char key[PROCESS_KEY_SIZE];
    struct rh_str text = {NULL, 0};
    int32_t rc;

    if (work->notes.of[kind].is_off)
        return;
    worker_work_key(work->job.id, key);
    rc = w->rh.process->read(w->rh.ctx, key, note_file(kind), note_bytes_max(kind), &text);
    if (rc == RH_ETOOLARGE) {
        complain(w, work, kind, "larger than its limit");
        return;
    }
    text = trimmed(text);
    if (rc != RH_OK || text.n == 0)
        return; /* it has told nothing, or cannot be read now */
    if (is_json(w, text) && rh_json_depth(text) > RH_WORK_DEPTH_MAX) {
        complain(w, work, kind, "nested more than 32 deep");
    } else if (is_json(w, text)) {
        /* Out of memory: the next look tries again. */
        if (notes_take(&work->notes, kind, text, false) == RH_OK)
            work->notes.of[kind].is_bad = false;
    } else if (is_last) { /* before its end a program may be in the middle of writing */
        complain(w, work, kind, "not JSON");
    }
}

void worker_notes_read(struct worker *w, struct work *work, bool is_last)
{
    for (int kind = 0; kind < NOTE_KIND_COUNT; kind++)
        read_one(w, work, (enum note_kind)kind, is_last);
    work->notes.look_ms = worker_now(w) + NOTES_LOOK_MS;
}

void worker_notes_look(struct worker *w, struct work *work)
{
    if (!work->has_process || worker_now(w) < work->notes.look_ms)
        return;
    worker_notes_read(w, work, false);
    if (notes_has_news(&work->notes))
        job_hurry(&work->job, worker_now(w));
}

void worker_notes_write(const struct work *work, struct rh_json_writer *j, enum note_kind kind)
{
    struct rh_str news = notes_news(&work->notes, kind);

    if (news.p)
        rh_json_kv_raw(j, note_member(kind), news);
}

static bool is_input(const struct work *work, const char *name)
{
    for (uint32_t i = 0; work->files && i < work->files->input_count; i++)
        if (strcmp(work->files->inputs[i].name, name) == 0)
            return true;
    return false;
}

uint32_t worker_notes_files(struct work *work, struct rh_process_file *files)
{
    uint32_t count = 0;

    for (int kind = 0; kind < NOTE_KIND_COUNT; kind++) {
        struct note *note = &work->notes.of[kind];

        note->is_off = is_input(work, note_file((enum note_kind)kind));
        if (note->is_off)
            continue;
        files[count++] = (struct rh_process_file){
            .size = (uint32_t)sizeof(files[0]),
            .mode = 0600,
            .name = note_file((enum note_kind)kind),
            .bytes = {note->text, note->bytes},
            .env = note_variable((enum note_kind)kind),
        };
    }
    return count;
}
