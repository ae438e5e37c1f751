/* One engine as a process that is spoken to in GTP, with a deadline on everything; no rules of Go.
 */
#ifndef RH_PLUGINS_WORKER_GTP_MATCH_ENGINE_H
#define RH_PLUGINS_WORKER_GTP_MATCH_ENGINE_H

#include <stdint.h>

#define ENGINE_REPLY_BYTES_MAX   65536
#define ENGINE_COMMAND_BYTES_MAX 4096
#define ENGINE_STDERR_BYTES      4096 /* the last ones are kept */
#define ENGINE_MESSAGE_BYTES     512
#define ENGINE_QUIT_MS           2000 /* how long "quit" may take before the group is killed */

struct engine;

enum engine_status {
    ENGINE_OK,       /* "=": the body is in *reply */
    ENGINE_REFUSED,  /* "?": the body is in *reply */
    ENGINE_CRASHED,  /* it ended, or closed its pipes, before it answered */
    ENGINE_LATE,     /* no answer before the deadline */
    ENGINE_BABBLED,  /* what it wrote is no answer in GTP, or too long */
    ENGINE_STOPPED,  /* stop_fd became readable: the whole match is to end now */
    ENGINE_NOT_RUN,  /* the program could not be executed */
    ENGINE_NO_SYSTEM /* pipe, fork or memory failed */
};

/* Start path with argv (NULL-terminated) in a folder (NULL: ours) as leader of a process group of
 * its own, with pipes.
 * stop_fd is watched during every wait and never read; it is borrowed until engine_free. ENGINE_OK:
 * *out is to be freed. Else ENGINE_NOT_RUN or ENGINE_NO_SYSTEM, *out is untouched and message
 * (ENGINE_MESSAGE_BYTES) says why. The engine is killed when this process dies. */
enum engine_status engine_start(const char *path, char *const *argv, const char *folder,
                                int stop_fd, struct engine **out, char *message);

/* Send one command and wait for its answer, at most timeout_ms. *reply (always set, maybe to "") is
 * borrowed until the next call. After a status beyond ENGINE_REFUSED only engine_explain,
 * engine_elapsed_ms, engine_kill and engine_free are allowed. */
enum engine_status engine_command(struct engine *engine, const char *command, int64_t timeout_ms,
                                  const char **reply);

/* How long the last command took, in ms. */
int64_t engine_elapsed_ms(const struct engine *engine);

/* Words for the last failure into message (ENGINE_MESSAGE_BYTES): how the process ended and what it
 * last wrote to stderr, printable ASCII only. Kills the engine. */
void engine_explain(struct engine *engine, enum engine_status status, const char *command,
                    char *message);

/* Say "quit", wait at most ENGINE_QUIT_MS, then kill what is left of its group and reap it. */
void engine_quit(struct engine *engine);

/* Kill the whole process group now and reap the engine. Idempotent. */
void engine_kill(struct engine *engine);

/* engine_kill, then release. Accepts NULL. */
void engine_free(struct engine *engine);

#endif
