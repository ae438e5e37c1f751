/* Usage texts and shell completion, made from the command table; it prints nothing. */
#ifndef RH_HOST_CTL_HELP_H
#define RH_HOST_CTL_HELP_H

#include "host/ctl/command.h"

/* Append to out; errors stay in out->rc. [any] */

/* All commands, one a line, and the options that every command takes. */
void help_all(struct rh_buf *out);
/* One command: its call, its options, its notes. */
void help_command(const struct command *command, struct rh_buf *out);
/* The script that `ringctl completion bash` prints. */
void help_completion_bash(struct rh_buf *out);

#endif
