/* Renders JSON that stands in a test and compares the text with what the test expects. */
#ifndef RH_TESTS_HOST_CTL_RENDER_TEST_H
#define RH_TESTS_HOST_CTL_RENDER_TEST_H

#include "ctl_test.h"

#include "host/ctl/render.h"

/* 2024-03-01T12:00:00Z */
#define RENDER_NOW_MS INT64_C(1709294400000)

static inline void assert_render(render_fn *render, const char *json, const char *expected)
{
    const struct render_env env = {.now_ms = RENDER_NOW_MS, .has_colour = false};
    cJSON *tree = cJSON_Parse(json);
    struct rh_buf out;

    assert_non_null(tree);
    rh_buf_init(&out, TEST_TEXT_MAX);

    assert_int_equal(render(tree, &env, &out), RH_OK);

    assert_text(&out, expected);
    cJSON_Delete(tree);
}

#endif
