/* Connections that attempts to a host share (ControlMaster): a process each, so that no attempt
 * ends with another. They only save time: without one an attempt connects by itself. */
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/str.h>

#define FOLDER_WALL_MS  10000
#define MASTER_IDLE_MS  30000 /* it outlives the last run that names its host by so much */
#define MASTER_GRACE_MS 100   /* it does not look at its input */

void master_key(const char *name, char key[PROCESS_KEY_SIZE])
{
    (void)snprintf(key, PROCESS_KEY_SIZE, "master.%016" PRIx64,
                   rh_hash_fnv1a(RH_HASH_FNV1A_INIT, name, strlen(name))); /* fits */
}

static struct host *find(const struct plugin *p, uint64_t hash)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map_next(&p->hosts, &cursor, NULL, &value)) {
        struct host *host = value;

        if (rh_hash_fnv1a(RH_HASH_FNV1A_INIT, host->name, strlen(host->name)) == hash)
            return host;
    }
    return NULL;
}

static void *master_user(const struct host *host)
{
    return (void *)(uintptr_t)rh_hash_fnv1a(RH_HASH_FNV1A_INIT, host->name, strlen(host->name));
}

/* The next attempt there starts another. */
static void on_exit(void *self, void *user, const struct rh_process_exit *ended)
{
    struct plugin *p = self;
    struct host *host;

    if (ended->rc == RH_ECANCELLED || !p->is_active)
        return;
    p->masters--;
    host = find(p, (uint64_t)(uintptr_t)user);
    if (!host)
        return;
    host->has_master = false;
    host->is_master_ending = false;
    if (host->users == 0)
        host_forget(p, host);
}

void master_want(struct plugin *p, struct host *host, const struct target *target)
{
    struct client_options options = ssh_options(p, host);
    struct client_line line;
    char key[PROCESS_KEY_SIZE];

    if (!p->is_control_ready || host->has_master || host->health.failures > 0 ||
        p->masters >= MASTERS_MAX)
        return;
    options.control_dir = p->config->control_dir;
    client_line_init(&line);
    master_key(host->name, key);
    if (client_master(&options, target, &line) == RH_OK &&
        ssh_spawn(p, &line, key, 0, MASTER_GRACE_MS, RH_PROCESS_HOLD_INPUT, on_exit,
                  master_user(host)) == RH_OK) {
        host->has_master = true;
        p->masters++;
    }
    client_line_release(&line);
}

void master_adopt(struct plugin *p, struct host *host)
{
    char key[PROCESS_KEY_SIZE];

    master_key(host->name, key);
    if (host->has_master ||
        p->rh.process->adopt(p->rh.ctx, key, on_exit, master_user(host)) != RH_OK)
        return;
    host->has_master = true;
    p->masters++;
}

static void end(struct plugin *p, struct host *host)
{
    char key[PROCESS_KEY_SIZE];

    host->is_master_ending = true;
    master_key(host->name, key);
    (void)p->rh.process->kill(p->rh.ctx, key); /* ended already is fine */
}

int64_t masters_end(struct plugin *p)
{
    int64_t wake_ms = INT64_MAX;
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map_next(&p->hosts, &cursor, NULL, &value)) {
        struct host *host = value;
        const int64_t end_ms = host->idle_ms + MASTER_IDLE_MS;

        if (host->users > 0 || !host->has_master || host->is_master_ending)
            continue;
        if (end_ms <= ssh_now(p))
            end(p, host);
        else if (end_ms < wake_ms)
            wake_ms = end_ms;
    }
    return wake_ms;
}

void masters_stop(struct plugin *p)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map_next(&p->hosts, &cursor, NULL, &value)) {
        struct host *host = value;

        if (host->running == 0 && host->has_master && !host->is_master_ending)
            end(p, host);
    }
}

static void on_folder(void *self, void *user, const struct rh_process_exit *ended)
{
    struct plugin *p = self;

    (void)user;
    if (ended->rc == RH_ECANCELLED || !p->is_active)
        return;
    p->is_control_ready = ended->rc == RH_OK && ended->code == 0;
    if (!p->is_control_ready)
        rh_log_warn(&p->rh, "ssh_connections_not_shared", "control_dir=%.*s reason=\"%.*s\"",
                    RH_STR_ARG(p->config->control_dir), RH_STR_ARG(ended->errors));
    ssh_kick(p);
}

/* install(1) fails on a directory that belongs to somebody else, since it cannot set its mode. */
void masters_start(struct plugin *p)
{
    const struct rh_str words[] = {RH_STR_INIT("install"), RH_STR_INIT("-d"),
                                   RH_STR_INIT("-m"),      RH_STR_INIT("0700"),
                                   RH_STR_INIT("--"),      p->config->control_dir};
    const struct rh_process_spec spec = {.size = (uint32_t)sizeof(spec),
                                         .key = SSH_FOLDER_KEY,
                                         .argv = {words, sizeof(words) / sizeof(words[0]), 0},
                                         .wall_ms = FOLDER_WALL_MS};
    int32_t rc;

    if (p->config->control_dir.n == 0)
        return;
    rc = p->rh.process->run(p->rh.ctx, &spec, on_folder, NULL);
    if (rc == RH_EEXISTS) /* an earlier life began it */
        rc = p->rh.process->adopt(p->rh.ctx, SSH_FOLDER_KEY, on_folder, NULL);
    if (rc != RH_OK)
        rh_log_warn(&p->rh, "ssh_connections_not_shared", "control_dir=%.*s reason=%s",
                    RH_STR_ARG(p->config->control_dir), "install could not be started");
}
