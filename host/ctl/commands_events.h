/* Rows of the command table about the bridge for events, with their options. Part of commands.c,
 * which alone includes it. */
#ifndef RH_HOST_CTL_COMMANDS_EVENTS_H
#define RH_HOST_CTL_COMMANDS_EVENTS_H

#include "host/ctl/command_rows.h"

static const struct option_row events_publish_options[] = {
    ARGUMENT("TYPE", "event_type", OPTION_REQUIRED, "of the catalogue, or your own: MY_EVENT"),
    {.name = "payload",
     .value = "JSON",
     .field = "payload",
     .flags = OPTION_REQUIRED,
     .kind = OPTION_JSON,
     .help = "an object; @FILE reads a file, - standard input"},
    TEXT("source", "NAME", "source", OPTION_REQUIRED, "who says so"),
    TEXT("key", "KEY", "idempotency_key", 0, "the same key again publishes nothing"),
};
static const struct option_row events_dead_options[] = {
    ARGUMENT("SINK", "sink", OPTION_REQUIRED, "whose"),
    INT("limit", "N", "limit", 1, 500, "how many at most; 50"),
    TEXT("after", "N", "after", 0, "go on where a page ended"),
};
static const struct option_row events_letters_options[] = {
    ARGUMENT("SINK", "sink", OPTION_REQUIRED, "whose"),
    LIST("id", "ID,...", "event_ids", 0, "ids of events"),
    FLAG("all", "all", "all of them, at most 1,000 at once"),
};
static const struct option_row events_forget_options[] = {
    ARGUMENT("SINK", "sink", OPTION_REQUIRED, "one that is configured no longer"),
};

#define COMMANDS_EVENTS                                                                            \
    {"events publish", "Publish an event", OPTIONS(events_publish_options),                        \
     POST_("/events/publish"), .render = render_members},                                          \
        {"events sinks", "Where the cluster's events go, and how far each sink is",                \
         GET_("/events/sinks"), .render = render_event_sinks},                                     \
        {"events dead", "Events that a sink gave up", OPTIONS(events_dead_options),                \
         GET_("/events/dead"), .render = render_event_dead},                                       \
        {"events redrive", "Try dead letters once more", OPTIONS(events_letters_options),          \
         POST_("/events/redrive"), .render = render_members},                                      \
        {"events discard", "Throw dead letters away", OPTIONS(events_letters_options),             \
         POST_("/events/discard"), .render = render_members},                                      \
        {"events forget", "Delete what is kept of a removed sink", OPTIONS(events_forget_options), \
         POST_("/events/forget"), .render = render_members},                                       \
        {"events node-sinks", "Where the local events of this node go",                            \
         GET_("/events/node/sinks"), .render = render_event_sinks},                                \
        {"events node-dead", "Local events that a sink of this node gave up",                      \
         OPTIONS(events_dead_options), GET_("/events/node/dead"), .render = render_event_dead},    \
        {"events node-redrive", "Try dead letters of this node once more",                         \
         OPTIONS(events_letters_options), POST_("/events/node/redrive"),                           \
         .render = render_members},                                                                \
        {"events node-forget", "Delete what this node keeps of a removed sink",                    \
         OPTIONS(events_forget_options), POST_("/events/node/forget"), .render = render_members},  \
    {                                                                                              \
        "events node-discard", "Throw dead letters of this node away",                             \
            OPTIONS(events_letters_options), POST_("/events/node/discard"),                        \
            .render = render_members                                                               \
    }

#endif
