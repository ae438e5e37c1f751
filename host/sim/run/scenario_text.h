/* Reading one line of a scenario word by word, and the errors that name file, line and column. Not
 * the statements (scenario.c). */
#ifndef RH_HOST_SIM_RUN_SCENARIO_TEXT_H
#define RH_HOST_SIM_RUN_SCENARIO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ringhost/types.h>

/* A line being read. Functions that read return RH_OK, or RH_EINVAL with the message in why
 * (SCENARIO_WHY_MAX). */
struct scenario_text {
    const char *file;
    struct rh_str line;
    uint32_t number; /* of the line, from 1 */
    size_t at;       /* offset of what comes next */
    size_t word_at;  /* offset of the last word read */
    char *why;
};

/* The next word; empty at the end of the line, where a '#' that begins a word starts a comment. */
struct rh_str text_word(struct scenario_text *text);
/* The rest of the line without the blanks around it, up to the word `until` (NULL: to the end). */
struct rh_str text_rest(struct scenario_text *text, const char *until);
/* An error at the last word. */
int32_t text_error(struct scenario_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "WHAT must be one of ..., not WORD; did you mean ...". */
int32_t text_unknown(struct scenario_text *text, const char *what, struct rh_str word,
                     const char *const *known, size_t count);
/* Nothing but a comment may follow. */
int32_t text_end(struct scenario_text *text);

/* Each reads one word. what is named in the message. */
int32_t text_number(struct scenario_text *text, const char *what, int64_t least, int64_t most,
                    int64_t *out);
/* "60s", "1500ms", "0.5s": microseconds. A sign only if is_signed. */
int32_t text_duration(struct scenario_text *text, const char *what, bool is_signed, int64_t *out);
/* "2.5%": millionths. */
int32_t text_percent(struct scenario_text *text, const char *what, bool is_signed, int64_t *out);
/* The same for a piece of a word. */
bool text_parse_duration(struct rh_str word, int64_t *out);
bool text_parse_percent(struct rh_str word, int64_t *out);

#endif
