/* Tests of host/daemon/references.c: the pages about what conf.d loads. */
#include "tests/host/daemon/rig_body.h"

#include <string.h>

#include "host/daemon/references.h"

#define YAML "kind: plugin\nplugin: inner\n"

static void routes_are_those_of_the_host_and_of_the_plugins(void **state)
{
    struct rig_body rig;
    struct rh_buf out;

    (void)state;
    assert_int_equal(rig_body_load(&rig, MODE_ROUTES, YAML), 0);
    rh_buf_init(&out, 1u << 20);

    assert_int_equal(references_routes(rig.body, &out), 0);

    assert_non_null(strstr(out.p, "GET\t/inner/look\tinner\tread\thandle_look\t"));
    assert_non_null(strstr(out.p, "GET\t/plugins\thost\tread\t"));
    rh_buf_release(&out);
    rig_body_release(&rig);
}

static void each_page_shows_the_plugin(void **state)
{
    static const struct {
        const char *what, *words;
    } pages[] = {{"routes", "/inner/look"}, {"configuration", "fanout"}, {"events", "#"}};
    struct rig_body rig;
    struct rh_buf out;

    (void)state;
    assert_int_equal(rig_body_load(&rig, MODE_DOCS, YAML), 0);
    rh_buf_init(&out, 1u << 22);

    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        rh_buf_reset(&out);
        assert_int_equal(references_docs(rig.body, pages[i].what, &out, &rig.said), 0);
        assert_non_null(strstr(out.p, pages[i].words));
    }

    rh_buf_release(&out);
    rig_body_release(&rig);
}

static void another_page_is_refused_in_words(void **state)
{
    struct rig_body rig;
    struct rh_buf out;

    (void)state;
    assert_int_equal(rig_body_load(&rig, MODE_DOCS, YAML), 0);
    rh_buf_init(&out, 1u << 20);

    assert_int_equal(references_docs(rig.body, "poems", &out, &rig.said), 64);

    assert_string_equal(rig.said.p, "--docs takes routes, events or configuration, not \"poems\"");
    assert_int_equal(out.n, 0);
    rh_buf_release(&out);
    rig_body_release(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_are_those_of_the_host_and_of_the_plugins),
        cmocka_unit_test(each_page_shows_the_plugin),
        cmocka_unit_test(another_page_is_refused_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
