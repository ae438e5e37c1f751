/* Reads the words of a command line by the command table; it does nothing else. */
#ifndef RH_HOST_CTL_ARGS_H
#define RH_HOST_CTL_ARGS_H

#include "host/ctl/command.h"

/* Values of options on one command line; a list counts each of its texts. */
#define ARGS_VALUES_MAX 256u

struct args_value {
    const struct option_row *row;
    struct rh_str text; /* borrowed from argv; "" for a flag */
};

struct args {
    const struct command *command; /* NULL: none was named */
    struct args_value values[ARGS_VALUES_MAX];
    uint32_t count;
};

/* The tables to read by; static data. */
struct args_spec {
    const struct command *commands;
    uint32_t command_count;
    const struct option_row *globals;
    uint32_t global_count;
};

/* argv[1..argc). [any] RH_OK; RH_EINVAL with one sentence appended to why. *out is filled as far as
 * it was read, so that --help works behind a mistake. */
int32_t args_parse(const struct args_spec *spec, int argc, char *const *argv, struct args *out,
                   struct rh_buf *why);

/* The value of an option or argument by its name; NULL when it was not given. [any] */
const struct args_value *args_find(const struct args *args, const char *name);
bool args_has(const struct args *args, const char *name);
/* Its text, or "" when not given. */
struct rh_str args_text(const struct args *args, const char *name);
/* An integer that args_parse has checked. */
int64_t args_int(const struct args *args, const char *name, int64_t fallback);
/* A number, likewise. */
double args_number(const struct args *args, const char *name, double fallback);

#endif
