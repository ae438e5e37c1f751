/* What tests of the YAML loader share: load a text, compare trees or problems. Not a test itself.
 */
#ifndef RH_TESTS_HOST_CORE_YAML_FIXTURE_H
#define RH_TESTS_HOST_CORE_YAML_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/node_tree.h"
#include "host/core/yaml_load.h"

struct loaded {
    struct field_arena arena;
    struct node *documents;
    struct rh_buf problems; /* "line:column: message\n" */
    int32_t rc;
};

static inline void take_problem(void *user, const struct node *where, int at_key,
                                const char *message)
{
    struct loaded *loaded = user;
    assert_int_equal(at_key, 0);
    assert_string_equal(where->file, "f.yaml");
    (void)rh_buf_printf(&loaded->problems, "%u:%u: %s\n", where->line, where->column, message);
}

static inline const char *lookup(void *user, const char *name)
{
    (void)user;
    if (strcmp(name, "HOME_DIR") == 0) {
        return "/home/x";
    }
    if (strcmp(name, "PORT") == 0) {
        return "8770";
    }
    if (strcmp(name, "BROKEN") == 0) {
        return "\xff";
    }
    return strcmp(name, "EMPTY") == 0 ? "" : NULL;
}

static inline void load(struct loaded *loaded, struct rh_str text, uint32_t flags)
{
    struct yaml_input input = {.file = "f.yaml",
                               .text = text,
                               .flags = flags,
                               .lookup = lookup,
                               .report = take_problem,
                               .report_user = loaded};
    field_arena_init(&loaded->arena, 1u << 26);
    rh_buf_init(&loaded->problems, 1u << 20);
    loaded->rc = yaml_load(&input, &loaded->arena, &loaded->documents);
}

static inline void unload(struct loaded *loaded)
{
    field_arena_release(&loaded->arena);
    rh_buf_release(&loaded->problems);
}

/* Wants the documents printed as flow YAML, one a line. */
static inline void expect_trees(const char *text, const char *printed)
{
    struct loaded loaded;
    struct rh_buf buf;
    rh_buf_init(&buf, 1u << 20);

    load(&loaded, rh_str_from(text), 0);
    for (const struct node *node = loaded.documents; node != NULL; node = node->next) {
        (void)node_print(node, &buf);
        (void)rh_buf_append_byte(&buf, '\n');
    }

    assert_string_equal(loaded.problems.n > 0 ? loaded.problems.p : "", "");
    assert_int_equal(loaded.rc, RH_OK);
    assert_string_equal(buf.n > 0 ? buf.p : "", printed);
    rh_buf_release(&buf);
    unload(&loaded);
}

static inline void expect_problems_n(struct rh_str text, const char *problems)
{
    struct loaded loaded;

    load(&loaded, text, 0);

    assert_string_equal(loaded.problems.n > 0 ? loaded.problems.p : "", problems);
    assert_int_equal(loaded.rc, RH_EINVAL);
    unload(&loaded);
}

static inline void expect_problems(const char *text, const char *problems)
{
    expect_problems_n(rh_str_from(text), problems);
}

#endif
