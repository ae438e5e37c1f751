/* What the wiring files of the worker share: its struct and who does what; no decisions. */
#ifndef RH_PLUGINS_WORKER_WIRE_H
#define RH_PLUGINS_WORKER_WIRE_H

#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/map.h>
#include <ringhost/sdk/work_add.h>
#include <ringhost/sdk/work_input.h>

#include "job.h"
#include "notes.h"
#include "outbox.h"
#include "preempt.h"
#include "secrets.h"
#include "slots.h"
#include "tail.h"
#include "template.h"

/* One namespace for both, so that "the job is over" and "its report waits" are one commit. */
#define WORKER_NAMESPACE    "worker"
#define ROW_JOB             'j' /* then the job's id */
#define ROW_REPORT          'o' /* then the report's number */

#define COMMANDS_MAX        64u
#define CLAIM_ITEMS_MAX     64u /* of one answer */
#define CLAIM_HELD_MAX      512u
#define POLL_STARTS         (UINT64_C(1) << 20) /* starts of the node until polls begin anew */
#define POLL_CAP_MS         5000
#define POLL_MARGIN_MS      10000 /* of the call beyond the wait it asks for */
#define POLL_PART_MS        5000 /* longest wait while some types or GPUs are left out: soon ask anew */
#define POLL_QUICK_MS       1000  /* an empty answer this soon is a refusal, not a wait */
#define OUTPUTS_CAP_MS      30000 /* between two tries to store an output that finds no room */
#define ROOM_PAUSE_MS       60000 /* without a claim once an input found no room on this node */
#define CALL_MS             8000
#define PROBLEMS_MAX        8u
#define PROBLEM_SIZE        256u
#define LOGS_MAX            64u               /* requests for the output of jobs of other nodes */
#define COMMAND_MEMORY_MIN  (4 * 1024 * 1024) /* bytes, where a command has a limit */
#define LOG_ASKED_MAX       64u               /* nodes asked about an attempt that has ended */
#define LOG_BYTES_MAX       (256 * 1024)
#define BODY_MAX            (1024u * 1024u)
#define RECORD_MAX          16384u
#define QUIESCE_MS          5000
#define SECRET_PATH_MAX     4095u
#define PROCESS_KEY_SIZE    20u
#define CHECK_FAILURE_SIZE  160u
#define WORKER_GPU_VARIABLE "CUDA_VISIBLE_DEVICES"

/* One command of the configuration. */
struct command {
    struct rh_str work_type; /* the key of the map */
    struct rh_str_list argv;
    struct rh_pair_list env;
    struct rh_pair_list secrets; /* name and file */
    struct rh_str cwd;
    int64_t max_runtime; /* ms; 0 = none */
    int64_t grace;       /* ms */
    int64_t output_max;  /* bytes */
    int64_t memory;      /* bytes; 0 = none */
    int64_t cpu;         /* ms; 0 = none */
    int64_t pids;        /* processes; 0 = no limit */
    int64_t cores;       /* processors; 0 = no limit */
    int64_t cpus;        /* slots of one job */
    int64_t gpus;        /* devices of one job; 0 = as the item asks */
};

struct gpu_config {
    int64_t count;
    struct rh_str name;
    int64_t vram_mb;
};

/* Who says that this machine is about to be taken away. */
struct preemption_config {
    struct rh_str_list command;
    int64_t interval; /* ms */
    int64_t grace;    /* ms */
};

struct worker_config {
    int64_t slots;
    int64_t poll_wait;    /* ms */
    int64_t outputs_wait; /* ms */
    struct rh_str_list capabilities;
    struct rh_str_list board_types;
    struct gpu_config gpu;
    struct preemption_config preemption;
    struct rh_list commands;
};

/* An error that somebody may want to see later. */
struct problem {
    int64_t at_ms; /* Unix ms */
    char work_id[64];
    char text[PROBLEM_SIZE];
};

struct counters {
    int64_t claimed;
    int64_t completed;
    int64_t failed;
    int64_t stale;   /* results that nobody waits for any more */
    int64_t refused; /* reports that the queue will never take */
    int64_t delivered;
    int64_t released;
    int64_t cancelled;
    int64_t leases_lost;
    int64_t adopted;
    int64_t preempted;
    int64_t polls;
    int64_t polls_failed;
};

struct poll {
    bool is_out;
    uint64_t round; /* the call under way; answers of others are late. Grows over restarts too */
    rh_handle call;
    int64_t sent_ms;
    int64_t not_before_ms;
    uint32_t failures;
    char last_refusal[128]; /* why the last answer was empty */
};

/* The command that is asked about this machine. */
struct check {
    int64_t due_ms;
    bool is_out;
    char failure[CHECK_FAILURE_SIZE]; /* how it fails now; "" = it works, as far as is known */
};

/* Files of one job: inputs before it runs, outputs after. */
struct files {
    struct rh_work_input inputs[RH_WORK_FILES_MAX];
    char outputs[RH_WORK_FILES_MAX][RH_WORK_FILE_NAME_MAX + 1];
    unsigned char digests[RH_WORK_FILES_MAX][RH_SHA256_SIZE]; /* of outputs */
    uint32_t input_count;
    uint32_t output_count;
    uint32_t index;     /* the file that is being worked on */
    uint32_t tries;     /* of one step, in a row */
    int64_t no_room_ms; /* monotonic, since when the output finds no room; 0 = it does */
    bool is_hashed;     /* the output's digest is known: it is being put */
    int64_t offset;
    int64_t size_bytes; /* of the output */
    struct rh_sha256 hash;
    struct rh_buf result; /* what the program said, until its outputs are stored */
};

/* A job and what it needs only until it runs. */
struct work {
    struct job job;
    char *payload; /* JSON, freed once it runs */
    size_t payload_bytes;
    struct files *files; /* NULL = it has none */
    struct notes notes;  /* what its program tells meanwhile */
    bool is_given_back;  /* before it began */
    bool has_process;    /* not while inputs are fetched or outputs stored */
    bool has_result;     /* an earlier life has its result and outputs: they are to be stored */
};

/* Jobs of the activation before that had not begun: they go back instead of failing. */
struct unbegun {
    uint64_t ids[SLOTS_MAX];
    uint32_t count;
};

struct worker {
    struct rh_services rh;
    const struct worker_config *config;
    struct slots slots;
    struct rh_map64 works; /* id to struct work */
    struct unbegun unbegun;
    struct rh_map64 logs; /* requests for output that wait for other nodes */
    uint64_t log_last;
    struct tails tails; /* outputs of programs that have ended */
    struct outbox outbox;
    uint64_t outbox_last;    /* greatest number given out */
    struct rh_map64 reports; /* number of a report, from its making to its end -> item, owned */
    struct poll poll;
    struct preempt preempt;
    struct check check;
    int64_t paused_until_ms; /* no poll begins before, whatever happens */
    bool is_room_shown;      /* health tells of an input without room until then */
    struct counters counters;
    struct problem problems[PROBLEMS_MAX];
    uint32_t problem_count; /* ever; the last is at (count - 1) % PROBLEMS_MAX */
    rh_handle timer;
    int64_t timer_ms; /* INT64_MAX = none armed */
    uint32_t releases_out;
    bool is_active;
    bool has_told_limits; /* why there are no cgroups */
    bool is_adopting;     /* jobs of the store have not been looked for yet */
    bool is_quiescing;
    bool is_quiesce_pending;
    bool is_drained; /* asked to take no new work; not kept over a restart */
};

int64_t worker_now(const struct worker *w);
/* This node's id; borrowed until the callback returns. */
struct rh_str worker_node(const struct worker *w);
/* The command of a work type, or NULL. */
const struct command *worker_command(const struct worker *w, struct rh_str work_type);
const struct command *worker_command_at(const struct worker *w, uint32_t index);
/* Keep an error for GET /worker/status; it is logged by whoever decides. */
void worker_problem(struct worker *w, const char *work_id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Do what is due (leases, reports, a poll) and arm the timer for what comes next. */
void worker_kick(struct worker *w);
/* {work_id, node_id, claim_token open: the caller goes on or closes. */
void worker_begin_report(const struct worker *w, struct rh_json_writer *j, const struct job *job);
/* POST to the leader; cb as in rh.http. */
int32_t worker_post(struct worker *w, const char *path, struct rh_str body, uint32_t flags,
                    void (*cb)(void *self, void *user, const struct rh_reply *reply),
                    uint64_t user);

/* wire_config.c: take a configuration over, or say what is wrong with it. */
int32_t worker_config_set(struct worker *w, const struct worker_config *config);

/* wire_claim.c: begin a poll if one is wanted; when the next may begin. */
void worker_claim_pump(struct worker *w);
int64_t worker_claim_wake_ms(const struct worker *w);
void worker_claim_stop(struct worker *w);
/* This node has no room for an input: claim nothing for ROOM_PAUSE_MS, and show why in health until
 * that is over, or worker_claim_resume. */
void worker_claim_pause(struct worker *w, const char *input, const char *why);
void worker_claim_resume(struct worker *w);
bool worker_claim_is_maintenance(const struct worker *w);

/* wire_held.c: what this node has to do with, so that the queue can tell what it gave in vain. */
/* An item is to be reported on, from now until worker_held_forget. RH_OK or RH_ENOMEM. */
int32_t worker_held_report(struct worker *w, uint64_t seq, struct rh_str work_id);
void worker_held_forget(struct worker *w, uint64_t seq);
void worker_held_drop(struct worker *w);
/* As a member `held` of a claim: jobs, and reports that nobody has taken yet. Left out when it
 * would be too long. */
void worker_held_write(const struct worker *w, struct rh_json_writer *j);
/* The number after which those of polls go on, which is above all of earlier starts. */
uint64_t worker_held_poll_base(const struct worker *w);

/* wire_job.c. Record an item and start it then; takes a slot. RH_OK, or the item is to be released.
 */
struct claimed_item {
    struct rh_str work_id;
    struct rh_str work_type;
    struct rh_str config_key;
    struct rh_str claim_token;
    struct rh_str payload;
    struct rh_str checkpoint; /* of an earlier attempt */
    struct rh_str_list inputs;
    struct rh_str_list outputs;
    int64_t attempt;
    int64_t timeout_s;
    int64_t max_runtime_s;
    int64_t lease_expires_at;
    int64_t min_vram_mb;
    int32_t needs_gpu;
};
int32_t worker_work_accept(struct worker *w, const struct claimed_item *item);
/* The activation ends: remember which jobs have no process and never had one. */
void worker_works_note_unbegun(struct worker *w);
/* Look for the processes of the jobs that the store knows. */
void worker_work_adopt_all(struct worker *w);
struct work *worker_work_find(const struct worker *w, uint64_t id);
/* End of a job: a failure with this text. The work is forgotten. */
void worker_work_fail(struct worker *w, struct work *work, struct rh_str text, bool is_retryable);
/* End of a job: the item goes back uncounted, with its last checkpoint. The work is forgotten. */
void worker_work_release(struct worker *w, struct work *work);
void worker_work_kill(struct worker *w, struct work *work);
/* Out of memory, its slot free. */
void worker_work_forget(struct worker *w, struct work *work);
void worker_works_drop(struct worker *w);
void worker_work_key(uint64_t id, char key[PROCESS_KEY_SIZE]);

/* wire_start.c. The inputs are here, or there are none: start the program. */
void worker_work_launch(struct worker *w, struct work *work);

/* wire_secrets.c. Those of a command, to be wiped by the caller in any case; else why in words. */
int32_t worker_secrets_read(struct worker *w, const struct command *command,
                            struct secrets *secrets, char why[SECRETS_WHY_SIZE]);
/* Files for the process, at most SECRETS_MAX; borrowed from the secrets. Returns their count. */
uint32_t worker_secrets_files(const struct secrets *secrets, struct rh_process_file *files);
/* Whether they can be read now; RH_EINVAL with text. */
int32_t worker_secrets_check(struct worker *w, const struct command *command);

/* wire_files.c */
#define WORKER_FILE_SIZE 48u
/* "in.ID.INDEX" or "out.ID.INDEX": a file of this plugin. */
void worker_file_name(char name[WORKER_FILE_SIZE], const char *kind, uint64_t id, uint32_t index);
/* The lists of an item; RH_OK and NULL when both are empty. RH_EINVAL, RH_ENOMEM. */
int32_t worker_files_new(const struct rh_str_list *inputs, const struct rh_str_list *outputs,
                         struct files **out);
/* Removes what is left of them on disk; frees. */
void worker_files_free(struct worker *w, struct work *work);
/* Remove what an earlier life left, but for outputs that are to be stored. */
void worker_files_sweep(struct worker *w);
/* A step did not work: cb again after a while. False: enough. */
bool worker_files_again(struct worker *w, struct work *work, void (*cb)(void *self, void *user));
/* The work that a callback is about, if it is in this state still. */
struct work *worker_work_in(struct worker *w, const void *user, enum job_state state);
/* A job without process was told to stop: its end. */
void worker_work_stopped(struct worker *w, struct work *work);

/* wire_inputs.c: fetch all, then launch. */
void worker_inputs_begin(struct worker *w, struct work *work);

/* wire_outputs.c: take them from the job's folder, within its exit callback; false: failed. Then
 * store them and complete. */
bool worker_outputs_take(struct worker *w, struct work *work, struct rh_str result);
/* Go on with those of an earlier life, from the first. */
void worker_outputs_resume(struct worker *w, struct work *work);
/* Show in health what waits for room, or that nothing does. */
void worker_outputs_show(struct worker *w);

/* wire_notes.c: read what the program tells, now or when it is time; is_last: it has ended. */
void worker_notes_read(struct worker *w, struct work *work, bool is_last);
void worker_notes_look(struct worker *w, struct work *work);
/* As a member of a report, if the queue does not know it yet. */
void worker_notes_write(const struct work *work, struct rh_json_writer *j, enum note_kind kind);
/* Files for the process, at most NOTE_KIND_COUNT; borrowed from the work. Returns their count. */
uint32_t worker_notes_files(struct work *work, struct rh_process_file *files);

/* wire_exit.c: the process has ended. */
void worker_work_exited(void *self, void *user, const struct rh_process_exit *ended);
void worker_work_complete(struct worker *w, struct work *work, struct rh_str result);

/* wire_lease.c: tell that it started, renew, end what lost its lease; give back unstarted items. */
void worker_leases_pump(struct worker *w);
int64_t worker_leases_wake_ms(const struct worker *w);
void worker_lease_release(struct worker *w, struct rh_str work_id, struct rh_str token);
/* What was claimed and cannot be begun here fails, for this reason; others may try. */
void worker_lease_refuse(struct worker *w, struct rh_str work_id, struct rh_str token,
                         const char *why);

/* What was claimed and has not begun goes back at once, to whoever is there to do it. */
void worker_release_unstarted(struct worker *w);

/* wire_preempt.c */
struct preempt_req {
    int32_t on;
    int64_t grace_s; /* -1 = as configured */
    struct rh_str reason;
};
int32_t worker_handle_preempt(void *self, rh_req req, const void *fields);
void worker_preempt_pump(struct worker *w);
int64_t worker_preempt_wake_ms(const struct worker *w);
/* The item goes back with its last checkpoint, which counts no attempt. */
void worker_preempt_release(struct worker *w, struct work *work);
/* As a member of the status. */
void worker_preempt_write(const struct worker *w, struct rh_json_writer *j);

/* wire_outbox.c. Record that the job is over and its report waits; path NULL: without a report. The
 * work is forgotten, its slot free. */
void worker_outbox_put(struct worker *w, struct work *work, const char *path, struct rh_str body);
void worker_outbox_pump(struct worker *w);

/* wire_store.c. */
int32_t worker_store_load(struct worker *w);
void worker_store_put_job(struct worker *w, struct rh_batch_builder *batch,
                          const struct work *work);
void worker_store_delete(struct rh_batch_builder *batch, char kind, uint64_t id);
void worker_store_put_report(struct worker *w, struct rh_batch_builder *batch, uint64_t seq,
                             const struct job *job, const char *path, struct rh_str body);
/* A report of the store; memory is released by the caller. RH_ENOTFOUND, or why it cannot be read.
 */
struct report {
    struct rh_str path;
    struct rh_str work_id;
    struct rh_str body;
};
int32_t worker_store_get_report(struct worker *w, uint64_t seq, struct report *out, void **memory);

/* wire_log.c */
struct log_req {
    struct rh_str work_id;
    int64_t offset;
    int64_t max;
    int32_t local;
};
int32_t worker_handle_log(void *self, rh_req req, const void *fields);
void worker_logs_drop(struct worker *w);
/* Whether an output of so many bytes is as long as is kept of it (output_max). */
bool worker_log_is_cut(const struct worker *w, const struct work *work, int64_t bytes);

/* wire_status.c */
int32_t worker_handle_status(void *self, rh_req req, const void *fields);

#endif
