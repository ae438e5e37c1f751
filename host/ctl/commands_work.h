/* Rows of the command table about the queue of work, with their options. Part of commands.c, which
 * alone includes it. */
#ifndef RH_HOST_CTL_COMMANDS_WORK_H
#define RH_HOST_CTL_COMMANDS_WORK_H

#include "host/ctl/command_rows.h"

static const struct option_row work_add_options[] = {
    ARGUMENT("TYPE", "work_type", OPTION_REQUIRED, "what to do: selfplay, training, ..."),
    {.name = "payload",
     .value = "JSON|@FILE|-",
     .field = "payload",
     .kind = OPTION_JSON,
     .help = "object handed to the worker; - reads standard input"},
    INT("priority", "N", "priority", 0, 100, "higher first; 50"),
    LIST("requires", "CAP,...", "requires", 0, "capabilities that the claimant must have"),
    INT("count", "N", NULL, 1, 500, "so many items like this, all or none"),
    TEXT("config-key", "KEY", "config_key", 0, "board and players, \"hex8_2p\""),
    TEXT("board-type", "BOARD", "board_type", 0, "board"),
    INT("num-players", "N", "num_players", 0, 64, "players"),
    FLAG("needs-gpu", "needs_gpu", "only for nodes with a GPU"),
    INT("min-vram-mb", "N", "min_vram_mb", 0, 16777216, "memory of one GPU, MiB"),
    INT("lease-s", "S", "timeout_s", 0, 604800, "the lease in seconds"),
    INT("max-runtime-s", "S", "max_runtime_s", 0, 2592000, "longest attempt; 0 = no limit"),
    INT("max-attempts", "N", "max_attempts", 1, 100, "attempts before it is dead; 3"),
    TEXT("group", "NAME", "group", 0, "items of a group are counted together"),
    TEXT("key", "KEY", "idempotency_key", 0, "the same item again gives the first one"),
    TEXT("target-node", "NODE", "target_node", 0, "only for this node"),
    INT("delay-s", "S", "delay_s", 0, 2592000, "not before so many seconds"),
    LIST("after", "ID,...", "depends_on", 0, "only when these are done; ids, or key:KEY"),
    LIST("input", "NAME=SHA256,...", "inputs", 0, "artifacts that it needs"),
    LIST("output", "NAME,...", "outputs", 0, "artifacts that it makes"),
};
static const struct option_row work_list_options[] = {
    CHOICE("status", "S", "status", "pending leased delayed blocked done dead cancelled",
           "only items in this state"),
    TEXT("type", "T", "work_type", 0, "only items of this type"),
    TEXT("config-key", "KEY", "config_key", 0, "only items of this config"),
    INT("limit", "N", "limit", 1, 1000, "items at most; 100"),
    TEXT("after", "ID", "after", 0, "begin behind this item"),
};
static const struct option_row work_id_options[] = {
    ARGUMENT("ID", "work_id", OPTION_REQUIRED, "the item"),
};

static const struct option_row work_retry_options[] = {
    ARGUMENT("ID", "work_id", 0, "this item; without it those that the options name"),
    TEXT("type", "T", "work_type", 0, "only items of this type"),
    TEXT("config-key", "KEY", "config_key", 0, "only items of this config"),
    TEXT("group", "NAME", "group", 0, "only items of this group"),
    INT("limit", "N", "limit", 1, 500, "items at most, the longest dead first; 100"),
    TEXT("after", "CURSOR", "after", 0, "`next` of the call before"),
    FLAG("all", "all", "every dead item, when no other option says which"),
};
static const struct option_row work_pause_options[] = {
    ARGUMENT("TYPE", "work_type", OPTION_REQUIRED, "the work type"),
    TEXT("reason", "TEXT", "reason", 0, "shown by work stats"),
};
static const struct option_row work_resume_options[] = {
    ARGUMENT("TYPE", "work_type", OPTION_REQUIRED, "the work type"),
};
static const struct option_row work_history_options[] = {
    CHOICE("status", "S", "status", "any done dead cancelled", "only items in this state"),
    TEXT("type", "T", "work_type", 0, "only items of this type"),
    TEXT("config-key", "KEY", "config_key", 0, "only items of this config"),
    TEXT("group", "NAME", "group", 0, "only items of this group"),
    TEXT("node", "NODE", "node_id", 0, "only what this node had last"),
    INT("limit", "N", "limit", 1, 1000, "items at most; 100"),
    TEXT("after", "CURSOR", "after", 0, "`next` of the page before"),
};

#define COMMANDS_WORK                                                                            \
    {"work add",                                                                                 \
     "Add work items",                                                                           \
     OPTIONS(work_add_options),                                                                  \
     POST_("/work/add"),                                                                         \
     .render = render_work_added,                                                                \
     .run = cmd_work_add},                                                                       \
        {"work list", "Work items in one state", OPTIONS(work_list_options),                     \
         GET_("/work/pending"), .render = render_work_items},                                    \
        {"work show", "One work item and all that is known of it", OPTIONS(work_id_options),     \
         GET_("/work/item"), .render = render_work_item},                                        \
        {"work cancel", "Cancel a work item", OPTIONS(work_id_options), POST_("/work/cancel"),   \
         .render = render_members},                                                              \
        {"work retry",         "Let dead work items live again", OPTIONS(work_retry_options),    \
         POST_("/work/retry"), .render = render_work_retried,    .run = cmd_work_retry},         \
        {"work pause", "Give away no work of a type", OPTIONS(work_pause_options),               \
         POST_("/work/pause"), .render = render_members},                                        \
        {"work resume", "Give away work of a type again", OPTIONS(work_resume_options),          \
         POST_("/work/resume"), .render = render_members},                                       \
        {"work history", "Finished work items, the newest first", OPTIONS(work_history_options), \
         GET_("/work/history"), .render = render_work_items},                                    \
    {                                                                                            \
        "work stats", "Counts of the queue, and why claims got nothing", GET_("/work/stats"),    \
            .render = render_work_stats                                                          \
    }

#endif
