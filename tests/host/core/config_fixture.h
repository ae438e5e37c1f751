/* What tests of the configuration share: one text in, a configuration or the printed errors out.
 * Not a test itself. */
#ifndef RH_TESTS_HOST_CORE_CONFIG_FIXTURE_H
#define RH_TESTS_HOST_CORE_CONFIG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/config.h"

#define FIXTURE_SETS_MAX 4

/* An environment: "NAME=value" texts, NULL at the end. */
static inline const char *fixture_env(void *user, const char *name)
{
    const char *const *pairs = user;
    size_t n = strlen(name);
    for (; pairs != NULL && *pairs != NULL; pairs++) {
        if (strncmp(*pairs, name, n) == 0 && (*pairs)[n] == '=') {
            return *pairs + n + 1;
        }
    }
    return NULL;
}

/* What to load, and what came out. Zero-filled but for text. */
struct fixture {
    const char *text;
    const char *const *env;
    const char *sets[FIXTURE_SETS_MAX];
    uint32_t set_count;
    const char *node_id;
    uint32_t is_node_optional;
    int32_t rc;
    struct config *config;
    struct config_errors errors;
    struct rh_buf printed;
};

static inline void fixture_load_files(struct fixture *f, const struct config_file *files,
                                      uint32_t count)
{
    struct config_source source = {.files = files,
                                   .file_count = count,
                                   .is_node_optional = f->is_node_optional,
                                   .node_id = f->node_id,
                                   .env = fixture_env,
                                   .env_user = (void *)(uintptr_t)f->env,
                                   .sets = f->sets,
                                   .set_count = f->set_count};
    config_errors_init(&f->errors);
    rh_buf_init(&f->printed, 1u << 20);
    f->rc = config_load(&source, &f->config, &f->errors);
    assert_int_equal(config_errors_print(&f->errors, &f->printed), RH_OK);
}

static inline void fixture_load(struct fixture *f)
{
    struct config_file file = {0, "c/10-a.yaml", "10-a.yaml", rh_str_from(f->text)};
    fixture_load_files(f, &file, 1);
}

static inline const char *fixture_printed(const struct fixture *f)
{
    return f->printed.n > 0 ? f->printed.p : "";
}

static inline void fixture_release(struct fixture *f)
{
    config_free(f->config);
    config_errors_release(&f->errors);
    rh_buf_release(&f->printed);
}

/* Loads text and wants exactly these lines printed; "" wants success. */
static inline void fixture_expect(struct fixture *f, const char *printed)
{
    fixture_load(f);
    assert_string_equal(fixture_printed(f), printed);
    assert_int_equal(f->rc, printed[0] == 0 ? RH_OK : RH_EINVAL);
}

#endif
