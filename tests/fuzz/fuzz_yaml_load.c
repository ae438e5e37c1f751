/* Any bytes as a configuration file: loading and printing neither crash nor run away; limits hold.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <ringhost/sdk/buf.h>

#include "host/core/config.h"
#include "host/core/node_tree.h"
#include "host/core/yaml_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *lookup(void *user, const char *name)
{
    (void)user;
    return name[0] == 'A' ? "value" : NULL;
}

static void count_problem(void *user, const struct node *where, int at_key, const char *message)
{
    uint32_t *count = user;
    assert(where != NULL);
    assert(where->line > 0);
    assert(message[0] != 0);
    (void)at_key;
    (*count)++;
}

/* Nodes of a tree; the loader's promises hold for each. */
static void check_tree(const struct node *node, uint32_t depth)
{
    uint32_t children = 0;
    assert(depth <= YAML_DEPTH_MAX + 1);
    assert(node->kind == NODE_LIST || node->kind == NODE_MAP || node->text.p[node->text.n] == 0);
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        assert(node->kind != NODE_MAP || node_get(node, child->key.p) == child);
        check_tree(child, depth + 1);
        children++;
    }
    assert(children == node->child_count);
}

static void load_tree(struct rh_str text)
{
    struct field_arena arena;
    struct node *documents = NULL;
    uint32_t problems = 0;
    struct yaml_input input = {.file = "f",
                               .text = text,
                               .lookup = lookup,
                               .report = count_problem,
                               .report_user = &problems};
    field_arena_init(&arena, 64u << 20);
    int32_t rc = yaml_load(&input, &arena, &documents);
    assert(rc != RH_OK || problems == 0);
    assert(rc != RH_EINVAL || problems > 0);
    for (const struct node *node = documents; node != NULL; node = node->next) {
        check_tree(node, 1);
    }
    field_arena_release(&arena);
}

static void load_config(struct rh_str text)
{
    struct config_file file = {0, "f/00-f.yaml", "00-f.yaml", text};
    struct config_source source = {.files = &file, .file_count = 1, .env = lookup};
    struct config_errors errors;
    struct config *config = NULL;
    struct rh_buf printed;
    config_errors_init(&errors);
    rh_buf_init(&printed, 8u << 20);
    int32_t rc = config_load(&source, &config, &errors);
    assert(rc == RH_ENOMEM || (rc == RH_OK) == (errors.error_count == 0));
    (void)config_errors_print(&errors, &printed);
    config_free(config);
    config_errors_release(&errors);
    rh_buf_release(&printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rh_str text = {(const char *)data, size};
    load_tree(text);
    load_config(text);
    return 0;
}
