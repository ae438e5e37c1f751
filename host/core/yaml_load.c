/* YAML text in, trees of nodes out; it opens no file and gives values no meaning. */
#include "host/core/yaml_load.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/core/yaml_loader.h"
#include "host/core/yaml_text.h"

/* The next event, or 0 when there is none (the reason was reported). The caller deletes it. */
static int next_event(struct yaml_loader *l, yaml_event_t *event)
{
    if (l->is_ended) {
        return 0;
    }
    if (yaml_parser_parse(&l->parser, event)) {
        return 1;
    }
    if (l->parser.error == YAML_MEMORY_ERROR) {
        yaml_loader_out_of_memory(l);
        return 0;
    }
    char why[YAML_WHY_MAX];
    const char *problem = l->parser.problem != NULL ? l->parser.problem : "this is not YAML";
    if (l->parser.context != NULL) {
        (void)snprintf(why, sizeof(why), "%s %s", problem, l->parser.context);
    } else {
        (void)snprintf(why, sizeof(why), "%s", problem);
    }
    yaml_loader_give_up(l, &l->parser.problem_mark, why);
    return 0;
}

/* ---- maps and lists ---- */

static struct node *build_value(struct yaml_loader *l, yaml_event_t *event, uint32_t depth);

/* Appends child; 0 at the limit. */
static int append_child(struct yaml_loader *l, struct node *parent, struct node ***tail,
                        struct node *child)
{
    if (parent->child_count >= YAML_CHILDREN_MAX) {
        yaml_mark_t mark = {0, child->line - 1, child->column - 1};
        yaml_loader_give_up(l, &mark, "more than 4096 entries in one map or list");
        return 0;
    }
    **tail = child;
    *tail = &child->next;
    parent->child_count++;
    return 1;
}

static void fill_list(struct yaml_loader *l, struct node *list, uint32_t depth)
{
    struct node **tail = &list->first;
    yaml_event_t event;
    while (next_event(l, &event)) {
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return;
        }
        struct node *child = build_value(l, &event, depth + 1);
        if (child != NULL && !append_child(l, list, &tail, child)) {
            return;
        }
    }
}

static const struct node *find_key(const struct node *map, struct rh_str key)
{
    for (const struct node *child = map->first; child != NULL; child = child->next) {
        if (rh_str_eq(child->key, key)) {
            return child;
        }
    }
    return NULL;
}

/* Reads a key event into key (its own node, text set). 0 when the entry must be dropped; reported.
 */
static int read_key(struct yaml_loader *l, const struct node *map, yaml_event_t *event,
                    struct node *key)
{
    char why[YAML_WHY_MAX];
    *key = (struct node){.line = (uint32_t)event->start_mark.line + 1,
                         .column = (uint32_t)event->start_mark.column + 1};
    if (event->type != YAML_SCALAR_EVENT) {
        yaml_loader_complain(l, &event->start_mark,
                             "a key must be a word, not a map, list or alias");
        return 0;
    }
    struct rh_str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    int is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (event->data.scalar.tag != NULL || event->data.scalar.anchor != NULL) {
        yaml_loader_complain(l, &event->start_mark, "a key cannot have a tag or an anchor");
        return 0;
    }
    if (text.n == 0 || memchr(text.p, 0, text.n) != NULL) {
        yaml_loader_complain(l, &event->start_mark,
                             text.n == 0 ? "a key is missing before \":\""
                                         : "a key cannot hold a NUL byte");
        return 0;
    }
    if (is_plain && rh_str_eq_c(text, "<<")) {
        yaml_loader_complain(
            l, &event->start_mark,
            "merge keys (<<) are not supported; use kind: override, or write the keys out");
        return 0;
    }
    const struct node *first = find_key(map, text);
    if (first != NULL) {
        (void)snprintf(
            why, sizeof(why), "duplicate key \"%.*s\", first given at %" PRIu32 ":%" PRIu32,
            (int)(text.n > 200 ? 200 : text.n), text.p, first->key_line, first->key_column);
        yaml_loader_complain(l, &event->start_mark, why);
        return 0;
    }
    return yaml_loader_set_text(l, &key->text, text);
}

static void fill_map(struct yaml_loader *l, struct node *map, uint32_t depth)
{
    struct node **tail = &map->first;
    yaml_event_t event;
    while (next_event(l, &event)) {
        struct node key;
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return;
        }
        int is_good = read_key(l, map, &event, &key);
        if (event.type == YAML_SCALAR_EVENT) {
            yaml_event_delete(&event);
        } else {
            (void)build_value(l, &event, depth + 1); /* reads past the key at fault */
        }
        if (!next_event(l, &event)) {
            return;
        }
        struct node *value = build_value(l, &event, depth + 1);
        if (value == NULL || !is_good) {
            continue;
        }
        value->key = key.text;
        value->key_line = key.line;
        value->key_column = key.column;
        if (!append_child(l, map, &tail, value)) {
            return;
        }
    }
}

static const yaml_char_t *event_anchor(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor;
    default:
        return NULL;
    }
}

static const yaml_char_t *event_tag(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.tag;
    default:
        return NULL;
    }
}

static struct node *build_collection(struct yaml_loader *l, const yaml_event_t *event,
                                     uint32_t depth)
{
    int is_map = event->type == YAML_MAPPING_START_EVENT;
    if (depth > YAML_DEPTH_MAX) {
        yaml_loader_give_up(l, &event->start_mark, "nested deeper than 64 levels");
        return NULL;
    }
    struct node *node = yaml_loader_node(l, is_map ? NODE_MAP : NODE_LIST, &event->start_mark);
    if (node == NULL) {
        return NULL;
    }
    if (is_map) {
        fill_map(l, node, depth);
    } else {
        fill_list(l, node, depth);
    }
    return l->is_ended ? NULL : node;
}

/* The value that begins with event, which is deleted here. NULL when it is at fault; it was read to
 * its end, or the loader is ended. */
static struct node *build_value(struct yaml_loader *l, yaml_event_t *event, uint32_t depth)
{
    struct node *node = NULL;
    struct yaml_anchor *anchor = NULL;
    const yaml_char_t *anchor_name = event_anchor(event);
    int is_tagged = event_tag(event) != NULL;
    if (is_tagged) {
        yaml_loader_complain(l, &event->start_mark,
                             "tags (!name) are not supported; quote the value to make it text");
    }
    if (anchor_name != NULL) {
        anchor = yaml_anchor_add(l, anchor_name, &event->start_mark);
        if (anchor == NULL) {
            goto out;
        }
    }
    if (event->type == YAML_ALIAS_EVENT) {
        node = yaml_anchor_expand(l, event, depth);
    } else if (event->type == YAML_SCALAR_EVENT) {
        node = yaml_loader_scalar(l, event);
    } else {
        assert(event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT);
        node = build_collection(l, event, depth);
    }
    if (is_tagged) {
        node = NULL;
    }
    if (anchor != NULL) {
        anchor->node = node;
    }
out:
    yaml_event_delete(event);
    return node;
}

/* ---- documents ---- */

static int is_empty(const struct node *node)
{
    return node->kind == NODE_NULL && node->text.n == 0;
}

static void read_documents(struct yaml_loader *l, struct node **tail)
{
    yaml_event_t event;
    while (next_event(l, &event)) {
        switch (event.type) {
        case YAML_STREAM_END_EVENT:
            l->is_ended = 1;
            break;
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
            break;
        case YAML_DOCUMENT_START_EVENT:
            l->anchors = NULL;
            l->anchor_count = 0;
            break;
        default: {
            struct node *root = build_value(l, &event, 1);
            if (root != NULL && !is_empty(root)) {
                *tail = root;
                tail = &root->next;
            }
            continue; /* build_value has deleted the event */
        }
        }
        yaml_event_delete(&event);
    }
}

int32_t yaml_load(const struct yaml_input *input, struct field_arena *arena,
                  struct node **documents)
{
    struct yaml_loader l = {.input = input, .arena = arena, .rc = RH_OK};
    struct yaml_place place = {1, 1};
    const char *wrong = input->text.n > YAML_TEXT_MAX ? "the file is larger than 4 MiB" : NULL;
    *documents = NULL;
    if (wrong == NULL) {
        wrong = yaml_text_check(input->text, &place);
    }
    if (wrong != NULL) {
        yaml_mark_t mark = {0, place.line - 1, place.column - 1};
        yaml_loader_complain(&l, &mark, wrong);
        return l.rc;
    }
    if (!yaml_parser_initialize(&l.parser)) {
        return RH_ENOMEM;
    }
    yaml_parser_set_input_string(
        &l.parser, (const unsigned char *)(input->text.n > 0 ? input->text.p : ""), input->text.n);
    read_documents(&l, documents);
    yaml_parser_delete(&l.parser);
    if (l.rc == RH_ENOMEM) {
        *documents = NULL;
    }
    return l.rc;
}
