/* Lists of a node as tables. */
#include "render_test.h"

static void peers_show_where_and_when(void **state)
{
    (void)state;
    assert_render(
        render_peers,
        "{\"peers\":[{\"node_id\":\"n1\",\"state\":\"alive\",\"role\":\"coordinator\","
        "\"addresses\":["
        "\"127.0.0.1:8770\"],\"reach\":\"direct\",\"rtt_ms\":null,\"self\":true},"
        "{\"node_id\":\"n2\",\"state\":\"suspect\",\"role\":\"worker\",\"address\":\"h:1\","
        "\"reach\":[\"n1\",\"n3\"],\"rtt_ms\":12,\"last_seen_at\":1709294397000,"
        "\"maintenance\":true}]}",
        "NODE  STATE    ROLE         ADDRESS         REACH     RTT  SEEN       MODE\n"
        "n1    alive    coordinator  127.0.0.1:8770  direct      -  this node  -\n"
        "n2    suspect  worker       h:1             n1,n3   12 ms  3 s ago    maintenance\n");
}

static void plugins_say_why_they_wait(void **state)
{
    (void)state;
    assert_render(render_plugins,
                  "{\"plugins\":[{\"id\":\"gossip\",\"version\":\"0.1.0\",\"state\":\"active\","
                  "\"reason\":\"\",\"routes\":3,\"requests\":1,\"slow_callbacks\":0,"
                  "\"late_replies\":0},{\"id\":\"gauntlet\",\"state\":\"failed\",\"reason\":\"no "
                  "file\"}]}",
                  "PLUGIN    VERSION  STATE   ROUTES  REQUESTS  SLOW  LATE  WHY\n"
                  "gossip    0.1.0    active       3         1     0     0  -\n"
                  "gauntlet  -        failed       -         -     -     -  no file\n");
}

static void routes_tell_which_are_the_leaders(void **state)
{
    (void)state;
    assert_render(
        render_routes,
        "{\"routes\":[{\"method\":\"POST\",\"path\":\"/work/add\",\"plugin\":\"work_queue\","
        "\"scope\":\"worker\",\"leader\":true,\"summary\":\"Add work.\",\"hits\":12}]}",
        "METHOD  PATH       PLUGIN      SCOPE   LEADER  HITS  SUMMARY\n"
        "POST    /work/add  work_queue  worker  yes       12  Add work.\n");
}

static void loops_show_their_last_run(void **state)
{
    (void)state;
    assert_render(
        render_loops,
        "{\"enabled\":false,\"loops\":[{\"name\":\"elo\",\"plugin\":\"loop_elo\",\"interval_ms\":"
        "300000,\"leader_only\":true,\"runs\":4,\"last_at\":1709294340000,\"failures\":1,"
        "\"last_error\":\"n2 is dead\"}]}",
        "loops are switched off on this node\n"
        "LOOP  PLUGIN        EVERY  LEADER  RUNS  LAST           FAILURES  LAST ERROR\n"
        "elo   loop_elo  5 min 0 s  yes        4  1 min 0 s ago         1  n2 is dead\n");
}

static void loops_show_what_they_did_and_would_have_done(void **state)
{
    (void)state;
    assert_render(
        render_loops,
        "{\"enabled\":true,\"loops\":[{\"name\":\"reaper\",\"plugin\":\"p\",\"interval_ms\":1000,"
        "\"leader_only\":false,\"runs\":0,\"last_at\":0,\"failures\":0,\"last_error\":\"\","
        "\"last_actions\":[{\"action\":\"reap\",\"subject\":\"w1\",\"why\":\"stale\"},"
        "{\"action\":\"reap\",\"subject\":\"w2\",\"why\":\"stuck\",\"dry_run\":true}]}]}",
        "LOOP    PLUGIN  EVERY  LEADER  RUNS  LAST   FAILURES  LAST ERROR\n"
        "reaper  p         1 s  -          0  never         0  -\n"
        "\n"
        "LOOP    ACT         ON  WHY\n"
        "reaper  reap        w1  stale\n"
        "reaper  (dry) reap  w2  stuck\n");
}

static void configuration_shows_where_values_come_from(void **state)
{
    (void)state;
    assert_render(
        render_config,
        "{\"values\":[{\"key\":\"cluster.beat\",\"value\":\"15s\",\"origin\":\"default\"},"
        "{\"key\":\"a.b\",\"value\":[1,2],\"origin\":\"conf.d/x.yaml:3\"}]}",
        "KEY           FROM             VALUE\n"
        "cluster.beat  default          \"15s\"\n"
        "a.b           conf.d/x.yaml:3  [1,2]\n");
}

static void empty_lists_say_so(void **state)
{
    (void)state;
    assert_render(render_peers, "{\"peers\":[]}", "no peers\n");
    assert_render(render_loops, "{}", "no loops\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peers_show_where_and_when),
        cmocka_unit_test(plugins_say_why_they_wait),
        cmocka_unit_test(routes_tell_which_are_the_leaders),
        cmocka_unit_test(loops_show_their_last_run),
        cmocka_unit_test(loops_show_what_they_did_and_would_have_done),
        cmocka_unit_test(configuration_shows_where_values_come_from),
        cmocka_unit_test(empty_lists_say_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
