/* The replicated log as people see it. */
#include "render_test.h"

#define LEADER                                                                                 \
    "{\"node_id\":\"n1\",\"state\":\"leader\",\"term\":7,\"leader\":\"n1\",\"lineage\":\"1\"," \
    "\"commit_index\":40,\"last_applied\":39,\"stable_index\":41,\"last_log\":{\"index\":41,"  \
    "\"term\":7},"                                                                             \
    "\"snapshot\":{\"index\":20,\"term\":3},\"votes_have\":2,\"votes_need\":2,\"members\":["   \
    "{\"id\":\"n1\",\"voter\":true},"                                                          \
    "{\"id\":\"n2\",\"voter\":true,\"match\":41,\"next\":42,\"state\":\"replicate\","          \
    "\"last_contact_ms\":12,\"lost_data\":false},"                                             \
    "{\"id\":\"n3\",\"voter\":false,\"match\":0,\"next\":1,\"state\":\"probe\","               \
    "\"last_contact_ms\":null,\"lost_data\":true}],\"error\":\"\"}"

#define MEMBERS                                                     \
    "MEMBER  VOTES  STATE      MATCH  NEXT  HEARD      NOTE\n"      \
    "n1      yes    leader         -     -  -          this node\n" \
    "n2      yes    replicate     41    42  12 ms ago  -\n"         \
    "n3      no     probe          0     1  -          has lost its log: remove it, add it\n"

static void a_leader_has_its_log_and_its_members(void **state)
{
    (void)state;
    assert_render(render_raft, LEADER,
                  "node      n1\nrole      leader, term 7\nleader    n1\n"
                  "quorum    2 of 2 needed\n"
                  "log       committed 40, applied 39, on disk 41\n"
                  "last      41 of term 7\nsnapshot  20 of term 3\nlineage   1\n\n" MEMBERS);
}

static void members_stand_alone(void **state)
{
    (void)state;
    assert_render(render_raft_members, LEADER, MEMBERS);
    assert_render(render_raft_members, "{}", "no members\n");
}

static void a_refused_node_says_the_ways_out(void **state)
{
    (void)state;
    assert_render(render_raft,
                  "{\"node_id\":\"n2\",\"state\":\"refused\",\"error\":\"other_data\","
                  "\"last_applied\":9}",
                  "node      n2\nrole      refused\nlog       applied 9\nerror     other_data\n"
                  "          this node has data and no log: `ringctl raft bootstrap` it, or "
                  "`ringctl raft archive` it\n");
}

static void whose_data_is_in_the_way_is_named(void **state)
{
    (void)state;
    assert_render(
        render_raft,
        "{\"node_id\":\"n2\",\"state\":\"follower\",\"leader\":null,\"error\":\"other_data\","
        "\"other_data_from\":\"n3\",\"other_lineage\":\"77\",\"members\":[]}",
        "node      n2\nrole      follower\nleader    none\nlog       applied 0\n"
        "error     other_data: node n3 is of lineage 77\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leader_has_its_log_and_its_members),
        cmocka_unit_test(members_stand_alone),
        cmocka_unit_test(a_refused_node_says_the_ways_out),
        cmocka_unit_test(whose_data_is_in_the_way_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
