/* Rows of the command table about files by SHA-256, with their options. Part of commands.c, which
 * alone includes it. */
#ifndef RH_HOST_CTL_COMMANDS_ARTIFACT_H
#define RH_HOST_CTL_COMMANDS_ARTIFACT_H

#include "host/ctl/command_rows.h"

static const struct option_row artifact_put_options[] = {
    ARGUMENT("FILE", NULL, OPTION_REQUIRED, "what to put"),
};
static const struct option_row artifact_get_options[] = {
    ARGUMENT("SHA256", NULL, OPTION_REQUIRED, "what to get"),
    {.name = "output",
     .letter = 'o',
     .value = "FILE",
     .help = "where to; a file named as its hash"},
};
static const struct option_row artifact_one_options[] = {
    ARGUMENT("SHA256", "sha256", OPTION_REQUIRED, "the file"),
};
static const struct option_row artifact_verify_options[] = {
    ARGUMENT("SHA256", "sha256", 0, "the file"),
    FLAG("all", "all", "all files of the node"),
};
static const struct option_row artifact_list_options[] = {
    INT("limit", "N", "limit", 1, 1000, "files at most; 100"),
    TEXT("after", "SHA256", "after", 0, "go on behind this one"),
};

#define COMMANDS_ARTIFACT                                                             \
    {"artifact put", "Put a file on the node", OPTIONS(artifact_put_options),         \
     .notes = "Goes on where an earlier try broke off. Prints the file's SHA-256.",   \
     .run = cmd_artifact_put},                                                        \
        {"artifact get", "Get a file, wherever it is", OPTIONS(artifact_get_options), \
         .notes = "Goes on behind what an earlier try left in FILE.part.",            \
         .run = cmd_artifact_get},                                                    \
        {"artifact ls", "Files of the node", OPTIONS(artifact_list_options),          \
         GET_("/artifacts/list"), .render = render_artifact_list},                    \
        {"artifact where", "Nodes that have a file", OPTIONS(artifact_one_options),   \
         GET_("/artifacts/where"), .render = render_artifact_where},                  \
        {"artifact verify",                                                           \
         "Hash files of the node again; remove those that are damaged",               \
         OPTIONS(artifact_verify_options),                                            \
         POST_("/artifacts/verify"),                                                  \
         .notes = "Waits until it is done. Exits with 1 when a file was damaged.",    \
         .run = cmd_artifact_verify},                                                 \
        {"artifact pin", "Keep a file on the node whatever room is wanted",           \
         OPTIONS(artifact_one_options), POST_("/artifacts/pin")},                     \
    {                                                                                 \
        "artifact rm", "Remove a file from the node", OPTIONS(artifact_one_options),  \
            .run = cmd_artifact_rm                                                    \
    }

#endif
