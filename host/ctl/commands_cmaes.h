/* Rows of the command table about searches by CMA-ES, with their options. Part of commands.c, which
 * alone includes it. */
#ifndef RH_HOST_CTL_COMMANDS_CMAES_H
#define RH_HOST_CTL_COMMANDS_CMAES_H

#include "host/ctl/command_rows.h"

#define NUMBER_MAX INT64_C(1000000000000000)

static const struct option_row cmaes_start_options[] = {
    {.name = "job",
     .value = "JSON|@FILE|-",
     .kind = OPTION_JSON,
     .help = "object with parameters and all else; other options change it"},
    INT("dimension", "N", "dimension", 1, 100, "real parameters x0, x1, ... instead of a list"),
    NUMBER("initial", "X", "initial", -NUMBER_MAX, NUMBER_MAX,
           "where each begins, with --dimension"),
    NUMBER("lower", "X", "lower", -NUMBER_MAX, NUMBER_MAX,
           "smallest value of each, with --dimension"),
    NUMBER("upper", "X", "upper", -NUMBER_MAX, NUMBER_MAX,
           "largest value of each, with --dimension"),
    NUMBER("sigma0", "X", "sigma0", 0, NUMBER_MAX, "first standard deviation; 0.3 of each range"),
    INT("population", "N", "population", 0, 2048, "candidates of a generation; 4 + 3 ln n"),
    CHOICE("goal", "GOAL", "goal", "minimize maximize", "what is good; minimize"),
    CHOICE("restarts", "KIND", "restarts", "none ipop bipop", "after a run without success; none"),
    NUMBER("target", "X", "stop.target", -NUMBER_MAX, NUMBER_MAX, "a fitness that is good enough"),
    INT("max-evaluations", "N", "stop.max_evaluations", 0, INT64_C(1000000000000), "answers"),
    INT("max-generations", "N", "max_generations", 0, 1000000000, "generations"),
    INT("generation-timeout-s", "S", "generation_timeout_s", 0, 31536000,
        "deadline of a generation; 0 = none"),
    {.name = "evaluate",
     .value = "JSON|@FILE|-",
     .field = "evaluate",
     .kind = OPTION_JSON,
     .help = "work item of a candidate, {x.NAME} for parameters"},
    {.name = "seed",
     .value = "N",
     .field = "seed",
     .kind = OPTION_U64,
     .help = "makes the search repeatable"},
    TEXT("key", "KEY", "idempotency_key", 0, "the same request again gives the same job"),
    FLAG("watch", NULL, "then watch it to its end"),
};
static const struct option_row cmaes_status_options[] = {
    ARGUMENT("ID", "job_id", 0, "which one; the newest"),
    INT("limit", "N", "limit", 0, 500, "generations of the history; 20"),
};
static const struct option_row cmaes_watch_options[] = {
    ARGUMENT("ID", "job_id", 0, "which one; the newest"),
    INT("interval", "S", NULL, 1, 3600, "seconds between two looks; 1"),
    INT("patience", "S", NULL, 0, 86400, "give up after so many seconds without an answer; 60"),
};
static const struct option_row cmaes_list_options[] = {
    INT("limit", "N", "limit", 1, 200, "how many at most; 50"),
    TEXT("before", "ID", "before", 0, "only older ones"),
};
static const struct option_row cmaes_id_options[] = {
    ARGUMENT("ID", "job_id", OPTION_REQUIRED, "which one"),
};

#define COMMANDS_CMAES                                                                            \
    {"cmaes start",         "Tune parameters by CMA-ES",    OPTIONS(cmaes_start_options),         \
     POST_("/cmaes/start"), .render = render_cmaes_started, .run = cmd_cmaes_start},              \
        {"cmaes watch",                                                                           \
         "Follow a search to its end",                                                            \
         OPTIONS(cmaes_watch_options),                                                            \
         .notes =                                                                                 \
             "The curve is the best fitness so far, by its logarithm while it is above 0. Exits " \
             "with 0 only\nif the search completed with a best candidate.",                       \
         GET_("/cmaes/status"),                                                                   \
         .render = render_cmaes_end,                                                              \
         .run = cmd_cmaes_watch},                                                                 \
        {"cmaes status", "Where a search stands: parameters, step size, generations",             \
         OPTIONS(cmaes_status_options), GET_("/cmaes/status"), .render = render_cmaes_status},    \
        {"cmaes list", "Searches, the newest first", OPTIONS(cmaes_list_options),                 \
         GET_("/cmaes/list"), .render = render_cmaes_list},                                       \
    {                                                                                             \
        "cmaes cancel", "End a search and cancel its work items", OPTIONS(cmaes_id_options),      \
            POST_("/cmaes/cancel"), .render = render_members                                      \
    }

#endif
