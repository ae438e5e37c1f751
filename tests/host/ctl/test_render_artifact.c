/* Files as people see them. */
#include "render_test.h"

static void files_are_a_table_with_the_room_they_take(void **state)
{
    (void)state;
    assert_render(render_artifact_list,
                  "{\"artifacts\":[{\"sha256\":\"ab12\",\"size\":10,\"kind\":\"own\","
                  "\"pinned\":true},{\"sha256\":\"cd34\",\"size\":200,\"kind\":\"copy\","
                  "\"pinned\":false}],\"total\":2,\"bytes\":210,\"bytes_max\":1000}",
                  "SHA256  BYTES  KIND  PINNED\n"
                  "ab12       10  own   yes\n"
                  "cd34      200  copy  no\n"
                  "2 files, 210 of 1000 bytes\n");
    assert_render(render_artifact_list, "{\"artifacts\":[],\"bytes_max\":7}",
                  "no files\n0 files, 0 of 7 bytes\n");
}

static void holders_are_named_and_silent_nodes_counted(void **state)
{
    (void)state;
    assert_render(render_artifact_where,
                  "{\"nodes\":[{\"node_id\":\"n1\",\"size\":10}],\"not_asked\":2}",
                  "NODE  BYTES\nn1       10\n2 nodes could not be asked\n");
    assert_render(render_artifact_where, "{\"nodes\":[],\"not_asked\":0}", "no node has it\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_a_table_with_the_room_they_take),
        cmocka_unit_test(holders_are_named_and_silent_nodes_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
