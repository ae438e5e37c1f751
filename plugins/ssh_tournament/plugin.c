/* The plugin: tables, handlers and life cycle; wiring is in wire_*.c, rules in the cores beside
 * them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "wire.h"

/* With "/", 8 digits, the 40 of %C and the 17 that ssh appends it fits a socket's address. */
#define CONTROL_DIR_MAX  40
#define LIST_MAX         200
#define STATUS_MAX       1000
#define LOGS_BYTES_MAX   262144
#define LOGS_BYTES_LEAST 4 /* a character of UTF-8 fits */
#define TOURNAMENT_MAX   64
#define GAMES_MAX        1000
#define WEEK_S           604800
#define RUN_ID_FIELD_MAX 127
#define MINUTE_MS        60000
#define HOUR_MS          3600000

struct list_req {
    struct rh_str before;
    int64_t limit;
};
struct id_req {
    struct rh_str run_id;
};

static int32_t handle_run(void *self, rh_req req, const void *fields);
static int32_t handle_status(void *self, rh_req req, const void *fields);
static int32_t handle_list(void *self, rh_req req, const void *fields);
static int32_t handle_logs(void *self, rh_req req, const void *fields);
static int32_t handle_joblog(void *self, rh_req req, const void *fields);
static int32_t handle_cancel(void *self, rh_req req, const void *fields);
static int32_t handle_resume(void *self, rh_req req, const void *fields);

static const struct rh_field match_fields[] = {
    RH_TEXT(struct match_req, id, 0, 64, "unique in the run; default its number from 0"),
    RH_STR_LIST(struct match_req, args, 0, "words behind those of the command"),
    RH_STR_LIST(struct match_req, players, 0,
                "the two who play, the first moving first; their game goes to the ratings"),
    RH_TEXT(struct match_req, board_type, 0, 64, "for the ratings; default that of the run"),
};

static const struct rh_field tournament_fields[] = {
    RH_FIELD_ROW_(struct tournament_req, players, RH_FIELD_STRING_LIST, .flags = RH_REQUIRED,
                  .min = 2, .max = TOURNAMENT_MAX, .doc = "everybody meets everybody"),
    RH_INT(struct tournament_req, games, 2, 1, GAMES_MAX,
           "of each pair; sides are swapped from one to the next"),
};

static const struct rh_field run_fields[] = {
    RH_FIELD_ROW_(struct run_req, hosts, RH_FIELD_STRING_LIST, .flags = RH_REQUIRED, .min = 1,
                  .max = PLAN_HOSTS_MAX,
                  .doc = "ids of the inventory, patterns of them (*, ?), or [user@]host[:port]"),
    RH_FIELD_ROW_(struct run_req, command, RH_FIELD_STRING_LIST, .flags = RH_REQUIRED, .min = 1,
                  .max = 256,
                  .doc = "program and arguments, no shell; {run} {match} {index} {attempt} {host} "
                         "{first} {second} are replaced"),
    RH_FIELD_ROW_(struct run_req, matches, RH_FIELD_OBJECT_LIST,
                  RH_SUB_(struct match_req, match_fields), .max = RUN_MATCHES_MAX,
                  .given_offset = 1 + (uint32_t)offsetof(struct run_req, has_matches),
                  .doc = "the jobs; or tournament"),
    RH_FIELD_ROW_(struct run_req, tournament, RH_FIELD_OBJECT,
                  RH_SUB_(struct tournament_req, tournament_fields),
                  .given_offset = 1 + (uint32_t)offsetof(struct run_req, has_tournament),
                  .doc = "a round robin; or matches"),
    RH_TEXT(struct run_req, board_type, 0, 64, "of all games, for the ratings"),
    RH_TEXT(struct run_req, label, 0, RUN_LABEL_SIZE - 1, "for people"),
    RH_INT(struct run_req, max_parallel_per_host, 1, 1, 64, "jobs of this run at once on a host"),
    RH_INT(struct run_req, timeout_s, 3600, 0, WEEK_S, "longest time of a job; 0 = no limit"),
    RH_INT(struct run_req, retries, 2, 0, RUN_RETRIES_MAX,
           "further attempts at a match, on other hosts first"),
    RH_BOOL(struct run_req, retry_failed, false,
            "also when the job itself failed or took too long"),
    RH_BOOL(struct run_req, idempotent, false,
            "also when the connection was lost and the job may have done its work"),
    RH_CHOICE(struct run_req, halt, 0, "never", "never soon now",
              "what failed matches do: nothing, let none begin, or end what runs as well"),
    RH_INT(struct run_req, halt_fail, 1, 1, RUN_MATCHES_MAX, "how many of them it takes"),
    RH_BOOL(struct run_req, dry_run, false, "only tell what would be done"),
};

static const struct rh_field status_fields[] = {
    RH_TEXT(struct status_req, run_id, 0, RUN_ID_FIELD_MAX, "which one; default the newest"),
    RH_CHOICE(struct status_req, state, 0, NULL,
              "pending running ok failed lost unreachable cancelled", "only matches in this state"),
    RH_INT(struct status_req, after, 0, 0, RUN_MATCHES_MAX, "`next` of a reply"),
    RH_INT(struct status_req, limit, 100, 0, STATUS_MAX, "matches to list"),
};

static const struct rh_field list_fields[] = {
    RH_TEXT(struct list_req, before, 0, RUN_ID_FIELD_MAX, "only older ones; `next` of a reply"),
    RH_INT(struct list_req, limit, 50, 1, LIST_MAX, "how many at most"),
};

static const struct rh_field logs_fields[] = {
    RH_TEXT(struct logs_req, run_id, RH_REQUIRED, RUN_ID_FIELD_MAX, "which run"),
    RH_TEXT(struct logs_req, match, RH_REQUIRED, 64, "id or number of the match"),
    RH_INT(struct logs_req, offset, 0, 0, RH_FILE_BYTES_MAX, "first byte; `next` of a reply"),
    RH_INT(struct logs_req, limit, 65536, LOGS_BYTES_LEAST, LOGS_BYTES_MAX,
           "bytes at most; a page ends with a whole character"),
};

static const struct rh_field joblog_fields[] = {
    RH_TEXT(struct joblog_req, run_id, RH_REQUIRED, RUN_ID_FIELD_MAX, "which run"),
    RH_INT(struct joblog_req, after, 0, 0, INT32_MAX, "`next` of a reply"),
    RH_INT(struct joblog_req, limit, 200, 1, STATUS_MAX, "attempts at most"),
};

static const struct rh_field id_fields[] = {
    RH_TEXT(struct id_req, run_id, RH_REQUIRED, RUN_ID_FIELD_MAX, "which run"),
};

static const struct rh_route routes[] = {
    RH_ROUTE("POST", "/ssh_tournament/run", RH_OPERATOR, 0, RH_FIELDS(struct run_req, run_fields),
             handle_run, "Run a command over SSH on many hosts, once for each match."),
    RH_ROUTE("GET", "/ssh_tournament/status", RH_READ, RH_IDEMPOTENT,
             RH_FIELDS(struct status_req, status_fields), handle_status,
             "Hosts, matches and scores of a run of this node."),
    RH_ROUTE("GET", "/ssh_tournament/list", RH_READ, RH_IDEMPOTENT,
             RH_FIELDS(struct list_req, list_fields), handle_list,
             "Runs of this node, the newest first."),
    RH_ROUTE("GET", "/ssh_tournament/logs", RH_READ, RH_IDEMPOTENT,
             RH_FIELDS(struct logs_req, logs_fields), handle_logs,
             "What the last attempt at a match printed, also while it runs."),
    RH_ROUTE("GET", "/ssh_tournament/joblog", RH_READ, RH_IDEMPOTENT,
             RH_FIELDS(struct joblog_req, joblog_fields), handle_joblog,
             "Every attempt of a run that is over, in the order of their ends."),
    RH_ROUTE("POST", "/ssh_tournament/cancel", RH_OPERATOR, RH_IDEMPOTENT,
             RH_FIELDS(struct id_req, id_fields), handle_cancel,
             "End a run and what it has on other hosts."),
    RH_ROUTE("POST", "/ssh_tournament/resume", RH_OPERATOR, 0, RH_FIELDS(struct id_req, id_fields),
             handle_resume, "Begin what is not ok in a run that is over anew."),
};

static int32_t reply_created(struct plugin *p, rh_req req, const struct run *run)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    rh_json_kv_str(&reply.w, "run_id", run->spec.id);
    rh_json_kv_int(&reply.w, "matches_total", run->spec.match_count);
    rh_json_kv_int(&reply.w, "hosts_total", run->spec.host_count);
    return rh_json_reply_send(&reply, &p->rh, req, 201);
}

/* Finishes a reply that may have failed half-way. */
static int32_t reply_send(struct plugin *p, rh_req req, struct rh_json_reply *reply, int32_t rc)
{
    if (rc == RH_OK)
        return rh_json_reply_send(reply, &p->rh, req, 200);
    rh_buf_release(&reply->buf);
    return rc;
}

static int32_t reply_dry(struct plugin *p, rh_req req, struct rh_str record)
{
    struct rh_json_reply reply;
    struct run *run = NULL;
    int32_t rc = record_run_new(record, &run);

    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    rc = reply_plan(p, &reply.w, run);
    run_free(run);
    return reply_send(p, req, &reply, rc);
}

static int32_t handle_run(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct run_req *asked = fields;
    struct rh_self node = {.size = (uint32_t)sizeof(node)};
    const bool is_dry = asked->dry_run != 0; /* the request is gone once it is answered */
    struct live *live = NULL;
    struct rh_buf record;
    char id[RUN_ID_SIZE];
    int32_t rc = RH_OK;

    p->rh.core->self(p->rh.ctx, &node);
    /* The random part keeps ids apart, in the ratings too, when a data directory begins anew. */
    (void)snprintf(id, sizeof(id), "%.*s-ssh-%010" PRIu64 "-%04x", RH_STR_ARG(node.node_id),
                   p->last_number + 1, (unsigned)(p->rh.core->random(p->rh.ctx) & 0xffffu));
    if (!is_dry && (int64_t)p->live_count >= p->config->live_max)
        return rh_failf(&p->rh, RH_EBUSY, "%" PRIu32 " runs are under way; live_max is %" PRId64,
                        p->live_count, p->config->live_max);
    rh_buf_init(&record, RECORD_SPEC_MAX);
    rc = run_build(p, asked, id, p->last_number + 1, &record);
    if (rc == RH_OK && is_dry)
        rc = reply_dry(p, req, rh_buf_str(&record));
    else if (rc == RH_OK)
        rc = live_create(p, rh_buf_str(&record), &live);
    rh_buf_release(&record);
    if (rc != RH_OK || is_dry)
        return rc;
    rh_log_info(&p->rh, "ssh_run_began", "run=%s matches=%" PRIu32 " hosts=%" PRIu32, id,
                live->run->spec.match_count, live->run->spec.host_count);
    ssh_kick(p);
    return reply_created(p, req, live->run);
}

static int32_t handle_status(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct status_req *asked = fields;
    struct rh_str id = asked->run_id;
    struct rh_json_reply reply;
    struct run *run = NULL;
    char ids[1][RUN_ID_SIZE];
    bool is_own = false;
    int32_t rc = RH_OK;

    if (id.n == 0) {
        rc = run_newest(p, ids);
        id = rh_str_from(ids[0]);
    }
    if (rc == RH_OK)
        rc = run_find(p, id, &run, &is_own);
    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    reply_status(p, &reply.w, run, live_find(p, id), asked);
    if (is_own)
        run_free(run);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static int32_t handle_list(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct list_req *asked = fields;
    char ids[LIST_MAX][RUN_ID_SIZE];
    struct rh_json_reply reply;
    uint32_t count = 0;
    int32_t rc = runs_ids(p, asked->before, (uint32_t)asked->limit, ids, &count);

    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "runs");
    rh_json_begin_array(&reply.w);
    for (uint32_t i = 0; i < count && rc == RH_OK; i++) {
        const struct live *live = live_find(p, rh_str_from(ids[i]));
        struct run_summary summary;

        if (live)
            summary = run_summary(live->run);
        else
            rc = runs_summary(p, rh_str_from(ids[i]), &summary);
        if (rc != RH_OK)
            break;
        rh_json_begin_object(&reply.w);
        reply_summary(&reply.w, rh_str_from(ids[i]), &summary);
        rh_json_end_object(&reply.w);
    }
    rh_json_end_array(&reply.w);
    rh_json_kv_strc(&reply.w, "next", count == (uint32_t)asked->limit ? ids[count - 1] : NULL);
    return reply_send(p, req, &reply, rc);
}

static int32_t handle_logs(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct logs_req *asked = fields;
    struct rh_json_reply reply;
    struct run *run = NULL;
    bool is_own = false;
    int32_t rc = run_find(p, asked->run_id, &run, &is_own);

    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    rc = reply_logs(p, &reply.w, run, asked);
    if (is_own)
        run_free(run);
    return reply_send(p, req, &reply, rc);
}

static int32_t handle_joblog(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct joblog_req *asked = fields;
    struct rh_json_reply reply;
    struct run *run = NULL;
    bool is_own = false;
    int32_t rc = run_find(p, asked->run_id, &run, &is_own);

    if (rc != RH_OK)
        return rc;
    rh_json_reply_begin(&reply);
    rc = reply_joblog(p, &reply.w, run, asked);
    if (is_own)
        run_free(run);
    return reply_send(p, req, &reply, rc);
}

static int32_t handle_cancel(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct id_req *asked = fields;
    struct live *live = live_find(p, asked->run_id);
    struct rh_json_reply reply;
    struct run *run = NULL;
    bool is_own = false;
    int32_t rc = run_find(p, asked->run_id, &run, &is_own);

    if (rc != RH_OK)
        return rc;
    if (live && (run->status.state == RUN_RUNNING || run->status.state == RUN_HALTING))
        live_cancel(p, live);
    if (run->status.state != RUN_CANCELLING && run->status.state != RUN_CANCELLED) {
        rc = rh_failf(&p->rh, RH_ECONFLICT, "run \"%.*s\" is %s", RH_STR_ARG(asked->run_id),
                      run_state_name(run->status.state));
    } else {
        const struct run_summary summary = run_summary(run);

        rh_json_reply_begin(&reply);
        reply_summary(&reply.w, asked->run_id, &summary);
        rc = rh_json_reply_send(&reply, &p->rh, req, 200);
    }
    if (is_own)
        run_free(run);
    return rc;
}

static int32_t handle_resume(void *self, rh_req req, const void *fields)
{
    struct plugin *p = self;
    const struct id_req *asked = fields;
    struct live *live = live_find(p, asked->run_id);
    struct rh_json_reply reply;
    struct run_summary summary;
    struct run *run = NULL;
    int32_t rc;

    if (live)
        return rh_failf(&p->rh, RH_ECONFLICT, "run \"%.*s\" is %s", RH_STR_ARG(asked->run_id),
                        run_state_name(live->run->status.state));
    rc = runs_open(p, asked->run_id, &run);
    if (rc == RH_ENOTFOUND)
        return run_unknown(p, asked->run_id);
    if (rc == RH_OK)
        rc = live_resume(p, run, &live);
    if (rc != RH_OK)
        return rc;
    ssh_kick(p);
    summary = run_summary(live->run);
    rh_json_reply_begin(&reply);
    reply_summary(&reply.w, asked->run_id, &summary);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static const struct rh_field config_fields[] = {
    RH_STR_LIST(struct ssh_config, ssh, 0, "the client, with arguments of its own; default ssh"),
    RH_MAP(struct ssh_config, env, 0, "the client's environment, such as SSH_AUTH_SOCK"),
    RH_TEXT(struct ssh_config, config_file, 0, TARGET_PATH_MAX,
            "its configuration; default the user's own"),
    RH_TEXT(struct ssh_config, identity_file, 0, TARGET_PATH_MAX,
            "private key for hosts that have none in the inventory"),
    RH_TEXT(struct ssh_config, known_hosts, 0, TARGET_PATH_MAX,
            "file of the hosts' keys; default the user's own"),
    RH_CHOICE(struct ssh_config, strict_host_key_checking, 0, "yes", "yes accept-new",
              "accept-new takes the key of a host that is not yet known"),
    RH_TEXT(struct ssh_config, control_dir, 0, CONTROL_DIR_MAX,
            "directory for shared connections, made with mode 0700; none are shared without"),
    RH_DURATION(struct ssh_config, connect_timeout, "10s", 1000, 10 * MINUTE_MS,
                "for a connection to stand; whole seconds"),
    RH_DURATION(struct ssh_config, alive_interval, "5s", 1000, 10 * MINUTE_MS,
                "silence after which a host is asked for a sign of life; whole seconds"),
    RH_INT(struct ssh_config, alive_count, 3, 1, 100, "signs that may be missing"),
    RH_DURATION(struct ssh_config, grace, "5s", 100, 10 * MINUTE_MS,
                "on the host, between SIGTERM and SIGKILL"),
    RH_INT(struct ssh_config, slots, 32, 1, SLOTS_MAX, "attempts of this node at once"),
    RH_INT(struct ssh_config, slots_per_host, 8, 1, 64, "of them on one host, of all runs"),
    RH_DURATION(struct ssh_config, host_rest, "5s", 10, HOUR_MS,
                "a host that failed rests so long; each time in a row twice as long"),
    RH_DURATION(struct ssh_config, host_rest_max, "5m", 10, 24 * HOUR_MS, "but not longer"),
    RH_SIZE(struct ssh_config, output_max, "256KiB", 4096, 4194304,
            "of an attempt's output that is kept: the beginning, and a quarter for the end"),
    RH_SIZE(struct ssh_config, run_output_max, "256MiB", 0, 0,
            "of all outputs of a run; of further ones only the end is kept"),
    RH_INT(struct ssh_config, live_max, 8, 1, LIVE_MAX, "runs under way at once"),
    RH_INT(struct ssh_config, keep_max, 100, 1, 10000,
           "runs that are kept; the oldest that are over go first"),
};

static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .name = SSH_NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};

static int32_t reconfigure(void *self, const void *config)
{
    struct plugin *p = self;
    const struct ssh_config *wanted = config;
    const int32_t rc = ssh_config_check(p, wanted);

    if (rc == RH_OK)
        p->config = config;
    return rc;
}

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct plugin *p = self;

    rh_services_init(&p->rh, ctx, host);
    rh_rated_init(&p->rated, &p->rh, &ssh_rated_owner, p);
    p->timer_ms = INT64_MAX;
    return reconfigure(p, config);
}

static void deactivate(void *self)
{
    struct plugin *p = self;

    p->is_active = false;
    p->is_control_ready = false;
    p->timer_ms = INT64_MAX;
    p->masters = 0;
    rh_rated_stop(&p->rated);
    lives_drop(p);
}

static int32_t activate(void *self, uint64_t epoch)
{
    struct plugin *p = self;
    int32_t rc;

    (void)epoch; /* runs belong to this node, whoever leads */
    rh_map_init(&p->hosts, p->rh.core->random(p->rh.ctx), HOSTS_MAX);
    rc = lives_load(p);
    if (rc != RH_OK)
        return rc;
    p->is_active = true;
    p->is_adopting = true; /* on the first timer, when commits of this activation may begin */
    rh_rated_kick(&p->rated);
    return ssh_wake(p);
}

/* Begin nothing more. What runs goes on, over its shared connections, and is adopted later. */
static int32_t quiesce(void *self)
{
    struct plugin *p = self;

    p->is_quiescing = true;
    if (p->is_active)
        masters_stop(p);
    return RH_OK;
}

static void destroy(void *self)
{
    struct plugin *p = self;

    if (p->is_active)
        deactivate(p);
}

static const char *const services[] = {RH_CORE_ID,    RH_FIELDS_ID, RH_HTTP_ID,  RH_STATE_ID,
                                       RH_PROCESS_ID, RH_FILE_ID,   RH_EVENTS_ID};
static const char *const after[] = {"elo_sync"};

static const struct rh_plugin descriptor = {
    RH_PLUGIN_HEAD(struct plugin, "ssh_tournament", "0.1.0"),
    .summary = "Runs matches as commands over SSH on machines that need no ringhost.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    .after = after,
    .after_count = 1,
    .config = RH_FIELDS(struct ssh_config, config_fields),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    .events = &ssh_run_event,
    .event_count = 1,
    .event_stride = (uint32_t)sizeof ssh_run_event,
    .create = create,
    .activate = activate,
    .deactivate = deactivate,
    .reconfigure = reconfigure,
    .quiesce = quiesce,
    .destroy = destroy,
};

RH_PLUGIN_ENTRY("ssh_tournament", "0.1.0", descriptor)
