/* The relay as people see it. */
#include "render_test.h"

static void a_hub_lists_its_nodes_and_what_it_refused(void **state)
{
    (void)state;
    assert_render(render_relay,
                  "{\"mode\":\"auto\",\"reach\":\"direct\",\"hubs\":[],\"nodes\":[{\"node_id\":"
                  "\"n4\",\"is_waiting\":true,\"requests\":2,\"not_fetched\":1,\"polled_ago_ms\":"
                  "820,\"expires_in_ms\":59000}],\"counters\":{\"taken\":7,\"replied\":5},"
                  "\"refused\":{\"no_reply\":1}}",
                  "mode     auto\nreach    direct\nas hub   7 taken, 5 replied\n"
                  "as node  0 carried, 0 run\n\n"
                  "NODE  WAITING  REQUESTS  NOT FETCHED  POLLED  EXPIRES IN\n"
                  "n4    yes             2            1  820 ms        59 s\n\n"
                  "REFUSED   COUNT\nno_reply      1\n");
}

static void a_node_lists_its_hubs(void **state)
{
    (void)state;
    assert_render(render_relay,
                  "{\"mode\":\"auto\",\"reach\":\"n3,n1\",\"hubs\":[{\"hub\":\"n3\",\"state\":"
                  "\"polling\",\"failures\":0,\"heard_ago_ms\":419,\"replies\":0},{\"hub\":\"n1\","
                  "\"state\":\"resting\",\"failures\":3,\"replies\":1}],"
                  "\"counters\":{\"carried\":3,\"run\":21}}",
                  "mode     auto\nreach    n3,n1\nas hub   0 taken, 0 replied\n"
                  "as node  3 carried, 21 run\n\n"
                  "HUB  STATE     HEARD  FAILURES  REPLIES\n"
                  "n3   polling  419 ms         0        0\n"
                  "n1   resting       -         3        1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hub_lists_its_nodes_and_what_it_refused),
        cmocka_unit_test(a_node_lists_its_hubs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
