/* A text that changes while it is on its way is news again. */
#include "notes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>

struct kind {
    const char *member;
    const char *file;
    const char *variable;
    uint32_t bytes_max;
};

static const struct kind kinds[] = {
#define X(name, member, file, variable, max) {member, file, variable, max},
    NOTE_KINDS(X)
#undef X
};

static_assert(sizeof(kinds) / sizeof(kinds[0]) == NOTE_KIND_COUNT, "a row for every kind");

const char *note_member(enum note_kind kind)
{
    return kinds[kind].member;
}

const char *note_file(enum note_kind kind)
{
    return kinds[kind].file;
}

const char *note_variable(enum note_kind kind)
{
    return kinds[kind].variable;
}

uint32_t note_bytes_max(enum note_kind kind)
{
    return kinds[kind].bytes_max;
}

void notes_release(struct notes *notes)
{
    for (int kind = 0; kind < NOTE_KIND_COUNT; kind++)
        free(notes->of[kind].text);
    memset(notes, 0, sizeof(*notes));
}

int32_t notes_take(struct notes *notes, enum note_kind kind, struct rh_str text, bool is_told)
{
    struct note *note = &notes->of[kind];
    char *copy;

    assert(text.n <= kinds[kind].bytes_max);
    if (note->text && note->bytes == text.n && memcmp(note->text, text.p, text.n) == 0)
        return RH_OK;
    copy = malloc(text.n + 1);
    if (!copy)
        return RH_ENOMEM;
    if (text.n > 0)
        memcpy(copy, text.p, text.n);
    free(note->text);
    note->text = copy;
    note->bytes = text.n;
    note->is_told = is_told;
    note->is_in_flight = false;
    return RH_OK;
}

struct rh_str notes_news(const struct notes *notes, enum note_kind kind)
{
    const struct note *note = &notes->of[kind];

    return note->text && !note->is_told ? (struct rh_str){note->text, note->bytes}
                                        : (struct rh_str){NULL, 0};
}

bool notes_has_news(const struct notes *notes)
{
    for (int kind = 0; kind < NOTE_KIND_COUNT; kind++)
        if (notes_news(notes, (enum note_kind)kind).p)
            return true;
    return false;
}

void notes_sent(struct notes *notes)
{
    for (int kind = 0; kind < NOTE_KIND_COUNT; kind++)
        notes->of[kind].is_in_flight = notes_news(notes, (enum note_kind)kind).p != NULL;
}

void notes_answered(struct notes *notes, bool is_heard)
{
    for (int kind = 0; kind < NOTE_KIND_COUNT; kind++) {
        struct note *note = &notes->of[kind];

        note->is_told = note->is_told || (note->is_in_flight && is_heard);
        note->is_in_flight = false;
    }
}
