/* Tests of jobs whose records cannot be read: each costs itself alone. */
#include "wire_fixture.h"

#include "damaging.h"
#include "plugins/cmaes/keys.h"

#define JOB "{\"dimension\":2,\"initial\":1,\"sigma0\":0.5,\"seed\":\"7\"}"

static void wait_for_list(struct world *world)
{
    rh_testnet_run(world->net, 1000);
    if (get(world, "/cmaes/list") != 200)
        fail_msg("%s", world->reply.body);
}

/* The kinds of the rows without which there is no job: record, status, state of the search. */
static void a_damaged_job_does_not_keep_the_others_from_running(void **state)
{
    static const char kinds[] = {KEY_SPEC, KEY_STATUS, KEY_SNAPSHOT};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds); i++) {
        struct world *world = world_new_with(plugin_damaging(rh_plugin_entry_v1_cmaes()), NULL);
        char first[64];
        char body[256];

        start(world, JOB);
        memcpy(first, world->id, sizeof(first));
        start(world, JOB);
        (void)snprintf(body, sizeof(body),
                       "{\"name_space\":\"cmaes\",\"kind\":\"%c\",\"id\":\"%s\"}", kinds[i], first);
        assert_int_equal(post(world, "/damage", body), 200);

        rh_testhost_reactivate(world->host, "cmaes");
        wait_for_list(world);

        assert_has(world->reply.body, world->id);
        assert_null(strstr(world->reply.body, first));
        assert_has(status(world, ""), "\"state\":\"running\"");
        assert_int_equal(rh_testhost_logged(world->host, "records_damaged"), 1);
        assert_int_equal(rh_testhost_logged(world->host, "check=damaged"), 1);
        world_free(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_damaged_job_does_not_keep_the_others_from_running),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
