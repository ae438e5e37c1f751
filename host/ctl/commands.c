/* The command table: every command of ringctl with its options; help, usage and completion come
 * from it. */
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

#define DAY_MS     86400000
#define NUMBER_MAX INT64_C(1000000000000000)

static const struct option_row globals[] = {
    TEXT("addr", "HOST:PORT[,...]", NULL, 0, "nodes; $RINGHOST_ADDR, 127.0.0.1:8770"),
    TEXT("token-file", "FILE", NULL, 0, "file with the token; $RINGHOST_TOKEN"),
    FLAG("json", NULL, "print the node's reply as it is"),
    {.name = "timeout",
     .value = "S",
     .kind = OPTION_NUMBER,
     .min = 0,
     .max = 86400,
     .help = "seconds for one request; 10"},
    {.name = "help", .letter = 'h', .kind = OPTION_FLAG, .help = "this text, or that of a command"},
    FLAG("version", NULL, "the version"),
};

static const struct option_row config_options[] = {
    ARGUMENT("PATTERN", NULL, 0, "only keys like this; * and ? allowed"),
};
static const struct option_row events_options[] = {
    {.name = "follow",
     .letter = 'f',
     .kind = OPTION_FLAG,
     .help = "go on with new events; connect again when the stream ends"},
    LIST("type", "T", NULL, 0, "only events of these types"),
    TEXT("since", "CURSOR", NULL, 0, "begin behind this event (--json shows cursors)"),
};
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
    TEXT("key", "KEY", "idempotency_key", 0, "the same key again gives the first item"),
    TEXT("target-node", "NODE", "target_node", 0, "only for this node"),
};
static const struct option_row work_list_options[] = {
    CHOICE("status", "S", "status", "pending leased delayed done dead cancelled",
           "only items in this state"),
    TEXT("type", "T", "work_type", 0, "only items of this type"),
    TEXT("config-key", "KEY", "config_key", 0, "only items of this config"),
    INT("limit", "N", "limit", 1, 1000, "items at most; 100"),
    TEXT("after", "ID", "after", 0, "begin behind this item"),
};
static const struct option_row work_id_options[] = {
    ARGUMENT("ID", "work_id", OPTION_REQUIRED, "the item"),
};
static const struct option_row gauntlet_run_options[] = {
    TEXT("model", "PLAYER", "model", OPTION_REQUIRED, "the player to be measured"),
    LIST("baseline", "PLAYER", "baselines", OPTION_REQUIRED, "whom it plays; may be given again"),
    CHOICE("type", "TYPE", "type", "quick standard thorough", "20, 50 or 100 games each"),
    INT("games", "N", "games", 2, 10000, "games against each baseline, even"),
    NUMBER("sprt-elo0", "ELO", "sprt.elo0", -1000, 1000,
           "end as soon as a test tells this strength ..."),
    NUMBER("sprt-elo1", "ELO", "sprt.elo1", -1000, 1000, "... from this one; 0 and 5"),
    NUMBER("sprt-alpha", "P", "sprt.alpha", 0, 1, "error of taking elo0 for elo1; 0.05"),
    NUMBER("sprt-beta", "P", "sprt.beta", 0, 1, "error of taking elo1 for elo0; 0.05"),
    CHOICE("sprt-model", "MODEL", "sprt.model", "logistic normalized",
           "what kind of Elo; logistic"),
    CHOICE("sprt-statistic", "S", "sprt.statistic", "pentanomial trinomial",
           "by pairs of games, or by games; pentanomial"),
    INT("board-size", "N", "board_size", 2, 25, "lines of the board; 9"),
    TEXT("board-type", "BOARD", "board_type", 0, "board type of the work items"),
    NUMBER("komi", "POINTS", "komi", -400, 400, "points for white; 7.5"),
    CHOICE("ko-rule", "RULE", "ko_rule", "simple positional", "which ko rule holds"),
    INT("move-time-ms", "MS", "move_time_ms", 0, DAY_MS, "time for a move; 0 = no limit"),
    INT("game-time-ms", "MS", "game_time_ms", 0, DAY_MS, "time of a player; 0 = no limit"),
    INT("max-moves", "N", "max_moves", 0, 5000, "a longer game is an error"),
    INT("max-attempts", "N", "max_attempts", 1, 100, "attempts at a game; 3"),
    {.name = "seed",
     .value = "N",
     .field = "seed",
     .kind = OPTION_U64,
     .help = "makes the games repeatable"},
    INT("priority", "N", "priority", 0, 100, "of the games, higher first; 50"),
    INT("lease-s", "S", "timeout_s", 0, 604800, "lease of a game in seconds"),
    INT("max-runtime-s", "S", "max_runtime_s", 0, 2592000, "longest game; 0 = no limit"),
    LIST("requires", "CAP,...", "requires", 0, "capabilities that a node must have"),
    TEXT("key", "KEY", "idempotency_key", 0, "the same key again gives the same gauntlet"),
    FLAG("watch", NULL, "then watch it to its end"),
};
static const struct option_row gauntlet_watch_options[] = {
    ARGUMENT("ID", "gauntlet_id", 0, "which one; the newest"),
    INT("interval", "S", NULL, 1, 3600, "seconds between two looks; 1"),
    INT("patience", "S", NULL, 0, 86400, "give up after so many seconds without an answer; 60"),
};
static const struct option_row gauntlet_results_options[] = {
    ARGUMENT("ID", "gauntlet_id", 0, "which one; the newest"),
    FLAG("games", NULL, "list the games too"),
};
static const struct option_row gauntlet_list_options[] = {
    INT("limit", "N", "limit", 1, 200, "how many at most; 50"),
    TEXT("before", "ID", "before", 0, "only older ones"),
};
static const struct option_row gauntlet_id_options[] = {
    ARGUMENT("ID", "gauntlet_id", OPTION_REQUIRED, "which one"),
};
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
    INT("population", "N", "population", 0, 1024, "candidates of a generation; 4 + 3 ln n"),
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
    TEXT("key", "KEY", "idempotency_key", 0, "the same key again gives the same job"),
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
static const struct option_row leader_start_options[] = {
    FLAG("force", "force", "ask a healthy leader to hand over"),
};
static const struct option_row leader_step_down_options[] = {
    INT("hold-ms", "MS", "hold_ms", 0, DAY_MS, "do not stand for so long; two timeouts"),
    TEXT("reason", "TEXT", "reason", 0, "for the log"),
};
static const struct option_row leader_transfer_options[] = {
    ARGUMENT("NODE", "to", 0, "the voter that should lead; the best one"),
};
static const struct option_row adopt_options[] = {
    FLAG("yes", NULL, "do not ask"),
};
static const struct option_row raft_members_options[] = {
    {.name = "ACTION",
     .field = "action",
     .flags = OPTION_POSITIONAL,
     .kind = OPTION_CHOICE,
     .choices = "add promote remove",
     .help = "without one the members are listed"},
    ARGUMENT("NODE", "node_id", 0, "whom"),
};
static const struct option_row raft_transfer_options[] = {
    ARGUMENT("NODE", "node_id", 0, "the voter that should lead; the one that has most"),
};
static const struct option_row raft_confirm_options[] = {
    TEXT("confirm", "NODE", "confirm", 0, "the id of the node that is meant; else it is asked for"),
};
static const struct option_row raft_recover_options[] = {
    {.name = "force",
     .flags = OPTION_REQUIRED,
     .kind = OPTION_FLAG,
     .help = "the others are gone for good"},
    TEXT("confirm", "NODE", "confirm", 0, "the id of the node that is meant; else it is asked for"),
};
static const struct option_row maintenance_options[] = {
    {.name = "on|off",
     .flags = OPTION_POSITIONAL | OPTION_REQUIRED,
     .kind = OPTION_CHOICE,
     .choices = "on off",
     .help = "on: take no new work"},
};
static const struct option_row shutdown_options[] = {
    INT("grace-s", "S", "grace_s", 0, 3600, "seconds for the requests under way; 30"),
};
static const struct option_row log_level_options[] = {
    {.name = "LEVEL",
     .field = "level",
     .flags = OPTION_POSITIONAL | OPTION_REQUIRED,
     .kind = OPTION_CHOICE,
     .choices = "debug info warn error",
     .help = "the least that is logged"},
    TEXT("plugin", "ID", "plugin", 0, "only of this plugin"),
};
static const struct option_row peer_add_options[] = {
    ARGUMENT("ADDRESS", "address", OPTION_REQUIRED, "host:port where the peer listens"),
};
static const struct option_row peer_forget_options[] = {
    ARGUMENT("NODE", "node_id", OPTION_REQUIRED, "a node that is dead or has left"),
};
static const struct option_row completion_options[] = {
    {.name = "SHELL",
     .flags = OPTION_POSITIONAL | OPTION_REQUIRED,
     .kind = OPTION_CHOICE,
     .choices = "bash",
     .help = "for which shell"},
};
static const struct option_row help_options[] = {
    {.name = "COMMAND", .flags = OPTION_POSITIONAL, .kind = OPTION_LIST, .help = "its words"},
};

#define GET_(p)  .method = "GET", .path = (p)
#define POST_(p) .method = "POST", .path = (p)

static const struct command commands[] = {
    {"status", "How this node is: role, leader, checks, plugins that are not active",
     .notes = "Exits with 1 when the node says that it is failing.", GET_("/admin/health"),
     .render = render_status, .run = cmd_status},
    {"peers", "The nodes that this node knows", GET_("/peers"), .render = render_peers},
    {"peer add", "Dial one more address", OPTIONS(peer_add_options), POST_("/admin/peers/add")},
    {"peer forget", "Drop a dead node from the table", OPTIONS(peer_forget_options),
     POST_("/admin/peers/remove")},
    {"leader", "Who leads, until when, with whose support", GET_("/election/leader"),
     .render = render_leader},
    {"leader start", "Let this node stand as leader now", OPTIONS(leader_start_options),
     .notes = "Refused while a leader is healthy; with --force that one is asked to hand over. "
              "Either way a\nmajority of the voters decides.",
     POST_("/election/start"), .render = render_members},
    {"leader step-down", "Let the leader stop leading", OPTIONS(leader_step_down_options),
     POST_("/election/step-down")},
    {"leader transfer", "Let the leader hand over to a voter", OPTIONS(leader_transfer_options),
     POST_("/election/transfer"), .render = render_members},
    {"plugins", "Plugins of this node with version and state", GET_("/plugins"),
     .render = render_plugins},
    {"routes", "Routes of this node with scope and summary", GET_("/routes"),
     .render = render_routes},
    {"loops", "Background loops of this node", GET_("/loops"), .render = render_loops},
    {"config explain", "Every configuration value and where it came from", OPTIONS(config_options),
     GET_("/admin/config"), .render = render_config, .run = cmd_config_explain},
    {"events", "Events of the cluster as this node sees them", OPTIONS(events_options),
     .notes = "Without -f, those that are stored. An id is good on the node that gave it.",
     GET_("/events"), .render = render_event, .run = cmd_events},
    {"work add", "Add work items", OPTIONS(work_add_options), POST_("/work/add"),
     .render = render_work_added, .run = cmd_work_add},
    {"work list", "Work items in one state", OPTIONS(work_list_options), GET_("/work/pending"),
     .render = render_work_items},
    {"work show", "One work item and all that is known of it", OPTIONS(work_id_options),
     GET_("/work/item"), .render = render_work_item},
    {"work cancel", "Cancel a work item", OPTIONS(work_id_options), POST_("/work/cancel"),
     .render = render_members},
    {"work stats", "Counts of the queue, and why claims got nothing", GET_("/work/stats"),
     .render = render_work_stats},
    {"gauntlet run", "Measure a player against baselines", OPTIONS(gauntlet_run_options),
     POST_("/gauntlet/run"), .render = render_gauntlet_started, .run = cmd_gauntlet_run},
    {"gauntlet watch", "Follow a gauntlet to its end", OPTIONS(gauntlet_watch_options),
     .notes = "Exits with 0 only if every game was played and none is an error. The score is "
              "wins-losses,\nor wins-losses-draws when there were draws.",
     GET_("/gauntlet/results"), .render = render_gauntlet_end, .run = cmd_gauntlet_watch},
    {"gauntlet results", "Figures and verdict of a gauntlet", OPTIONS(gauntlet_results_options),
     GET_("/gauntlet/results"), .render = render_gauntlet_results, .run = cmd_gauntlet_results},
    {"gauntlet list", "Gauntlets, the newest first", OPTIONS(gauntlet_list_options),
     GET_("/gauntlet/list"), .render = render_gauntlet_list},
    {"gauntlet cancel", "Stop a gauntlet and cancel its games", OPTIONS(gauntlet_id_options),
     POST_("/gauntlet/cancel"), .render = render_members},
    {"cmaes start", "Tune parameters by CMA-ES", OPTIONS(cmaes_start_options),
     POST_("/cmaes/start"), .render = render_cmaes_started, .run = cmd_cmaes_start},
    {"cmaes watch", "Follow a search to its end", OPTIONS(cmaes_watch_options),
     .notes = "The curve is the best fitness so far, by its logarithm while it is above 0. Exits "
              "with 0 only\nif the search completed with a best candidate.",
     GET_("/cmaes/status"), .render = render_cmaes_end, .run = cmd_cmaes_watch},
    {"cmaes status", "Where a search stands: parameters, step size, generations",
     OPTIONS(cmaes_status_options), GET_("/cmaes/status"), .render = render_cmaes_status},
    {"cmaes list", "Searches, the newest first", OPTIONS(cmaes_list_options), GET_("/cmaes/list"),
     .render = render_cmaes_list},
    {"cmaes cancel", "End a search and cancel its work items", OPTIONS(cmaes_id_options),
     POST_("/cmaes/cancel"), .render = render_members},
    {"state adopt", "Make this node the home of the replicated state", OPTIONS(adopt_options),
     POST_("/admin/state/adopt"), .run = cmd_state_adopt},
    {"raft status", "The replicated log as this node sees it", GET_("/raft/state"),
     .render = render_raft},
    {"raft members", "List the members, or change them", OPTIONS(raft_members_options),
     .notes = "add takes a node in as a learner, which gets everything and does not vote; promote "
              "makes it a\nvoter once it has caught up; remove ends its membership. One change at "
              "a time.",
     POST_("/raft/members"), .render = render_raft_members, .run = cmd_raft_members},
    {"raft transfer", "Let the leader hand over to a voter", OPTIONS(raft_transfer_options),
     POST_("/raft/transfer")},
    {"raft bootstrap", "Make the data of this node the state of the group",
     OPTIONS(raft_confirm_options),
     .notes = "For a cluster that has lived without raft: at the one node whose data is to be "
              "kept.",
     POST_("/raft/bootstrap"), .render = render_members, .run = cmd_raft_confirmed},
    {"raft archive", "Set aside the data that keeps this node out of its group",
     OPTIONS(raft_confirm_options),
     .notes = "It is copied to replica.db.superseded-<Unix ms> in the data directory; the node is "
              "empty then\nand joins when the group calls it in.",
     POST_("/raft/archive"), .render = render_members, .run = cmd_raft_confirmed},
    {"raft recover", "Go on with this node alone after a majority is lost for good",
     OPTIONS(raft_recover_options),
     .notes = "At the node with the greatest last log. What only the lost nodes had is given up; "
              "they are refused\nshould they return.",
     POST_("/raft/recover"), .render = render_members, .run = cmd_raft_confirmed},
    {"maintenance", "Take no new work, or take work again", OPTIONS(maintenance_options),
     POST_("/admin/maintenance"), .run = cmd_maintenance},
    {"shutdown", "Drain this node and end it", OPTIONS(shutdown_options), POST_("/admin/shutdown")},
    {"restart", "Drain this node and start it again; its socket stays open",
     POST_("/admin/restart")},
    {"reload", "Read the configuration of this node again",
     .notes = "Changed sections of plugins come into force; other keys take a restart, and are "
              "named. With an\nerror in any file nothing changes, and all are told.",
     POST_("/admin/reload"), .render = render_reload},
    {"log-level", "Change what this node logs, until it ends", OPTIONS(log_level_options),
     POST_("/admin/log-level")},
    {"completion", "Print the completion script of a shell", OPTIONS(completion_options),
     .run = cmd_completion},
    {"help", "Explain a command", OPTIONS(help_options), .run = cmd_help},
};

const struct command *commands_all(uint32_t *count)
{
    *count = COUNT_OF(commands);
    return commands;
}

const struct option_row *commands_globals(uint32_t *count)
{
    *count = COUNT_OF(globals);
    return globals;
}
