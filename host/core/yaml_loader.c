/* What the parts of the YAML loader share: reporting, new nodes, and scalars. */
#include "host/core/yaml_loader.h"

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/node_tree.h"
#include "host/core/yaml_text.h"

void yaml_loader_complain(struct yaml_loader *l, const yaml_mark_t *mark, const char *message)
{
    struct node place = {.file = l->input->file,
                         .line = (uint32_t)mark->line + 1,
                         .column = (uint32_t)mark->column + 1};
    l->input->report(l->input->report_user, &place, 0, message);
    if (l->rc == RH_OK) {
        l->rc = RH_EINVAL;
    }
}

/* Something after which the rest of the text has no meaning. */
void yaml_loader_give_up(struct yaml_loader *l, const yaml_mark_t *mark, const char *message)
{
    yaml_loader_complain(l, mark, message);
    l->is_ended = 1;
}

void yaml_loader_out_of_memory(struct yaml_loader *l)
{
    l->rc = RH_ENOMEM;
    l->is_ended = 1;
}

struct node *yaml_loader_node(struct yaml_loader *l, uint32_t kind, const yaml_mark_t *mark)
{
    struct node *node = field_arena_alloc(l->arena, sizeof(*node));
    if (node == NULL) {
        yaml_loader_out_of_memory(l);
        return NULL;
    }
    node->kind = kind;
    node->file = l->input->file;
    node->line = (uint32_t)mark->line + 1;
    node->column = (uint32_t)mark->column + 1;
    return node;
}

int yaml_loader_set_text(struct yaml_loader *l, struct rh_str *to, struct rh_str text)
{
    if (node_copy_text(l->arena, text, to) != RH_OK) {
        yaml_loader_out_of_memory(l);
        return 0;
    }
    return 1;
}

/* Sets the text of a value, ${NAME} replaced; 0 when that failed. */
static int expand_text(struct yaml_loader *l, struct node *node, struct rh_str text,
                       const yaml_mark_t *mark, int *replaced)
{
    char why[YAML_WHY_MAX];
    struct rh_buf buf;
    struct yaml_place place;
    int is_set = 0;
    *replaced = 0;
    if (l->input->lookup == NULL || text.n == 0 || memchr(text.p, '$', text.n) == NULL) {
        return yaml_loader_set_text(l, &node->text, text);
    }
    rh_buf_init(&buf, YAML_VALUE_MAX);
    int32_t rc = yaml_scalar_expand(text, l->input->lookup, l->input->lookup_user, &buf, why,
                                    sizeof(why), replaced);
    if (rc == RH_ENOMEM) {
        yaml_loader_out_of_memory(l);
    } else if (rc == RH_ETOOLARGE) {
        yaml_loader_complain(l, mark, "longer than 65536 bytes once its variables are replaced");
    } else if (rc != RH_OK) {
        yaml_loader_complain(l, mark, why);
    } else if (yaml_text_check(rh_buf_str(&buf), &place) != NULL) {
        yaml_loader_complain(l, mark,
                             "a variable in this value holds bytes that are not UTF-8 text");
    } else {
        is_set = yaml_loader_set_text(l, &node->text, rh_buf_str(&buf));
    }
    rh_buf_release(&buf);
    return is_set;
}

static void complain_old_bool(struct yaml_loader *l, const struct node *node, int value,
                              const yaml_mark_t *mark)
{
    char why[YAML_WHY_MAX];
    (void)snprintf(why, sizeof(why),
                   "\"%s\" is not a boolean in YAML 1.2; write %s, or quote it to mean the text",
                   node->text.p, value ? "true" : "false");
    yaml_loader_complain(l, mark, why);
}

/* Decides the kind of a plain scalar; 0 when it is refused. */
static int resolve_plain(struct yaml_loader *l, struct node *node, int replaced,
                         const yaml_mark_t *mark)
{
    int value = 0;
    if (yaml_scalar_is_old_bool(node->text, &value)) {
        if (!(l->input->flags & YAML_OLD_BOOLS)) {
            complain_old_bool(l, node, value, mark);
            return 0;
        }
        node->kind = NODE_BOOL;
        return yaml_loader_set_text(l, &node->text, rh_str_from(value ? "true" : "false"));
    }
    /* A variable that is set to nothing gives an empty text; null is only what the file says
     * itself. */
    node->kind = replaced && node->text.n == 0 ? NODE_STRING : yaml_scalar_kind(node->text);
    return 1;
}

struct node *yaml_loader_scalar(struct yaml_loader *l, const yaml_event_t *event)
{
    struct rh_str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    const yaml_mark_t *mark = &event->start_mark;
    int replaced = 0;
    if (text.n > 0 && memchr(text.p, 0, text.n) != NULL) {
        yaml_loader_complain(l, mark, "a value cannot hold a NUL byte (\"\\0\")");
        return NULL;
    }
    struct node *node = yaml_loader_node(l, NODE_STRING, mark);
    if (node == NULL || !expand_text(l, node, text, mark, &replaced)) {
        return NULL;
    }
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
        !resolve_plain(l, node, replaced, mark)) {
        return NULL;
    }
    return node;
}
