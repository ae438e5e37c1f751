/* Rows of the command table about runs over SSH, with their options. Part of commands.c, which
 * alone includes it. */
#ifndef RH_HOST_CTL_COMMANDS_SSH_H
#define RH_HOST_CTL_COMMANDS_SSH_H

#include "host/ctl/command_rows.h"

static const struct option_row ssh_run_options[] = {
    {.name = "run",
     .value = "JSON|@FILE|-",
     .kind = OPTION_JSON,
     .help = "object with command, matches or tournament, and all else"},
    LIST("host", "HOST,...", "hosts", 0, "ids or patterns of the inventory, or [user@]host[:port]"),
    LIST("player", "PLAYER,...", "tournament.players", 0, "a round robin of these"),
    INT("games", "N", "tournament.games", 1, 1000, "of each pair of players; 2"),
    TEXT("board-type", "BOARD", "board_type", 0, "of all games, for the ratings"),
    TEXT("label", "TEXT", "label", 0, "for people"),
    INT("max-parallel-per-host", "N", "max_parallel_per_host", 1, 64, "jobs at once on a host; 1"),
    INT("timeout-s", "S", "timeout_s", 0, 604800, "longest time of a job; 3600, 0 = no limit"),
    INT("retries", "N", "retries", 0, 10, "further attempts, on other hosts first; 2"),
    FLAG("retry-failed", "retry_failed", "also when the job itself failed"),
    FLAG("idempotent", "idempotent", "also when the job may have done its work"),
    CHOICE("halt", "WHEN", "halt", "never soon now", "what a failed match does to the run; never"),
    INT("halt-fail", "N", "halt_fail", 1, 4000, "how many of them it takes; 1"),
    FLAG("dry-run", "dry_run", "only tell what would be done"),
};
static const struct option_row ssh_status_options[] = {
    ARGUMENT("ID", "run_id", 0, "which one; the newest"),
    CHOICE("state", "STATE", "state", "pending running ok failed lost unreachable cancelled",
           "only matches in this state"),
    INT("after", "N", "after", 0, 4000, "first match to list"),
    INT("limit", "N", "limit", 0, 1000, "matches to list; 100"),
};
static const struct option_row ssh_list_options[] = {
    INT("limit", "N", "limit", 1, 200, "how many at most; 50"),
    TEXT("before", "ID", "before", 0, "only older ones"),
};
static const struct option_row ssh_id_options[] = {
    ARGUMENT("ID", "run_id", OPTION_REQUIRED, "which one"),
};
static const struct option_row ssh_logs_options[] = {
    ARGUMENT("ID", "run_id", OPTION_REQUIRED, "which run"),
    ARGUMENT("MATCH", "match", OPTION_REQUIRED, "id or number of the match"),
    INT("offset", "N", "offset", 0, 67108864, "first byte; 0"),
    INT("limit", "N", "limit", 1, 262144, "bytes at most; 65536"),
};
static const struct option_row ssh_joblog_options[] = {
    ARGUMENT("ID", "run_id", OPTION_REQUIRED, "which run"),
    INT("after", "N", "after", 0, INT32_MAX, "first attempt to list"),
    INT("limit", "N", "limit", 1, 1000, "attempts at most; 200"),
};

#define COMMANDS_SSH                                                                              \
    {"ssh run",                                                                                   \
     "Run a command on other machines, once for each match",                                      \
     OPTIONS(ssh_run_options),                                                                    \
     .notes = "The run belongs to the node that is asked; its id begins with that node's name.",  \
     POST_("/ssh_tournament/run"),                                                                \
     .render = render_ssh_started,                                                                \
     .run = cmd_ssh_run},                                                                         \
        {"ssh status", "Hosts, matches and scores of a run", OPTIONS(ssh_status_options),         \
         GET_("/ssh_tournament/status"), .render = render_ssh_status},                            \
        {"ssh list", "Runs of this node, the newest first", OPTIONS(ssh_list_options),            \
         GET_("/ssh_tournament/list"), .render = render_ssh_list},                                \
        {"ssh logs", "What the last attempt at a match printed", OPTIONS(ssh_logs_options),       \
         GET_("/ssh_tournament/logs"), .render = render_ssh_logs},                                \
        {"ssh joblog", "Every attempt of a run that is over", OPTIONS(ssh_joblog_options),        \
         GET_("/ssh_tournament/joblog"), .render = render_ssh_joblog},                            \
        {"ssh cancel", "End a run and what it has on other machines", OPTIONS(ssh_id_options),    \
         POST_("/ssh_tournament/cancel"), .render = render_members},                              \
    {                                                                                             \
        "ssh resume", "Begin what is not ok in a run that is over anew", OPTIONS(ssh_id_options), \
            POST_("/ssh_tournament/resume"), .render = render_members                             \
    }

#endif
