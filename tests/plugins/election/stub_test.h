/* A provider of leader/1 with a higher rank than election, in the test's hand: it says what the
 * test wants and writes down what it is asked for. One per program. */
#ifndef RH_TESTS_PLUGINS_ELECTION_STUB_TEST_H
#define RH_TESTS_PLUGINS_ELECTION_STUB_TEST_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/role/leader.h>
#include <ringhost/sdk/plugin.h>
#include <ringhost/testhost.h>

#define STUB_TEXT_MAX 1024u

/* Lives longer than the plugin. */
struct stub {
    struct rh_services *rh; /* of the living instance, or NULL */
    const struct rh_leader_host_v1 *leader;
    char transfers[STUB_TEXT_MAX]; /* whom it was asked to hand over to, each followed by a blank */
    char behind[72];               /* the voter that has not caught up; "" = none */
    uint32_t steps_down;
    int64_t hold_ms;
    char config[64];
};

struct stub_self {
    struct rh_services rh;
    struct stub *stub;
};
struct stub_config {
    uint64_t stub;
};
static const struct rh_field stub_config_fields[] = {
    RH_UINT64(struct stub_config, stub, RH_REQUIRED, "address of the test's struct stub"),
};

static int32_t stub_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                           const void *config)
{
    struct stub_self *p = self;

    p->stub = (struct stub *)(uintptr_t)((const struct stub_config *)config)->stub;
    rh_services_init(&p->rh, ctx, host);
    p->stub->rh = &p->rh;
    p->stub->leader = host->service(ctx, RH_LEADER_HOST_ID);
    return RH_OK;
}

static void stub_destroy(void *self)
{
    ((struct stub_self *)self)->stub->rh = NULL;
}

static int32_t stub_step_down(void *self, int64_t hold_ms, const char *reason)
{
    struct stub_self *p = self;

    (void)reason;
    p->stub->steps_down++;
    p->stub->hold_ms = hold_ms;
    return RH_OK;
}

static int32_t stub_transfer(void *self, struct rh_str node_id)
{
    struct stub_self *p = self;
    const size_t n = strlen(p->stub->transfers);

    (void)snprintf(p->stub->transfers + n, STUB_TEXT_MAX - n, "%.*s ", RH_STR_ARG(node_id));
    if (node_id.n > 0 && rh_str_eq_c(node_id, p->stub->behind))
        return rh_failf(&p->rh, RH_EAGAIN, "%s has not caught up", p->stub->behind);
    return RH_OK;
}

static const struct rh_leader_role_v1 stub_table = {
    .size = (uint32_t)sizeof(stub_table),
    .step_down = stub_step_down,
    .transfer = stub_transfer,
};
static const struct rh_role stub_roles[] = {
    {.size = sizeof(struct rh_role), .rank = 20, .id = RH_LEADER_ROLE, .table = &stub_table},
};
static const char *const stub_services[] = {RH_CORE_ID, RH_LEADER_HOST_ID};

static const struct rh_plugin stub_descriptor = {
    .size = sizeof(stub_descriptor),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .instance_size = sizeof(struct stub_self),
    .id = "raft",
    .version = "0.1.0",
    .summary = "Decides what a test wants.",
    .license = "Apache-2.0",
    RH_LIST_OF(stub_services, service),
    .config = RH_FIELDS(struct stub_config, stub_config_fields),
    RH_TABLE(stub_roles, role),
    .create = stub_create,
    .destroy = stub_destroy,
};

static inline struct rh_testhost_plugin stub_plugin(struct stub *stub)
{
    (void)snprintf(stub->config, sizeof(stub->config), "{\"stub\":\"%" PRIuPTR "\"}",
                   (uintptr_t)stub); /* fits */
    return (struct rh_testhost_plugin){&stub_descriptor, stub->config};
}

static inline int32_t stub_leads(struct stub *stub, uint64_t epoch)
{
    return stub->leader->leading(stub->rh->ctx, epoch, INT64_MAX, 2, 2);
}

static inline int32_t stub_follows(struct stub *stub, const char *leader, uint64_t epoch)
{
    return stub->leader->following(stub->rh->ctx, rh_str_from(leader), epoch, INT64_MAX);
}

#endif
