/* The command lines of the OpenSSH client, word by word; no shell is between. It starts nothing. */
#ifndef RH_PLUGINS_SSH_TOURNAMENT_CLIENT_H
#define RH_PLUGINS_SSH_TOURNAMENT_CLIENT_H

#include <ringhost/sdk/buf.h>
#include <stdbool.h>

#include "target.h"

/* How hosts are reached. Strings are borrowed; paths are words of ssh_config(5): no blank, quote or
 * '%'. */
struct client_options {
    struct rh_str_list program; /* "ssh", or another with arguments of its own */
    struct rh_str config_file;  /* -F, "" = the user's own */
    struct rh_str identity;     /* -i for targets without one, "" = none */
    struct rh_str known_hosts;  /* file, "" = the user's own */
    struct rh_str check;        /* StrictHostKeyChecking: yes or accept-new */
    struct rh_str control_dir;  /* of the shared connections, mode 0700; "" = none are shared */
    int64_t connect_timeout_ms;
    int64_t alive_interval_ms;
    int64_t alive_count;
};

/* Words one behind the other, each ended by a NUL. */
struct client_line {
    struct rh_buf bytes; /* errors stay here */
    uint32_t count;
};

/* Longest command line, in bytes. */
#define CLIENT_BYTES_MAX (256u * 1024u)

void client_line_init(struct client_line *line);
void client_line_release(struct client_line *line);
/* Word by word: *at begins at 0; false at the end. Borrowed until the line changes. [any] */
bool client_line_next(const struct client_line *line, size_t *at, struct rh_str *word);

/* The line of an attempt: runs `command` on the target, over the shared connection when there is
 * one; it never becomes that connection itself, since others would end with it. target_check holds.
 * Returns line->bytes.rc. [any] */
int32_t client_attempt(const struct client_options *options, const struct target *target,
                       struct rh_str command, struct client_line *line);

/* The line of the shared connection to a target, which runs until it is ended. control_dir is not
 * empty. [any] */
int32_t client_master(const struct client_options *options, const struct target *target,
                      struct client_line *line);

/* Whether a text can be a path in an option: empty, or "/..." or "~/..." without blanks, quotes,
 * backslashes, control characters and '%'. [any] */
bool client_path_check(struct rh_str path);

#endif
