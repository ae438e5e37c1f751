/* The command table: every command of ringctl with its options; help, usage and completion come
 * from it. */
#include "host/ctl/command.h"

#include "host/ctl/command_rows.h"
#include "host/ctl/commands_artifact.h"
#include "host/ctl/commands_cmaes.h"
#include "host/ctl/commands_elo.h"
#include "host/ctl/commands_events.h"
#include "host/ctl/commands_gauntlet.h"
#include "host/ctl/commands_ssh.h"
#include "host/ctl/commands_tournament.h"
#include "host/ctl/commands_work.h"

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
static const struct option_row logs_options[] = {
    ARGUMENT("ID", NULL, OPTION_REQUIRED, "the work item"),
    {.name = "follow", .letter = 'f', .kind = OPTION_FLAG, .help = "go on until it ends"},
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
static const struct option_row loops_run_options[] = {
    ARGUMENT("LOOP", "loop", OPTION_REQUIRED, "its name"),
};
static const struct option_row maintenance_options[] = {
    {.name = "on|off",
     .flags = OPTION_POSITIONAL | OPTION_REQUIRED,
     .kind = OPTION_CHOICE,
     .choices = "on off",
     .help = "on: take no new work"},
};
static const struct option_row drain_options[] = {
    ARGUMENT("NODE", NULL, 0, "which one; the node that is asked"),
    INT("within", "S", NULL, 0, 604800, "give up waiting after so many seconds; 0 = never"),
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
    {"loops", "Background loops of this node, and what they did last", GET_("/loops"),
     .render = render_loops},
    {"loops run", "Run a background loop of this node now", OPTIONS(loops_run_options),
     .notes = "A loop of the leader is run by the node that leads: ask that one.",
     POST_("/loops/run")},
    {"config explain", "Every configuration value and where it came from", OPTIONS(config_options),
     GET_("/admin/config"), .render = render_config, .run = cmd_config_explain},
    {"events", "Events of the cluster as this node sees them", OPTIONS(events_options),
     .notes = "Without -f, those that are stored. An id is good on the node that gave it.",
     GET_("/events"), .render = render_event, .run = cmd_events},
    COMMANDS_EVENTS,
    COMMANDS_WORK,
    COMMANDS_GAUNTLET,
    COMMANDS_TOURNAMENT,
    {"logs", "What a running work item has printed, on whichever node it runs",
     OPTIONS(logs_options),
     .notes = "Its standard output. Once it has ended, its result is all there is.",
     .run = cmd_logs},
    COMMANDS_ARTIFACT,
    COMMANDS_ELO,
    COMMANDS_CMAES,
    COMMANDS_SSH,
    {"state adopt", "Make this node the home of the replicated state", OPTIONS(adopt_options),
     POST_("/admin/state/adopt"), .run = cmd_state_adopt},
    {"relay status", "Nodes that are reached through this one, and its own hubs",
     GET_("/relay/status"), .render = render_relay},
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
    {"preempt", "This node's machine is about to be taken away, or stays after all",
     OPTIONS(maintenance_options),
     .notes =
         "on: its worker claims nothing more, its jobs are ended and may leave a checkpoint, and "
         "after the grace\nof the configuration every item is back in the queue. Counts no "
         "attempt.",
     POST_("/worker/preempt"), .run = cmd_maintenance},
    {"drain", "Take no new work and wait until the worker has none", OPTIONS(drain_options),
     .notes = "Waits for the programs that run and for their reports. Exits with 4 when they take "
              "too long; the\nnode still takes no new work then.",
     .run = cmd_drain},
    {"shutdown", "Drain this node and end it", OPTIONS(shutdown_options), POST_("/admin/shutdown")},
    {"restart", "Drain this node and start it again; its socket stays open",
     POST_("/admin/restart")},
    {"reload", "Read the configuration of this node again",
     .notes =
         "Changed sections of plugins come into force; other keys take a restart, and are "
         "named. With an\nerror in any file nothing changes, and all are told. Exits with 1 also "
         "when a plugin refused its\nsection.",
     POST_("/admin/reload"), .render = render_reload, .run = cmd_reload},
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
