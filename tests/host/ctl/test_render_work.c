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
    assert_render(
        render_work_stats,
        "{\"added\":3,\"refused\":{\"gpu\":2,\"vram\":0},\"configs\":[{\"work_type\":"
        "\"selfplay\",\"config_key\":\"hex8_2p\",\"pending\":1,\"leased\":2,\"delayed\":0,"
        "\"blocked\":3,\"done\":4,\"oldest_pending_s\":60,"
        "\"refused\":{\"gpu\":2,\"paused\":1}}],\"kinds\":[{\"pending\":1}]}",
        "added        3\nrefused.gpu  2\n\n"
        "TYPE      CONFIG   PENDING  LEASED  DELAYED  BLOCKED  DONE  OLDEST S  REFUSED\n"
        "selfplay  hex8_2p        1       2        0        3     4        60  "
        "gpu 2, paused 1\n");
}

static void a_page_without_a_total_says_how_to_go_on_too(void **state)
{
    (void)state;
    assert_render(render_work_items,
                  "{\"items\":[{\"work_id\":\"w1\",\"work_type\":\"a\",\"config_key\":\"\","
                  "\"status\":\"done\",\"priority\":50,\"attempt\":1,\"node_id\":\"n2\"}],"
                  "\"next\":\"w7\"}",
                  "ITEM  TYPE  CONFIG  STATE  PRIORITY  ATTEMPTS  NODE  GROUP\n"
                  "w1    a     -       done         50         1  n2    -\n"
                  "go on with --after w7\n");
}

static void retried_items_are_listed_with_what_was_left(void **state)
{
    (void)state;
    assert_render(render_work_retried,
                  "{\"retried\":[\"w1\",\"w4\"],\"count\":2,\"skipped\":1,\"next\":\"w9\"}",
                  "w1\nw4\n2 retried; 1 depend on what is not done; go on with --after w9\n");
    assert_render(render_work_retried, "{\"retried\":[],\"count\":0,\"skipped\":0,\"next\":null}",
                  "0 retried\n");
    assert_render(render_work_retried, "{\"work_id\":\"w1\",\"status\":\"pending\"}",
                  "work_id  w1\nstatus   pending\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_without_a_total_says_how_to_go_on_too),
        cmocka_unit_test(retried_items_are_listed_with_what_was_left),
        cmocka_unit_test(added_items_are_listed_with_duplicates_marked),
        cmocka_unit_test(a_page_says_how_to_go_on),
        cmocka_unit_test(an_item_shows_all_its_members),
        cmocka_unit_test(stats_have_a_table_of_configs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
