/* The queue as people see it. */
#include "render_test.h"

static void added_items_are_listed_with_duplicates_marked(void **state)
{
    (void)state;
    assert_render(render_work_added, "{\"work_id\":\"w1\",\"status\":\"pending\"}", "w1 pending\n");
    assert_render(render_work_added,
                  "{\"items\":[{\"work_id\":\"w1\",\"status\":\"pending\"},{\"work_id\":\"w0\","
                  "\"status\":\"done\",\"duplicate\":true}]}",
                  "w1 pending\nw0 done (it was there already)\n");
}

static void a_page_says_how_to_go_on(void **state)
{
    (void)state;
    assert_render(
        render_work_items,
        "{\"items\":[{\"work_id\":\"w12\",\"work_type\":\"selfplay\",\"config_key\":\"hex8_2p\","
        "\"status\":\"leased\",\"priority\":50,\"attempt\":1,\"node_id\":\"n2\",\"group\":\"g\"}],"
        "\"next\":\"w12\",\"total\":40}",
        "ITEM  TYPE      CONFIG   STATE   PRIORITY  ATTEMPTS  NODE  GROUP\n"
        "w12   selfplay  hex8_2p  leased        50         1  n2    g\n"
        "of 40; go on with --after w12\n");
    assert_render(render_work_items, "{\"items\":[],\"next\":null,\"total\":0}", "no items\n");
}

static void an_item_shows_all_its_members(void **state)
{
    (void)state;
    assert_render(render_work_item,
                  "{\"work_id\":\"w1\",\"added_at\":1709294397000,\"payload\":{\"seed\":7},"
                  "\"requires\":[\"a\"],\"error\":null}",
                  "work_id       w1\n"
                  "added_at      2024-03-01T11:59:57Z (3 s ago)\n"
                  "payload.seed  7\n"
                  "requires      [\"a\"]\n"
                  "error         -\n");
}

static void stats_have_a_table_of_configs(void **state)
{
    (void)state;
    assert_render(render_work_stats,
                  "{\"added\":3,\"refused\":{\"gpu\":2},\"configs\":[{\"work_type\":\"selfplay\","
                  "\"config_key\":\"hex8_2p\",\"pending\":1,\"leased\":2,\"delayed\":0}],"
                  "\"kinds\":[{\"pending\":1}]}",
                  "added        3\nrefused.gpu  2\n\n"
                  "TYPE      CONFIG   PENDING  LEASED  DELAYED\n"
                  "selfplay  hex8_2p        1       2        0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(added_items_are_listed_with_duplicates_marked),
        cmocka_unit_test(a_page_says_how_to_go_on),
        cmocka_unit_test(an_item_shows_all_its_members),
        cmocka_unit_test(stats_have_a_table_of_configs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
