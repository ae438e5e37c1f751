/* Tests of host/core/rehearse.c and its driver: a create is tried, waited for in virtual time, and
 * undone; nothing outside is touched. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/plugin.h>
#include <ringhost/sdk/str.h>

#include "host/core/rehearse.h"
#include "tests/host/core/fake_driver.h"

/* What the plugin of the test does, and what became of it: its config struct is a pointer here. */
struct act {
    int32_t (*create)(struct act *act);
    struct rh_services rh;
    uint32_t created, destroyed;
    int64_t waited_ms;
    int32_t rc;
};
struct acting {
    struct act *act;
};

static int32_t create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                      const void *config)
{
    struct act *act = *(struct act *const *)config;

    ((struct acting *)self)->act = act;
    act->created++;
    rh_services_init(&act->rh, ctx, host);
    return act->create(act);
}

static void destroy(void *self)
{
    ((struct acting *)self)->act->destroyed++;
}

static const char *const services[] = {RH_CORE_ID, RH_HTTP_ID,    RH_STATE_ID,
                                       RH_FILE_ID, RH_PROCESS_ID, RH_WORK_ID};
static const struct rh_namespace namespaces[] = {{.size = (uint32_t)sizeof(struct rh_namespace),
                                                  .name = "own",
                                                  .schema_read_min = 1,
                                                  .schema_write = 1}};
static const struct rh_plugin plugin = {
    RH_PLUGIN_HEAD(struct acting, "acting", "1.0"), RH_LIST_OF(services, service),
    RH_TABLE(namespaces, namespace), .create = create, .destroy = destroy};

static struct rehearsal tried(struct act *act)
{
    const struct core_plugin_setup one = {.entry = &plugin, .config = &act};
    const struct core_setup setup = {.version = "test",
                                     .node_id = "n1",
                                     .role = "coordinator",
                                     .address = "127.0.0.1:1",
                                     .data_dir = "/nonexistent",
                                     .cluster_id = "",
                                     .beat_ms = 1500,
                                     .plugins = &one,
                                     .plugin_count = 1};
    struct fake_driver fake;
    struct rehearsal out;

    fake_driver_init(&fake, 1);
    assert_int_equal(core_rehearse(&setup, 0, &fake.driver, &out), RH_OK);
    assert_int_equal(fake.queues, 0);
    fake_driver_release(&fake);
    assert_int_equal(act->created, 1);
    assert_int_equal(act->destroyed, 1);
    return out;
}

static int32_t accepts(struct act *act)
{
    struct rh_self self = {.size = (uint32_t)sizeof self};

    act->rh.core->self(act->rh.ctx, &self);
    return rh_str_eq_c(self.node_id, "n1") ? RH_OK : RH_EINTERNAL;
}

static void what_create_accepts_is_accepted(void **state)
{
    struct act act = {.create = accepts};
    struct rehearsal said;

    (void)state;
    said = tried(&act);

    assert_int_equal(said.rc, RH_OK);
    assert_int_equal(said.was_denied, 0);
}

static int32_t refuses(struct act *act)
{
    return rh_fail_fieldf(&act->rh, RH_EINVAL, "players.draw", "no such name");
}

static void what_it_refuses_comes_with_key_and_words(void **state)
{
    struct act act = {.create = refuses};
    struct rehearsal said;

    (void)state;
    said = tried(&act);

    assert_int_equal(said.rc, RH_EINVAL);
    assert_string_equal(said.field, "players.draw");
    assert_string_equal(said.text, "players.draw: no such name");
    assert_int_equal(said.was_denied, 0);
}

static void late(void *self, void *user)
{
    struct act *act = user;

    (void)self;
    (void)rh_failf(&act->rh, RH_EINVAL, "seen late");
    act->rh.core->done(act->rh.ctx, act->rc);
}

static int32_t waits(struct act *act)
{
    rh_handle timer;
    const int32_t rc = act->rh.core->timer(act->rh.ctx, act->waited_ms, late, act, &timer);

    return rc == RH_OK ? RH_PENDING : rc;
}

static void one_that_takes_its_time_is_waited_for(void **state)
{
    struct act good = {.create = waits, .waited_ms = 9000, .rc = RH_OK};
    struct act bad = {.create = waits, .waited_ms = 9000, .rc = RH_EINVAL};
    struct rehearsal said;

    (void)state;
    assert_int_equal(tried(&good).rc, RH_OK);
    said = tried(&bad);

    assert_int_equal(said.rc, RH_EINVAL);
    assert_string_equal(said.text, "seen late");
}

static void one_that_never_ends_is_given_up(void **state)
{
    struct act act = {.create = waits, .waited_ms = 3600000};
    struct rehearsal said;

    (void)state;
    said = tried(&act);

    assert_int_equal(said.rc, RH_ETIMEOUT);
    assert_non_null(strstr(said.text, "not done within"));
}

static int32_t reads_state(struct act *act)
{
    struct rh_value value = {.size = (uint32_t)sizeof value};

    return act->rh.state->get(act->rh.ctx, "own", RH_STR_LIT("key"), &value);
}

static void on_reply(void *self, void *user, const struct rh_reply *reply)
{
    (void)self;
    (void)user;
    (void)reply;
}

static int32_t calls_out(struct act *act)
{
    const struct rh_call call = {.size = (uint32_t)sizeof call,
                                 .target = "http://127.0.0.1:9/",
                                 .method = "GET",
                                 .path = "/"};
    rh_handle id;

    return act->rh.http->call(act->rh.ctx, &call, on_reply, act, &id);
}

static int32_t kills(struct act *act)
{
    return act->rh.process->kill(act->rh.ctx, "job");
}

static void what_only_a_running_node_has_is_denied_and_told(void **state)
{
    static int32_t (*const denied[])(struct act * act) = {reads_state, calls_out, kills};

    (void)state;
    for (size_t i = 0; i < sizeof denied / sizeof denied[0]; i++) {
        struct act act = {.create = denied[i]};
        const struct rehearsal said = tried(&act);

        assert_int_not_equal(said.rc, RH_OK);
        assert_int_equal(said.was_denied, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_create_accepts_is_accepted),
        cmocka_unit_test(what_it_refuses_comes_with_key_and_words),
        cmocka_unit_test(one_that_takes_its_time_is_waited_for),
        cmocka_unit_test(one_that_never_ends_is_given_up),
        cmocka_unit_test(what_only_a_running_node_has_is_denied_and_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
