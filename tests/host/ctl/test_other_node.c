/* Turning to another node, which may not be the one that answers at its address. */
#include "ctl_test.h"

#include <stdio.h>

#include "ctl_run.h"
#include "fake_node.h"

#define FROM(node, body) "HTTP/1.1 200 OK\r\nX-Node-Id: " node "\r\nConnection: close\r\n\r\n" body
#define EMPTY            "{\"items\":[],\"outbox\":0}"

/* What n1 says of its peer n2. */
static void say_peers(char out[512], const char *address, const char *reach)
{
    (void)snprintf(out, 512,
                   FROM("n1", "{\"peers\":[{\"node_id\":\"n1\",\"addresses\":[\"127.0.0.1:1\"]},"
                              "{\"node_id\":\"n2\",\"addresses\":[\"%s\"],\"reach\":\"%s\"}]}"),
                   address, reach);
}

/* "drain n2", asked of n1; another node with these steps is at the address of n2. */
static struct fake_node *drain(const struct fake_step *steps, uint32_t count, struct ctl_run *run)
{
    struct fake_node *other = fake_node_start(steps, count);
    struct fake_step asked = {NULL, false, false};
    char peers[512];

    say_peers(peers, other->address, "direct");
    asked.reply = peers;
    fake_node_free(ctl_run_with(&asked, 1, run, "drain n2"));
    fake_node_stop(other);
    return other;
}

static void the_node_is_drained_that_answers_with_its_name(void **state)
{
    static const struct fake_step steps[] = {{FROM("n2", "{\"ok\":true}"), false, false},
                                             {FROM("n2", "{\"ok\":true}"), false, false},
                                             {FROM("n2", EMPTY), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *other = drain(steps, 3, &run);

    (void)state;
    assert_int_equal(run.code, CTL_OK);
    assert_non_null(strstr(other->requests[0], "GET /healthz"));
    assert_non_null(strstr(other->requests[1], "POST /admin/maintenance"));
    ctl_run_release(&run);
    fake_node_free(other);
}

static void nothing_is_done_to_a_node_with_another_name(void **state)
{
    static const struct fake_step named[] = {{FROM("n3", "{\"ok\":true}"), false, false}};
    static const struct fake_step nameless[] = {{FAKE_OK("{\"ok\":true}"), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *other = drain(named, 1, &run);
    char wanted[64];

    (void)state;
    (void)snprintf(wanted, sizeof(wanted), "%s is node n3, not n2", other->address);
    assert_int_equal(run.code, CTL_REFUSED);
    assert_non_null(strstr(run.err, wanted));
    assert_int_equal(other->request_count, 1);
    ctl_run_release(&run);
    fake_node_free(other);

    run = (struct ctl_run){.addr = NULL};
    other = drain(nameless, 1, &run);
    assert_int_equal(run.code, CTL_REFUSED);
    assert_non_null(strstr(run.err, "does not say that it is node n2"));
    ctl_run_release(&run);
    fake_node_free(other);
}

static void a_node_behind_hubs_is_refused_with_what_to_do(void **state)
{
    char peers[512];
    struct fake_step asked = {peers, false, false};
    struct ctl_run run = {.addr = NULL};

    (void)state;
    say_peers(peers, "127.0.0.1:1", "h1,h2");
    fake_node_free(ctl_run_with(&asked, 1, &run, "drain n2"));

    assert_int_equal(run.code, CTL_REFUSED);
    assert_non_null(strstr(run.err, "node n2 is reached through h1,h2 only"));
    assert_non_null(strstr(run.err, "run \"ringctl drain\" on its machine"));
    ctl_run_release(&run);
}

static void the_node_that_is_asked_needs_no_address(void **state)
{
    static const struct fake_step steps[] = {{FROM("n2", "{\"peers\":[]}"), false, false},
                                             {FROM("n2", "{\"ok\":true}"), false, false},
                                             {FROM("n2", EMPTY), false, false}};
    struct ctl_run run = {.addr = NULL};
    struct fake_node *node = ctl_run_with(steps, 3, &run, "drain n2");

    (void)state;
    assert_int_equal(run.code, CTL_OK);
    assert_int_equal(node->request_count, 3);
    ctl_run_release(&run);
    fake_node_free(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_node_is_drained_that_answers_with_its_name),
        cmocka_unit_test(nothing_is_done_to_a_node_with_another_name),
        cmocka_unit_test(a_node_behind_hubs_is_refused_with_what_to_do),
        cmocka_unit_test(the_node_that_is_asked_needs_no_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
