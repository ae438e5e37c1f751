/* What a job tells while it runs, its progress and its checkpoint, and which of it the queue has
 * not heard yet; neither the files it is read from nor the messages. */
#ifndef RH_PLUGINS_WORKER_NOTES_H
#define RH_PLUGINS_WORKER_NOTES_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/types.h>

#define NOTES_LOOK_MS 15000 /* between looks at what a job tells */

/* name, member of a report, file in the job's folder, its variable, bytes at most */
#define NOTE_KINDS(X)                                                    \
    X(PROGRESS, "progress", "progress.json", "RINGHOST_PROGRESS", 4096u) \
    X(CHECKPOINT, "checkpoint", "checkpoint.json", "RINGHOST_CHECKPOINT", 65536u)

enum note_kind {
#define X(name, member, file, variable, max) NOTE_##name,
    NOTE_KINDS(X)
#undef X
        NOTE_KIND_COUNT
};

/* The last text of one kind. */
struct note {
    char *text; /* NULL = none yet */
    size_t bytes;
    bool is_told;      /* the queue has it */
    bool is_in_flight; /* on its way there */
    bool is_off;       /* a file of that name is something else */
    bool is_bad;       /* somebody has complained about it */
};

/* Zero before use. */
struct notes {
    struct note of[NOTE_KIND_COUNT];
    int64_t look_ms; /* of the next look, monotonic */
};

void notes_release(struct notes *notes);

/* The job says this now; or (is_told) the queue has said it to the job. The same again changes
 * nothing. Copies. RH_OK or RH_ENOMEM. */
int32_t notes_take(struct notes *notes, enum note_kind kind, struct rh_str text, bool is_told);

/* What is to be told, p NULL = nothing new. */
struct rh_str notes_news(const struct notes *notes, enum note_kind kind);
bool notes_has_news(const struct notes *notes);

/* All news is on its way; and what came of that. */
void notes_sent(struct notes *notes);
void notes_answered(struct notes *notes, bool is_heard);

const char *note_member(enum note_kind kind);
const char *note_file(enum note_kind kind);
const char *note_variable(enum note_kind kind);
uint32_t note_bytes_max(enum note_kind kind);

#endif
