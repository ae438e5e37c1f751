/* The end of a run: drivers and nodes are asked to do what is intended. Their answers come when
 * they come, and are stored one by one; what was not answered is asked again by a later run, or by
 * the next leader, and drivers take the same question twice as one. */
#include <stdio.h>
#include <string.h>

#include "wire.h"

#define DRIVER_OUTPUT_MAX 16384

struct driver_answer {
    struct rh_str machine;
};
static const struct rh_field driver_fields[] = {
    RH_STR(struct driver_answer, machine, 0, "the driver's own word for the machine"),
};
static const struct rh_fields driver_table = RH_FIELDS(struct driver_answer, driver_fields);

bool scaling_is_asked(const struct plugin *p, const char *node_id)
{
    for (uint32_t i = 0; i < ASKED_MAX; i++)
        if (strcmp(p->asked[i].node_id, node_id) == 0)
            return true;
    return false;
}

/* The slot comes in `user`, as a number from 1 on. */
static struct asked *asked_of(struct plugin *p, const void *user)
{
    return &p->asked[(uintptr_t)user - 1];
}

static void on_stored(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct plugin *p = self;

    (void)revision;
    if (rc != RH_OK && rc != RH_ECANCELLED)
        rh_log_warn(&p->rh, "outcome_not_stored", "node=%s rc=%d", asked_of(p, user)->node_id,
                    (int)rc);
    asked_of(p, user)->node_id[0] = '\0';
    if (rc == RH_OK && p->is_active && !p->actions.is_open)
        (void)scaling_load(p); /* a reload looks at what there is; the next run loads it anyhow */
}

/* The changed machine; or, where it is gone, its row goes. */
static void store(struct plugin *p, void *user, const struct fleet_machine *machine,
                  uint64_t version, bool is_gone)
{
    struct rh_batch_builder batch;
    struct rh_key key;
    int32_t rc;

    rh_batch_begin(&batch, SCALING_NAMESPACE);
    if (is_gone) {
        rh_store_key(&key, KEY_MACHINE, rh_str_from(machine->node_id));
        if (key.rc == RH_OK)
            rh_batch_check(&batch, rh_key_view(&key), version);
        rh_store_delete(&batch, &key);
    } else {
        scaling_put_machine(&batch, machine, version);
    }
    rc = rh_batch_commit(&batch, &p->rh, on_stored, user);
    if (rc != RH_OK)
        on_stored(p, user, rc, 0);
}

/* The machine that was asked about, if it is still in that state; else the slot is free again. */
static bool reload(struct plugin *p, void *user, enum fleet_state state,
                   struct fleet_machine *machine, uint64_t *version)
{
    struct asked *asked = asked_of(p, user);

    if (p->is_active && scaling_load_machine(p, asked->node_id, machine, version) == RH_OK &&
        machine->state == state)
        return true;
    asked->node_id[0] = '\0'; /* another leader has it, or a later run went on */
    return false;
}

static void take_handle(struct plugin *p, struct fleet_machine *machine, struct rh_str output)
{
    struct driver_answer answer;
    void *memory = NULL;

    if (p->rh.fields->decode(p->rh.ctx, &driver_table, output, &answer, &memory, NULL, 0) != RH_OK)
        return; /* it is known by its node id */
    (void)rh_str_copy(machine->handle, sizeof(machine->handle), answer.machine);
    p->rh.fields->release(p->rh.ctx, memory);
}

static void on_driver(void *self, void *user, const struct rh_process_exit *ended)
{
    struct plugin *p = self;
    const bool is_start = asked_of(p, user)->op == FLEET_START;
    const struct fleet_limits limits = scaling_fleet_limits(p);
    const bool has_exited = ended->rc == RH_OK && rh_str_eq_c(ended->reason, "exited");
    const int64_t now_ms = p->rh.core->wall_ms(p->rh.ctx);
    struct fleet_machine machine;
    char error[FLEET_ERROR_SIZE];
    uint64_t version;

    if (!reload(p, user, is_start ? FLEET_STARTING : FLEET_STOPPING, &machine, &version))
        return;
    if (has_exited && ended->code == 0) {
        machine.error[0] = '\0';
        if (is_start) {
            take_handle(p, &machine, ended->output);
            fleet_move(&machine, FLEET_BOOTING, now_ms);
        }
        rh_log_info(&p->rh, is_start ? "machine_started" : "machine_stopped", "node=%s machine=%s",
                    machine.node_id, machine.handle);
        store(p, user, &machine, version, !is_start);
        return;
    }
    (void)snprintf(error, sizeof(error), "%.*s%s%.*s", RH_STR_ARG(ended->message),
                   ended->errors.n > 0 ? ": " : "",
                   (int)(ended->errors.n < 100 ? ended->errors.n : 100),
                   ended->errors.p ? ended->errors.p : "");
    fleet_failed(&machine, error, has_exited && ended->code == DRIVER_LATER, &limits, now_ms);
    rh_log_warn(&p->rh, "driver_failed", "node=%s op=%s why=\"%s\"", machine.node_id,
                is_start ? "start" : "stop", error);
    store(p, user, &machine, version, false);
}

static int32_t ask_driver(struct plugin *p, const struct fleet_machine *machine, bool is_start,
                          void *user)
{
    const struct pool_config *pool = scaling_pool_named(p, machine->pool);
    const struct driver_values values = {.node_id = rh_str_from(machine->node_id),
                                         .pool = rh_str_from(machine->pool),
                                         .machine = rh_str_from(machine->handle)};
    const struct rh_str_list *words = pool ? is_start ? &pool->start : &pool->stop : NULL;
    struct rh_str argv[DRIVER_WORDS_MAX];
    struct rh_buf memory;
    char key[FLEET_NODE_SIZE + 8];
    int32_t rc;

    if (!words)
        return rh_failf(&p->rh, RH_ENOTFOUND, "no pool \"%s\" is configured", machine->pool);
    rc = driver_argv(words, &values, argv, &memory);
    (void)snprintf(key, sizeof(key), "%s-%s", is_start ? "start" : "stop", machine->node_id);
    if (rc == RH_OK) {
        const struct rh_process_spec spec = {.size = (uint32_t)sizeof(spec),
                                             .key = key,
                                             .argv = {argv, words->count, 0},
                                             .output_max = DRIVER_OUTPUT_MAX,
                                             .wall_ms = p->config->driver_timeout};

        rc = p->rh.process->run(p->rh.ctx, &spec, on_driver, user);
        if (rc == RH_EEXISTS) /* one that an earlier life of this node has asked */
            rc = p->rh.process->adopt(p->rh.ctx, key, on_driver, user);
    }
    rh_buf_release(&memory);
    return rc;
}

static void on_drain(void *self, void *user, const struct rh_reply *answer)
{
    struct plugin *p = self;
    const bool is_drain = asked_of(p, user)->op == FLEET_DRAIN;
    /* A node without a worker takes no work anyhow. */
    const bool is_done = answer->rc == RH_OK && (answer->status < 300 || answer->status == 404);
    struct fleet_machine machine;
    uint64_t version;

    if (!reload(p, user, is_drain ? FLEET_DRAINING : FLEET_READY, &machine, &version))
        return;
    if (!is_done) {
        rh_log_info(&p->rh, "drain_not_answered", "node=%s status=%u why=\"%.*s\"", machine.node_id,
                    (unsigned)answer->status, RH_STR_ARG(answer->message));
        asked_of(p, user)->node_id[0] = '\0';
        return;
    }
    machine.is_drained = is_drain;
    if (is_drain)
        machine.since_ms = p->rh.core->wall_ms(p->rh.ctx);
    store(p, user, &machine, version, false);
}

static int32_t ask_node(struct plugin *p, const struct fleet_machine *machine, bool is_drain,
                        void *user)
{
    const struct rh_call call = {.size = (uint32_t)sizeof(call),
                                 .target = machine->node_id,
                                 .method = "POST",
                                 .path = "/worker/drain",
                                 .body = is_drain ? RH_STR_LIT("{\"on\":true}")
                                                  : RH_STR_LIT("{\"on\":false}"),
                                 .epoch = p->epoch};

    return p->rh.http->call(p->rh.ctx, &call, on_drain, user, NULL);
}

/* A free slot for the machine; NULL when all are taken. */
static void *take_slot(struct plugin *p, const struct fleet_machine *machine, enum fleet_op op)
{
    for (uint32_t i = 0; i < ASKED_MAX; i++)
        if (p->asked[i].node_id[0] == '\0') {
            memcpy(p->asked[i].node_id, machine->node_id, sizeof(p->asked[i].node_id));
            p->asked[i].op = op;
            return (void *)((uintptr_t)i + 1);
        }
    return NULL;
}

void scaling_act(struct plugin *p)
{
    for (uint32_t i = 0; i < p->machine_count; i++) {
        const struct fleet_machine *machine = &p->machines[i];
        const enum fleet_op op = p->ops[i];
        void *user = op == FLEET_NOTHING ? NULL : take_slot(p, machine, op);
        int32_t rc;

        if (!user)
            continue;
        rc = op == FLEET_START || op == FLEET_STOP ? ask_driver(p, machine, op == FLEET_START, user)
                                                   : ask_node(p, machine, op == FLEET_DRAIN, user);
        if (rc == RH_OK)
            continue;
        rh_log_warn(&p->rh, "not_asked", "node=%s rc=%d", machine->node_id, (int)rc);
        asked_of(p, user)->node_id[0] = '\0';
    }
}
