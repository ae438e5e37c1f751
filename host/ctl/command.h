/* What a command of ringctl is: words, options, request, how the reply is shown. The commands
 * themselves are rows in commands.c. */
#ifndef RH_HOST_CTL_COMMAND_H
#define RH_HOST_CTL_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <ringhost/sdk/buf.h>

struct ctl;

enum option_kind {
    OPTION_TEXT = 0,
    OPTION_FLAG,   /* takes no value */
    OPTION_INT,    /* in [min, max] */
    OPTION_NUMBER, /* in [min, max] */
    OPTION_CHOICE, /* one of the words in choices */
    OPTION_LIST,   /* texts; may be given again and parted by commas */
    OPTION_JSON,   /* an object: text, @FILE, or - for standard input */
    OPTION_U64     /* sent as text, as all such numbers are */
};

#define OPTION_REQUIRED   1u
#define OPTION_POSITIONAL 2u /* an argument: name is its placeholder, as in "work show ID" */

struct option_row {
    const char *name;  /* "priority" for --priority */
    const char *value; /* placeholder of the value; NULL for flags and arguments */
    const char *field; /* member of the request, "outer.inner" of an object in it; NULL: the command
                          itself uses it */
    const char *help;
    const char *choices; /* words parted by blanks */
    int64_t min;
    int64_t max;
    uint8_t kind;
    uint8_t flags;
    char letter; /* 'f' for -f; 0 = none */
};

/* What renderers need to know beside the reply. */
struct render_env {
    int64_t now_ms; /* Unix ms */
    bool has_colour;
};

/* Writes a reply for people; members that are missing show as "-". RH_OK, or the error in out. */
typedef int32_t render_fn(const cJSON *reply, const struct render_env *env, struct rh_buf *out);

struct command {
    const char *words; /* "work add" */
    const char *help;  /* one line */
    const char *notes; /* more, for the help of the command; NULL = none */
    const struct option_row *options;
    uint32_t option_count;
    const char *method; /* of the request; NULL: run makes its own */
    const char *path;
    render_fn *render;           /* NULL: say "done" */
    int (*run)(struct ctl *ctl); /* NULL: one request made of the options; returns the exit code */
};

/* All commands, and the options that every command takes; static. [any] */
const struct command *commands_all(uint32_t *count);
const struct option_row *commands_globals(uint32_t *count);

#endif
