/* Tests of host/core/docs_print.c and docs_routes.c: pages of two small plugins. */
#include "tests/host/core/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/core/docs_print.h"

struct some_req {
    struct rh_str name;
    int64_t times;
};
static const struct rh_field some_fields[] = {
    RH_STR(struct some_req, name, RH_REQUIRED, "who"),
    RH_INT(struct some_req, times, 3, 1, 9, "how often"),
};

static int32_t handle_some(void *self, rh_req req, const void *fields)
{
    (void)self;
    (void)req;
    (void)fields;
    return RH_OK;
}
static void on_any(void *self, const struct rh_event *event)
{
    (void)self;
    (void)event;
}

static const struct rh_route host_routes[] = {
    {.size = (uint32_t)sizeof(struct rh_route),
     .scope = RH_PUBLIC,
     .method = "GET",
     .path = "/middle",
     .summary = "In the host."},
};
static const struct rh_route alpha_routes[] = {
    RH_ROUTE_WITH("POST", "/z/last", RH_WORKER, RH_LEADER | RH_IDEMPOTENT,
                  RH_FIELDS(struct some_req, some_fields), handle_some, "One | two.",
                  .doc = "More to say.", .timeout_ms = 1500, .body_max = 4096),
    RH_ROUTE("POST", "/a/first", RH_ADMIN, 0, RH_NO_FIELDS, handle_some, "Post."),
    RH_ROUTE("GET", "/a/first", RH_READ, 0, RH_FIELDS(struct some_req, some_fields), handle_some,
             "Get."),
};
static const struct rh_event_def alpha_events[] = {
    {.size = (uint32_t)sizeof(struct rh_event_def),
     .kind = RH_EVENT_CLUSTER,
     .type = "WORK_COMPLETED"},
    {.size = (uint32_t)sizeof(struct rh_event_def),
     .kind = RH_EVENT_LOCAL,
     .type = "ALPHA_NOTED",
     .doc = "Alpha noted it.",
     .payload = RH_FIELDS(struct some_req, some_fields)},
};
static const struct rh_event_def beta_events[] = {
    {.size = (uint32_t)sizeof(struct rh_event_def), .type = "WORK_COMPLETED", .on_event = on_any},
    {.size = (uint32_t)sizeof(struct rh_event_def), .type = "*", .on_event = on_any},
    {.size = (uint32_t)sizeof(struct rh_event_def),
     .kind = RH_EVENT_LOCAL,
     .type = "ALPHA_NOTED",
     .doc = "Beta noted it."},
};

static const struct plugin_desc alpha = {.desc = {.id = "alpha",
                                                  .summary = "The first.",
                                                  .config = RH_FIELDS(struct some_req, some_fields),
                                                  RH_TABLE(alpha_routes, route),
                                                  RH_TABLE(alpha_events, event)}};
static const struct plugin_desc beta = {.desc = {.id = "beta", RH_TABLE(beta_events, event)}};
static const struct plugin_desc *const plugins[] = {&alpha, &beta};
static const struct docs_input input = {
    .plugins = plugins, .plugin_count = 2, .host_routes = host_routes, .host_route_count = 1};

static int setup(void **state)
{
    static struct rh_buf out;

    rh_buf_init(&out, 1u << 20);
    *state = &out;
    return 0;
}

static int teardown(void **state)
{
    rh_buf_release(*state);
    return 0;
}

static void expect_part(const struct rh_buf *out, const char *part)
{
    if (!out->p || !strstr(out->p, part))
        fail_msg("no \"%s\" in:\n%s", part, out->p ? out->p : "");
}

static uint32_t count_of(const struct rh_buf *out, const char *part)
{
    uint32_t count = 0;

    for (const char *at = strstr(out->p, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

static void routes_for_scripts_are_sorted_by_path_then_method(void **state)
{
    struct rh_buf *out = *state;
    char expected[512];
    int n = snprintf(expected, sizeof expected,
                     "GET\t/a/first\talpha\tread\thandle_some\t%s:%u\n"
                     "POST\t/a/first\talpha\tadmin\thandle_some\t%s:%u\n"
                     "GET\t/middle\thost\tpublic\t-\t-:0\n"
                     "POST\t/z/last\talpha\tworker\thandle_some\t%s:%u\n",
                     alpha_routes[2].file, alpha_routes[2].line, alpha_routes[1].file,
                     alpha_routes[1].line, alpha_routes[0].file, alpha_routes[0].line);

    assert_true(n > 0 && (size_t)n < sizeof expected);
    assert_int_equal(routes_print_tsv(&input, out), RH_OK);

    assert_string_equal(out->p, expected);
}

static void without_routes_the_list_for_scripts_is_empty(void **state)
{
    const struct docs_input nothing = {.plugins = NULL};
    struct rh_buf *out = *state;

    assert_int_equal(routes_print_tsv(&nothing, out), RH_OK);

    assert_int_equal(out->n, 0);
}

static void the_page_of_routes_begins_with_a_table_of_all(void **state)
{
    struct rh_buf *out = *state;

    assert_int_equal(docs_print_routes(&input, out), RH_OK);

    expect_part(out, "| GET | `/a/first` | alpha | read | Get. |\n"
                     "| POST | `/a/first` | alpha | admin | Post. |\n"
                     "| GET | `/middle` | host | public | In the host. |\n"
                     "| POST | `/z/last` | alpha | worker | One \\| two. |\n");
}

static void a_route_shows_its_limits_flags_and_fields(void **state)
{
    struct rh_buf *out = *state;

    assert_int_equal(docs_print_routes(&input, out), RH_OK);

    expect_part(out, "\n## POST /z/last\n\nOne | two.\n\nMore to say.\n\n"
                     "Plugin alpha, scope worker. Deadline 1500 ms, body at most 4 KiB; "
                     "runs on the node that leads; asked elsewhere, it is forwarded; "
                     "may be sent twice without harm.\n\nRequest:\n\n| Name |");
    expect_part(out, "\n## GET /a/first\n\nGet.\n\nPlugin alpha, scope read. Deadline 10 s.\n\n"
                     "Query:\n\n| Name |");
    expect_part(out, "Deadline 10 s, body at most 1 MiB.\n");
    expect_part(out, "| `times` | integer | `3` |");
}

static void every_catalogue_type_has_a_section_with_who_publishes_and_subscribes(void **state)
{
    struct rh_buf *out = *state;

    assert_int_equal(docs_print_events(&input, out), RH_OK);

    expect_part(out, "\nAll types are read by beta.\n");
    expect_part(out, "\n## WORK_COMPLETED\n\nA work item of another type is done.\n\n"
                     "Kind: cluster.\n\nPublished by alpha.\n\nSubscribed by beta.\n\n| Name |");
    expect_part(out, "\n## LEADER_CHANGED\n");
    expect_part(out, "Kind: local.\n\nPublished by host.\n");
}

static void a_type_outside_the_catalogue_is_described_once(void **state)
{
    struct rh_buf *out = *state;

    assert_int_equal(docs_print_events(&input, out), RH_OK);

    assert_int_equal(count_of(out, "\n## ALPHA_NOTED\n"), 1);
    expect_part(out, "Alpha noted it.\n\nKind: local.\n\nPublished by alpha, beta.\n");
    assert_null(strstr(out->p, "Beta noted it."));
}

static void configuration_shows_kinds_then_plugins(void **state)
{
    static const struct rh_fields fields = RH_FIELDS(struct some_req, some_fields);
    const struct docs_kind kinds[] = {{"cluster", "The whole.", &fields}};
    struct rh_buf *out = *state;
    const char *kind;
    const char *plugin;

    assert_int_equal(docs_print_configuration(&input, kinds, 1, out), RH_OK);

    expect_part(out, "\n## kind: cluster\n\nThe whole.\n\n| Name |");
    expect_part(out, "\n## plugin: alpha\n\nThe first. In its section `config:`\n\n| Name |");
    expect_part(out, "\n## plugin: beta\n\nIt has no settings.\n");
    kind = strstr(out->p, "## kind: cluster");
    plugin = strstr(out->p, "## plugin: alpha");
    assert_true(kind < plugin);
}

static void no_page_has_two_blank_lines_or_one_at_its_end(void **state)
{
    struct rh_buf *out = *state;

    for (int page = 0; page < 3; page++) {
        rh_buf_reset(out);
        assert_int_equal(page == 0   ? docs_print_routes(&input, out)
                         : page == 1 ? docs_print_events(&input, out)
                                     : docs_print_configuration(&input, NULL, 0, out),
                         RH_OK);
        assert_null(strstr(out->p, "\n\n\n"));
        assert_true(out->n > 2 && out->p[out->n - 1] == '\n' && out->p[out->n - 2] != '\n');
    }
}

static void a_page_that_does_not_fit_is_refused(void **state)
{
    struct rh_buf *out = *state;

    rh_buf_release(out);
    rh_buf_init(out, 64);
    assert_int_equal(docs_print_routes(&input, out), RH_ETOOLARGE);
    rh_buf_reset(out);
    assert_int_equal(docs_print_events(&input, out), RH_ETOOLARGE);
    rh_buf_reset(out);
    assert_int_equal(docs_print_configuration(&input, NULL, 0, out), RH_ETOOLARGE);
    rh_buf_reset(out);
    assert_int_equal(routes_print_tsv(&input, out), RH_ETOOLARGE);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(routes_for_scripts_are_sorted_by_path_then_method),
        CLAIM(without_routes_the_list_for_scripts_is_empty),
        CLAIM(the_page_of_routes_begins_with_a_table_of_all),
        CLAIM(a_route_shows_its_limits_flags_and_fields),
        CLAIM(every_catalogue_type_has_a_section_with_who_publishes_and_subscribes),
        CLAIM(a_type_outside_the_catalogue_is_described_once),
        CLAIM(configuration_shows_kinds_then_plugins),
        CLAIM(no_page_has_two_blank_lines_or_one_at_its_end),
        CLAIM(a_page_that_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
