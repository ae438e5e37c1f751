/* Attempts: what is picked is recorded, then started; after a restart they are found again. */
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

#include "fill.h"
#include "remote.h"

#define USER_BITS        13u /* of a match's index in a callback's user */
#define WALL_MARGIN_MS   30000
#define GRACE_MARGIN_MS  3000
#define OUTPUT_TAIL_PART 4 /* of what is kept, for the end of an output that is longer */
#define WORDS_BYTES_MAX  (64u * 1024u)
#define WORDS_MAX        1024u

_Static_assert(RUN_MATCHES_MAX <= 1u << USER_BITS, "an index fits into a callback's user");

void *attempt_user(uint64_t number, uint32_t match)
{
    return (void *)(uintptr_t)(number << USER_BITS | match);
}

struct live *attempt_live(const struct plugin *p, const void *user, uint32_t *match)
{
    const uint64_t bits = (uint64_t)(uintptr_t)user;

    *match = (uint32_t)(bits & ((1u << USER_BITS) - 1));
    return p->is_active ? live_by_number(p, bits >> USER_BITS) : NULL;
}

void attempt_key(uint64_t number, uint32_t match, uint32_t attempt, char key[PROCESS_KEY_SIZE])
{
    (void)snprintf(key, PROCESS_KEY_SIZE, "r%" PRIu64 ".m%" PRIu32 ".a%" PRIu32, number, match,
                   attempt); /* fits */
}

struct client_options ssh_options(const struct plugin *p, const struct host *host)
{
    static const struct rh_str ssh[] = {RH_STR_INIT("ssh")};
    struct client_options options = {
        .program = p->config->ssh,
        .config_file = p->config->config_file,
        .identity = p->config->identity_file,
        .known_hosts = p->config->known_hosts,
        .check = p->config->strict_host_key_checking,
        .connect_timeout_ms = p->config->connect_timeout,
        .alive_interval_ms = p->config->alive_interval,
        .alive_count = p->config->alive_count,
    };

    if (options.program.count == 0)
        options.program = (struct rh_str_list){ssh, 1, 0};
    if (host->has_master && !host->is_master_ending)
        options.control_dir = p->config->control_dir;
    return options;
}

/* NAME=VALUE one behind the other, each ended by a NUL. */
static uint32_t env_words(const struct plugin *p, struct rh_str words[ENV_MAX], struct rh_buf *buf)
{
    uint32_t count = 0;
    size_t at = 0;

    for (uint32_t i = 0; i < p->config->env.count; i++) {
        (void)rh_buf_append_str(buf, p->config->env.items[i].key); /* errors stay in buf */
        (void)rh_buf_append_byte(buf, '=');
        (void)rh_buf_append_str(buf, p->config->env.items[i].value);
        (void)rh_buf_append_byte(buf, '\0');
    }
    while (buf->rc == RH_OK && at < buf->n && count < ENV_MAX) {
        words[count] = rh_str_from(buf->p + at);
        at += words[count++].n + 1;
    }
    return count;
}

int32_t ssh_spawn(struct plugin *p, const struct client_line *line, const char *key,
                  int64_t wall_ms, int64_t grace_ms, uint32_t flags, rh_process_cb cb, void *user)
{
    struct rh_str *words = calloc(line->count + 1, sizeof(*words));
    struct rh_str env[ENV_MAX];
    struct rh_process_spec spec = {.size = (uint32_t)sizeof(spec),
                                   .flags = flags,
                                   .key = key,
                                   .output_max = p->config->output_max,
                                   .output_tail = p->config->output_max / OUTPUT_TAIL_PART,
                                   .wall_ms = wall_ms,
                                   .grace_ms = grace_ms};
    struct rh_buf buf;
    uint32_t count = 0;
    size_t at = 0;
    int32_t rc = words ? line->bytes.rc : RH_ENOMEM;

    rh_buf_init(&buf, WORDS_BYTES_MAX);
    while (rc == RH_OK && count < line->count && client_line_next(line, &at, &words[count]))
        count++;
    if (rc == RH_OK) {
        spec.argv = (struct rh_str_list){words, count, 0};
        spec.env = (struct rh_str_list){env, env_words(p, env, &buf), 0};
        rc = buf.rc == RH_OK ? p->rh.process->run(p->rh.ctx, &spec, cb, user) : buf.rc;
    }
    rh_buf_release(&buf);
    free(words);
    return rc;
}

int32_t attempt_words(const struct run *run, uint32_t index, uint32_t host, uint32_t attempt,
                      struct rh_buf *bytes, uint32_t *count)
{
    const struct match_spec *match = &run->spec.matches[index];
    const struct rh_str_list *lists[] = {&run->spec.command, &match->args};
    char index_text[16];
    char attempt_text[16];
    struct fill_values values = {.run = run->spec.id,
                                 .match = match->id,
                                 .host = run->spec.hosts[host].name,
                                 .first = match->players[0],
                                 .second = match->players[1]};

    (void)snprintf(index_text, sizeof(index_text), "%" PRIu32, index);       /* fits */
    (void)snprintf(attempt_text, sizeof(attempt_text), "%" PRIu32, attempt); /* fits */
    values.index = rh_str_from(index_text);
    values.attempt = rh_str_from(attempt_text);
    *count = 0;
    for (size_t l = 0; l < 2; l++) {
        for (uint32_t i = 0; i < lists[l]->count; i++) {
            (void)fill_word(lists[l]->items[i], &values, bytes); /* errors stay in bytes */
            (void)rh_buf_append_byte(bytes, '\0');
            (*count)++;
        }
    }
    return bytes->rc;
}

/* The remote command of a match's attempt. */
static int32_t attempt_command(struct plugin *p, const struct run *run, uint32_t index,
                               struct rh_buf *out)
{
    const struct match *match = &run->matches[index];
    struct remote_job job = {
        .nonce = match->nonce, .timeout_s = run->spec.timeout_s, .grace_ms = p->config->grace};
    struct rh_str words[WORDS_MAX];
    struct rh_buf bytes;
    uint32_t count = 0;
    size_t at = 0;
    int32_t rc;

    rh_buf_init(&bytes, WORDS_BYTES_MAX);
    rc = attempt_words(run, index, match->host, match->attempts, &bytes, &count);
    for (uint32_t i = 0; i < count && i < WORDS_MAX && rc == RH_OK; i++) {
        words[i] = rh_str_from(bytes.p + at);
        at += words[i].n + 1;
    }
    job.argv = (struct rh_str_list){words, count, 0};
    if (rc == RH_OK)
        rc = count <= WORDS_MAX ? remote_command(&job, out) : RH_ETOOLARGE;
    rh_buf_release(&bytes);
    return rc;
}

/* Nothing was started; it counts as an attempt, so that it comes to an end. */
static void give_up(struct plugin *p, struct live *live, uint32_t index,
                    enum attempt_verdict verdict, const char *why)
{
    const struct run_ending ending = {.verdict = verdict, .reason = rh_str_from(why)};

    attempt_finish(p, live, index, &ending, (struct rh_str){"", 0});
}

static void spawn(struct plugin *p, struct live *live, uint32_t index)
{
    const struct run *run = live->run;
    const struct match *match = &run->matches[index];
    const struct target *target = &run->spec.hosts[match->host];
    struct host *host = live->hosts[match->host];
    const struct client_options options = ssh_options(p, host);
    const int64_t grace_ms = p->config->grace + GRACE_MARGIN_MS;
    const int64_t wall_ms =
        run->spec.timeout_s * 1000 + p->config->connect_timeout + grace_ms + WALL_MARGIN_MS;
    struct client_line line;
    struct rh_buf command;
    char key[PROCESS_KEY_SIZE];
    int32_t rc;

    client_line_init(&line);
    rh_buf_init(&command, CLIENT_BYTES_MAX);
    attempt_key(run->spec.number, index, match->attempts, key);
    rc = attempt_command(p, run, index, &command);
    if (rc == RH_OK)
        rc = client_attempt(&options, target, rh_buf_str(&command), &line);
    if (rc == RH_OK)
        rc =
            ssh_spawn(p, &line, key, run->spec.timeout_s ? wall_ms : 0, grace_ms,
                      RH_PROCESS_HOLD_INPUT, attempt_exited, attempt_user(run->spec.number, index));
    rh_buf_release(&command);
    client_line_release(&line);
    live->flights[index].is_spawned = rc == RH_OK;
    if (rc != RH_OK)
        give_up(p, live, index, ATTEMPT_LOCAL, rh_error_text(rc));
    else
        master_want(p, host, target);
}

/* The intent is on disk: after a crash the process is looked for. */
static void on_intent(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;
    uint32_t index = 0;
    struct live *live = attempt_live(p, user, &index);

    (void)revision;
    if (rc != RH_OK || !live || live->run->matches[index].state != MATCH_RUNNING ||
        live->flights[index].is_spawned)
        return;
    if (run_wants_end(live->run))
        give_up(p, live, index, ATTEMPT_CANCELLED, "");
    else
        spawn(p, live, index);
    ssh_kick(p);
}

static void begin(struct plugin *p, struct live *live, uint32_t index, uint32_t host)
{
    struct rh_batch_builder batch;

    run_begin(live->run, index, host, p->rh.core->random(p->rh.ctx), ssh_wall(p));
    free(live->flights[index].tail);
    live->flights[index] = (struct flight){.begun_ms = ssh_now(p)};
    health_begin(&live->hosts[host]->health, ssh_now(p));
    live->hosts[host]->running++;
    p->running++;
    rh_batch_begin(&batch, SSH_NAMESPACE);
    runs_put_match(&batch, live->run, index);
    if (rh_batch_commit(&batch, &p->rh, on_intent, attempt_user(live->run->spec.number, index)) !=
        RH_OK)
        p->rh.core->reactivate(p->rh.ctx, "an attempt could not be recorded");
}

static bool pick(struct plugin *p, const struct live *live, uint32_t *index, uint32_t *host)
{
    struct plan_host hosts[PLAN_HOSTS_MAX];

    for (uint32_t i = 0; i < live->run->spec.host_count; i++) {
        const struct host *own = live->hosts[i];

        hosts[i] = (struct plan_host){.state = health_state(&own->health, ssh_now(p)),
                                      .running = own->running,
                                      .slots = (uint32_t)p->config->slots_per_host};
    }
    return run_next(live->run, hosts, index, host);
}

void attempts_pump(struct plugin *p)
{
    uint32_t idle = 0;

    while (idle < p->live_count && p->running < (uint32_t)p->config->slots) {
        struct live *live = p->live[p->turn++ % p->live_count];
        uint32_t index = 0;
        uint32_t host = 0;

        if (pick(p, live, &index, &host)) {
            begin(p, live, index, host);
            idle = 0;
        } else {
            idle++;
        }
    }
}

void attempts_end(struct plugin *p, struct live *live)
{
    for (uint32_t i = 0; i < live->run->spec.match_count; i++) {
        struct flight *flight = &live->flights[i];
        char key[PROCESS_KEY_SIZE];

        if (live->run->matches[i].state != MATCH_RUNNING || !flight->is_spawned ||
            flight->is_ending)
            continue;
        flight->is_ending = true;
        attempt_key(live->run->spec.number, i, live->run->matches[i].attempts, key);
        (void)p->rh.process->kill(p->rh.ctx, key); /* ended already is fine: its end comes */
    }
}

/* Its process is found and goes on, or its end is unknown. */
static void adopt_one(struct plugin *p, struct live *live, uint32_t index)
{
    char key[PROCESS_KEY_SIZE];
    int32_t rc;

    attempt_key(live->run->spec.number, index, live->run->matches[index].attempts, key);
    rc = p->rh.process->adopt(p->rh.ctx, key, attempt_exited,
                              attempt_user(live->run->spec.number, index));
    live->flights[index].is_spawned = rc == RH_OK || rc == RH_EEXISTS;
    if (live->flights[index].is_spawned) {
        rh_log_info(&p->rh, "ssh_attempt_adopted", "key=%s", key);
    } else {
        give_up(p, live, index, ATTEMPT_LOST,
                "this node was restarted, and the end was not recorded");
    }
}

static bool is_known(const struct plugin *p, struct rh_str key)
{
    char own[PROCESS_KEY_SIZE];

    if (rh_str_eq_c(key, SSH_FOLDER_KEY))
        return true;
    for (uint32_t l = 0; l < p->live_count; l++) {
        const struct run *run = p->live[l]->run;

        for (uint32_t i = 0; i < run->spec.match_count; i++) {
            if (run->matches[i].state != MATCH_RUNNING)
                continue;
            attempt_key(run->spec.number, i, run->matches[i].attempts, own);
            if (rh_str_eq_c(key, own))
                return true;
        }
        for (uint32_t h = 0; h < run->spec.host_count; h++) {
            master_key(p->live[l]->hosts[h]->name, own);
            if (rh_str_eq_c(key, own))
                return true;
        }
    }
    return false;
}

static void stranger_ended(void *self, void *user, const struct rh_process_exit *ended)
{
    (void)self;
    (void)user;
    (void)ended;
}

/* Processes that no run speaks of: ended, and their folders collected. */
static void strangers_end(struct plugin *p)
{
    struct rh_process_list list = {.size = (uint32_t)sizeof(list)};
    char keys[SLOTS_MAX + MASTERS_MAX][PROCESS_KEY_SIZE];
    uint32_t count = 0;

    if (p->rh.process->list(p->rh.ctx, &list) != RH_OK)
        return;
    for (uint32_t i = 0; i < list.count && count < SLOTS_MAX + MASTERS_MAX; i++) {
        const char *at = (const char *)list.items + (size_t)i * list.stride;
        const struct rh_process_info *info = (const struct rh_process_info *)(const void *)at;

        if (!is_known(p, info->key) &&
            rh_str_copy(keys[count], PROCESS_KEY_SIZE, info->key) == RH_OK)
            count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        rh_log_warn(&p->rh, "process_without_run", "key=%s", keys[i]);
        (void)p->rh.process->kill(p->rh.ctx, keys[i]); /* ended already is fine */
        /* Somebody waits already: as well. */
        (void)p->rh.process->adopt(p->rh.ctx, keys[i], stranger_ended, NULL);
    }
}

void attempts_adopt(struct plugin *p)
{
    strangers_end(p);
    for (uint32_t l = 0; l < p->live_count; l++) {
        struct live *live = p->live[l];

        for (uint32_t h = 0; h < live->run->spec.host_count; h++)
            master_adopt(p, live->hosts[h]);
        for (uint32_t i = 0; i < live->run->spec.match_count; i++)
            if (live->run->matches[i].state == MATCH_RUNNING)
                adopt_one(p, live, i);
        if (run_wants_end(live->run))
            attempts_end(p, live);
    }
}
