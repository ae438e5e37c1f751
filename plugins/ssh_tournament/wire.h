/* What the wiring files of the plugin share: its struct and who does what; no decisions. */
#ifndef RH_PLUGINS_SSH_TOURNAMENT_WIRE_H
#define RH_PLUGINS_SSH_TOURNAMENT_WIRE_H

#include <ringhost/sdk/map.h>
#include <ringhost/sdk/rated_rows.h>

#include "client.h"
#include "record.h"
#include "run.h"

#define SSH_NAMESPACE    "ssh_tournament"

#define LIVE_MAX         32u
#define HOSTS_MAX        1024u /* of all live runs together */
#define SLOTS_MAX        190u  /* with the shared connections below the host's 256 processes */
#define MASTERS_MAX      60u
#define TAIL_MAX         2048u /* of an output, kept in the store */
#define PROCESS_KEY_SIZE 64u
#define ENV_MAX          64u

/* Key of the process that makes the directory of the shared connections. */
#define SSH_FOLDER_KEY "control_dir"

/* Kind of the rows of the joblog: id, number. */
#define KEY_JOBLOG 'j'
/* Kind of the rows of games that the ratings have not acknowledged: id, index. */
#define KEY_UNRATED 'e'

struct ssh_config {
    struct rh_str_list ssh;
    struct rh_pair_list env;
    struct rh_str config_file;
    struct rh_str identity_file;
    struct rh_str known_hosts;
    struct rh_str strict_host_key_checking;
    struct rh_str control_dir;
    int64_t connect_timeout; /* ms */
    int64_t alive_interval;  /* ms */
    int64_t alive_count;
    int64_t grace; /* ms */
    int64_t slots;
    int64_t slots_per_host;
    int64_t host_rest;     /* ms */
    int64_t host_rest_max; /* ms */
    int64_t output_max;    /* bytes */
    int64_t run_output_max;
    int64_t live_max;
    int64_t keep_max;
};

/* A host as all live runs see it. */
struct host {
    char *name; /* key in the map */
    struct health health;
    uint32_t running; /* attempts */
    uint32_t users;   /* live runs that name it */
    int64_t idle_ms;  /* monotonic; since when nobody names it */
    bool has_master;  /* its shared connection is up, or coming up */
    bool is_master_ending;
};

/* An attempt under way. */
struct flight {
    int64_t begun_ms; /* monotonic */
    bool is_spawned;
    bool is_ending; /* its end was asked for */
    char *tail;     /* of the output, while the store does not show it yet */
    size_t tail_bytes;
};

/* A run in memory. */
struct live {
    struct run *run;
    struct host *hosts[PLAN_HOSTS_MAX]; /* of the spec's hosts */
    struct flight *flights;             /* a match each */
    uint32_t joblog_next;
    int64_t stored_bytes; /* outputs in files */
    uint32_t unrecorded;  /* commits under way */
};

struct plugin {
    struct rh_services rh;
    const struct ssh_config *config;
    struct live *live[LIVE_MAX]; /* ascending numbers */
    uint32_t live_count;
    uint32_t turn; /* which of them begins the next attempt */
    uint32_t kept; /* runs on disk */
    uint64_t last_number;
    struct rh_map hosts; /* name to struct host */
    uint32_t running;
    uint32_t masters;
    bool is_control_ready; /* the directory of the shared connections stands */
    bool is_active;
    bool is_adopting;
    bool is_quiescing;
    rh_handle timer;
    int64_t timer_ms; /* INT64_MAX = none armed */
    struct rh_rated_feed rated;
    struct rh_rated_rows rating; /* games of the offer that is out */
};

/* POST /ssh_tournament/run. */
struct match_req {
    struct rh_str id;
    struct rh_str_list args;
    struct rh_str_list players;
    struct rh_str board_type;
};
struct tournament_req {
    struct rh_str_list players;
    int64_t games;
};
struct run_req {
    struct rh_str_list hosts;
    struct rh_str_list command;
    struct rh_list matches;
    struct tournament_req tournament;
    struct rh_str board_type;
    struct rh_str label;
    struct rh_str halt;
    int64_t halt_fail;
    int64_t max_parallel_per_host;
    int64_t timeout_s;
    int64_t retries;
    int32_t retry_failed;
    int32_t idempotent;
    int32_t dry_run;
    uint8_t has_matches;
    uint8_t has_tournament;
};

/* wire_config.c: whether this can be the configuration; a negative code, in words too. */
int32_t ssh_config_check(struct plugin *p, const struct ssh_config *wanted);

/* wire_pump.c: begin what can begin, and arm the timer for what comes next. */
void ssh_kick(struct plugin *p);
/* The same on the next turn, for the first time. */
int32_t ssh_wake(struct plugin *p);
int64_t ssh_now(const struct plugin *p);
int64_t ssh_wall(const struct plugin *p);

/* wire_hosts.c: what the words of a request name, looked up in the inventory, into out[most]. The
 * strings live until *memory is given to fields->release. A negative code, in words too. */
int32_t hosts_resolve(struct plugin *p, const struct rh_str_list *words, struct target *out,
                      uint32_t most, uint32_t *count, void **memory);
/* The shared record of a host, made when it is new; the live run lets it go with host_leave. It
 * stays while its shared connection does. */
struct host *host_enter(struct plugin *p, const struct target *target);
void host_leave(struct plugin *p, struct host *host);
void host_forget(struct plugin *p, struct host *host);
/* All that are left. */
void hosts_drop(struct plugin *p);

/* wire_run.c: the record of a new run; a negative code, in words too. */
int32_t run_build(struct plugin *p, const struct run_req *req, const char *id, uint64_t number,
                  struct rh_buf *record);

/* wire_find.c: from memory while it is live, else from the store; *is_own says whether the caller
 * frees it. A negative code, in words too. */
int32_t run_find(struct plugin *p, struct rh_str id, struct run **out, bool *is_own);
int32_t run_unknown(struct plugin *p, struct rh_str id);
/* The id of the newest, into ids[0]. */
int32_t run_newest(struct plugin *p, char (*ids)[RUN_ID_SIZE]);

/* wire_live.c: runs in memory. */
int32_t lives_load(struct plugin *p);
void lives_drop(struct plugin *p);
struct live *live_find(const struct plugin *p, struct rh_str id);
struct live *live_by_number(const struct plugin *p, uint64_t number);
/* Into memory; it takes the run, also when it fails. */
int32_t live_add(struct plugin *p, struct run *run, struct live **out);
/* A new one, on disk and in memory. */
int32_t live_create(struct plugin *p, struct rh_str record, struct live **out);
void live_cancel(struct plugin *p, struct live *live);
/* A run that is over and in the caller's hands goes on; it is taken. */
int32_t live_resume(struct plugin *p, struct run *run, struct live **out);
/* A batch of a live run is submitted: once it is durable, a run that is over leaves memory. */
void live_commit(struct plugin *p, struct rh_batch_builder *batch, struct live *live);

/* wire_attempt.c: attempts. */
void attempts_pump(struct plugin *p);
void attempts_end(struct plugin *p, struct live *live);
void attempts_adopt(struct plugin *p);
void attempt_key(uint64_t number, uint32_t match, uint32_t attempt, char key[PROCESS_KEY_SIZE]);
/* How a host is reached; over its shared connection only while that is neither missing nor ending.
 */
struct client_options ssh_options(const struct plugin *p, const struct host *host);
/* The words of a match's command with the values in it, each ended by a NUL; how many in *count. */
int32_t attempt_words(const struct run *run, uint32_t index, uint32_t host, uint32_t attempt,
                      struct rh_buf *bytes, uint32_t *count);
/* Starts the client with these words. */
int32_t ssh_spawn(struct plugin *p, const struct client_line *line, const char *key,
                  int64_t wall_ms, int64_t grace_ms, uint32_t flags, rh_process_cb cb, void *user);

/* wire_master.c: connections that attempts share. */
void masters_start(struct plugin *p);
void master_want(struct plugin *p, struct host *host, const struct target *target);
void master_adopt(struct plugin *p, struct host *host);
/* Ends those over which nothing runs, at once. */
void masters_stop(struct plugin *p);
/* Ends those that nobody has needed for a while; when the next of them may be ended. */
int64_t masters_end(struct plugin *p);
void master_key(const char *name, char key[PROCESS_KEY_SIZE]);

/* wire_end.c: the process of an attempt has ended; user = user of the attempt. */
void attempt_exited(void *self, void *user, const struct rh_process_exit *ended);
/* The same for one that has no process. */
void attempt_finish(struct plugin *p, struct live *live, uint32_t index,
                    const struct run_ending *ending, struct rh_str output);
/* What a callback of an attempt is given, and back: NULL when the run is not in memory any more. */
void *attempt_user(uint64_t number, uint32_t match);
struct live *attempt_live(const struct plugin *p, const void *user, uint32_t *match);

/* wire_store.c: rows. */
struct rh_store ssh_store(const struct plugin *p);
int32_t runs_open(struct plugin *p, struct rh_str id, struct run **out);
int32_t runs_summary(struct plugin *p, struct rh_str id, struct run_summary *out);
int32_t runs_ids(struct plugin *p, struct rh_str before, uint32_t limit, char (*ids)[RUN_ID_SIZE],
                 uint32_t *count);
/* Counts them, finds the last number and the ids that are not over. */
int32_t runs_scan(struct plugin *p, char (*live)[RUN_ID_SIZE], uint32_t *count);
int32_t runs_joblog_next(struct plugin *p, struct rh_str id, uint32_t *next);
void runs_put_new(struct rh_batch_builder *batch, const struct run *run, struct rh_str record);
void runs_put_summary(struct rh_batch_builder *batch, const struct run *run);
void runs_put_match(struct rh_batch_builder *batch, const struct run *run, uint32_t index);
void runs_put_tail(struct rh_batch_builder *batch, const struct run *run, uint32_t index,
                   struct rh_str tail);
void runs_put_joblog(struct rh_batch_builder *batch, const struct run *run, uint32_t number,
                     const struct joblog *line);
/* The kept end of an output, "" = none; borrowed as rh.state/1 says. */
struct rh_str runs_tail(struct plugin *p, const struct run *run, uint32_t index);
void runs_prune(struct plugin *p, struct rh_batch_builder *batch);

/* wire_reply.c: what the routes answer. */
void reply_summary(struct rh_json_writer *w, struct rh_str id, const struct run_summary *summary);
struct status_req {
    struct rh_str run_id;
    struct rh_str state;
    int64_t after;
    int64_t limit;
};
void reply_status(struct plugin *p, struct rh_json_writer *w, const struct run *run,
                  const struct live *live, const struct status_req *asked);
void reply_match(struct plugin *p, struct rh_json_writer *w, const struct run *run, uint32_t index);
/* A dry run: what would be started where. */
int32_t reply_plan(struct plugin *p, struct rh_json_writer *w, const struct run *run);

/* wire_logs.c: outputs and the joblog. */
struct logs_req {
    struct rh_str run_id;
    struct rh_str match;
    int64_t offset;
    int64_t limit;
};
int32_t reply_logs(struct plugin *p, struct rh_json_writer *w, const struct run *run,
                   const struct logs_req *asked);
struct joblog_req {
    struct rh_str run_id;
    int64_t after;
    int64_t limit;
};
int32_t reply_joblog(struct plugin *p, struct rh_json_writer *w, const struct run *run,
                     const struct joblog_req *asked);
/* Keeps an output in a file when it is longer than a tail; bytes kept. */
int64_t output_keep(struct plugin *p, struct live *live, uint32_t index, struct rh_str output);
void output_forget(struct plugin *p, uint64_t number, uint32_t index);

/* wire_tell.c: SSH_RUN_COMPLETED, a local event of this node. */
extern const struct rh_event_def ssh_run_event;
/* The end of a run is durable. */
void ssh_tell_end(struct plugin *p, const struct run *run);

/* wire_rated.c: games on their way to the ratings. */
extern const struct rh_rated_owner ssh_rated_owner;
void ssh_rated_put(struct rh_batch_builder *batch, const struct run *run, uint32_t index);

#endif
