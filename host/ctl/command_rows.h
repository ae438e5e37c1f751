/* How rows of the command table are written: arguments, options and requests. Only commands.c and
 * the rows that it is made of (commands_<subject>.h) include it. */
#ifndef RH_HOST_CTL_COMMAND_ROWS_H
#define RH_HOST_CTL_COMMAND_ROWS_H

#include "host/ctl/cmd.h"
#include "host/ctl/command.h"
#include "host/ctl/render.h"

#define COUNT_OF(rows) (uint32_t)(sizeof(rows) / sizeof((rows)[0]))
#define OPTIONS(rows)  .options = (rows), .option_count = COUNT_OF(rows)

#define ARGUMENT(n, f, fl, h)                                                     \
    {                                                                             \
        .name = (n), .field = (f), .flags = OPTION_POSITIONAL | (fl), .help = (h) \
    }
#define TEXT(n, v, f, fl, h)                                                \
    {                                                                       \
        .name = (n), .value = (v), .field = (f), .flags = (fl), .help = (h) \
    }
#define INT(n, v, f, lo, hi, h)                                                                \
    {                                                                                          \
        .name = (n), .value = (v), .field = (f), .kind = OPTION_INT, .min = (lo), .max = (hi), \
        .help = (h)                                                                            \
    }
#define NUMBER(n, v, f, lo, hi, h)                                                                \
    {                                                                                             \
        .name = (n), .value = (v), .field = (f), .kind = OPTION_NUMBER, .min = (lo), .max = (hi), \
        .help = (h)                                                                               \
    }
#define LIST(n, v, f, fl, h)                                                                     \
    {                                                                                            \
        .name = (n), .value = (v), .field = (f), .kind = OPTION_LIST, .flags = (fl), .help = (h) \
    }
#define CHOICE(n, v, f, c, h)                                                           \
    {                                                                                   \
        .name = (n), .value = (v), .field = (f), .kind = OPTION_CHOICE, .choices = (c), \
        .help = (h)                                                                     \
    }
#define FLAG(n, f, h)                                               \
    {                                                               \
        .name = (n), .field = (f), .kind = OPTION_FLAG, .help = (h) \
    }

#define DAY_MS   86400000

#define GET_(p)  .method = "GET", .path = (p)
#define POST_(p) .method = "POST", .path = (p)

#endif
