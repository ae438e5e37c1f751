/* A section of configuration into a struct by a field table; reading YAML is yaml_load's work. */
#include "host/core/field_node.h"

#include <assert.h>
#include <ringhost/sdk/str.h>
#include <stdio.h>
#include <string.h>

#include "host/core/field_words.h"
#include "host/core/node_json.h"

/* Longest value shown in a message, bytes. */
#define SHOWN_MAX 60

struct section {
    node_report report;
    void *user;
    struct field_arena *arena;
    int32_t rc; /* the first that was reported */
};

static void set_map(struct section *s, const struct rh_fields *table, const struct node *map,
                    char *base, const struct field_place *up);

static void tell(struct section *s, const struct node *where, int at_key, int32_t rc,
                 const char *message)
{
    if (s->rc == RH_OK)
        s->rc = rc;
    s->report(s->user, where, at_key, message);
}

static void tell_arena(struct section *s, const struct node *where)
{
    assert(s->arena->rc != RH_OK);
    tell(s, where, 0, s->arena->rc,
         s->arena->rc == RH_ETOOLARGE ? "the configuration needs more memory than is allowed"
                                      : "out of memory");
}

/* What was found, in words or quoted. */
static void show(const struct node *node, const struct rh_field *field, char *dst, size_t size)
{
    int n = node->text.n > SHOWN_MAX ? SHOWN_MAX : (int)node->text.n;
    const char *cut = node->text.n > SHOWN_MAX ? "..." : "";

    if (field->flags & RH_SECRET)
        (void)snprintf(dst, size, "the value");
    else if (node->kind == NODE_MAP)
        (void)snprintf(dst, size, "a map");
    else if (node->kind == NODE_LIST)
        (void)snprintf(dst, size, "a list");
    else if (node->kind == NODE_NULL)
        (void)snprintf(dst, size, "null");
    else if (node->kind == NODE_STRING)
        (void)snprintf(dst, size, "\"%.*s%s\"", n, node->text.p ? node->text.p : "", cut);
    else
        (void)snprintf(dst, size, "%.*s%s", n, node->text.p ? node->text.p : "", cut);
}

/* What to write instead, or "". */
static void hint(const struct node *node, const struct rh_field *field, char *dst, size_t size)
{
    char choice[FIELD_NAME_MAX + 1];

    dst[0] = '\0';
    if (field->allowed && node->kind == NODE_STRING &&
        field_suggest_choice(field, node->text, choice))
        (void)snprintf(dst, size, "; did you mean \"%s\"?", choice);
    else if (field->type == RH_FIELD_DURATION &&
             (node->kind == NODE_INT || node->kind == NODE_NUMBER))
        (void)snprintf(dst, size, "; it needs a unit, such as %.20ss", node->text.p);
    else if (field->type == RH_FIELD_BOOL && node->kind == NODE_STRING)
        (void)snprintf(dst, size, "; yes, no, on and off are not booleans in YAML 1.2");
    else if (field->type == RH_FIELD_INT && node->kind == NODE_STRING)
        (void)snprintf(dst, size, "; write digits without quotes");
    else if (field->type == RH_FIELD_STRING_LIST && node->kind == NODE_STRING)
        (void)snprintf(dst, size, "; write [%.40s]", node->text.p);
}

/* "interval: \"15 parsecs\" is not a duration (ns us ms s m h); default 15s". */
static void tell_rule(struct section *s, const struct rh_field *field, const struct node *node,
                      const struct field_place *place)
{
    char path[128];
    char found[SHOWN_MAX + 8];
    char rule[FIELD_RULE_SIZE];
    char advice[FIELD_NAME_MAX + 80];
    char message[768];
    const char *fallback = field->flags & RH_SECRET ? NULL : field->fallback;

    field_path(place, path, sizeof(path));
    show(node, field, found, sizeof(found));
    field_rule(field, FIELD_IN_TEXT, rule);
    hint(node, field, advice, sizeof(advice));
    (void)snprintf(message, sizeof(message), "%s: %s is not %s%s%s%.40s",
                   path[0] != '\0' ? path : "the section", found, rule, advice,
                   fallback ? "; default " : "", fallback ? fallback : ""); /* Cut to fit. */
    tell(s, node, 0, RH_EINVAL, message);
}

static bool is_scalar_node(const struct node *node)
{
    return node->kind == NODE_BOOL || node->kind == NODE_INT || node->kind == NODE_NUMBER ||
           node->kind == NODE_STRING;
}

/* Whether a scalar of that kind may hold a value of that type. */
static bool is_kind_ok(const struct rh_field *field, const struct node *node)
{
    switch (field->type) {
    case RH_FIELD_INT:
        return node->kind == NODE_INT;
    case RH_FIELD_NUMBER:
        return node->kind == NODE_INT || node->kind == NODE_NUMBER;
    case RH_FIELD_BOOL:
        return node->kind == NODE_BOOL;
    case RH_FIELD_DURATION:
        return node->kind == NODE_STRING;
    case RH_FIELD_U64:
    case RH_FIELD_SIZE:
        return node->kind == NODE_INT || node->kind == NODE_STRING;
    default:
        return is_scalar_node(node);
    }
}

static void set_scalar(struct section *s, const struct rh_field *field, const struct node *node,
                       char *base, const struct field_place *place)
{
    if (is_kind_ok(field, node) && field_set_text(field, node->text, base, s->arena) == RH_OK)
        return;
    if (s->arena->rc != RH_OK)
        tell_arena(s, node);
    else
        tell_rule(s, field, node, place);
}

/* One string of a list or map. */
static void set_word(struct section *s, const struct rh_field *field, const struct node *node,
                     struct rh_str *out, const struct field_place *place)
{
    struct rh_field word = {.type = RH_FIELD_STRING,
                            .flags = field->flags,
                            .max = FIELD_ENTRY_MAX,
                            .allowed = field->allowed};

    if (is_scalar_node(node) && field_word_ok(field, node->text))
        *out = node->text;
    else
        tell_rule(s, &word, node, place);
}

static void set_words(struct section *s, const struct rh_field *field, const struct node *node,
                      bool limited, struct rh_str_list *out, const struct field_place *place)
{
    struct field_place item = {.up = place};
    struct rh_str *items;

    if (node->kind != NODE_LIST || (limited && !field_count_ok(field, node->child_count))) {
        tell_rule(s, field, node, place);
        return;
    }
    items = field_arena_alloc(s->arena, node->child_count * sizeof(*items));
    if (!items) {
        tell_arena(s, node);
        return;
    }
    for (const struct node *child = node->first; child; child = child->next, item.index++) {
        assert(item.index < node->child_count);
        set_word(s, field, child, &items[item.index], &item);
    }
    *out = (struct rh_str_list){items, item.index, 0};
}

/* An object, or where it may be short a list in its place. */
static void set_entry(struct section *s, const struct rh_field *field, const struct node *node,
                      char *entry, const struct field_place *place)
{
    const struct rh_fields sub = field_sub(field);
    struct rh_field room;
    struct node list;
    struct node map;

    if (!(field->flags & RH_SHORT_LIST) || node->kind != NODE_LIST) {
        set_map(s, &sub, node, entry, place);
        return;
    }
    list = *node;
    list.key = rh_str_from(field_get(&sub, 0, &room)->name);
    list.next = NULL;
    map = *node;
    map.kind = NODE_MAP;
    map.first = &list;
    map.child_count = 1;
    set_map(s, &sub, &map, entry, place);
}

/* A list or map of things: OBJECT_LIST, OBJECT_MAP, MAP, LIST_MAP. */
static void set_entries(struct section *s, const struct rh_field *field, const struct node *node,
                        char *member, const struct field_place *up)
{
    struct rh_fields sub = field_sub(field);
    bool is_list = field->type == RH_FIELD_OBJECT_LIST;
    uint32_t size = field->type == RH_FIELD_MAP        ? (uint32_t)sizeof(struct rh_pair)
                    : field->type == RH_FIELD_LIST_MAP ? (uint32_t)sizeof(struct rh_named_list)
                                                       : sub.struct_size;
    struct rh_list out = {NULL, 0, is_list || field->type == RH_FIELD_OBJECT_MAP ? size : 0};
    char *items;

    if (node->kind != (is_list ? NODE_LIST : NODE_MAP) ||
        !field_count_ok(field, node->child_count)) {
        tell_rule(s, field, node, up);
        return;
    }
    items = field_arena_alloc(s->arena, (size_t)node->child_count * size);
    if (!items) {
        tell_arena(s, node);
        return;
    }
    for (const struct node *child = node->first; child; child = child->next, out.count++) {
        char *entry = items + (size_t)out.count * size;
        struct field_place place = {.up = up, .index = out.count};

        assert(out.count < node->child_count);
        if (!is_list) {
            place.name = child->key;
            memcpy(entry, &child->key, sizeof(child->key));
        }
        if (field->type == RH_FIELD_MAP)
            set_word(s, field, child, (void *)(entry + offsetof(struct rh_pair, value)), &place);
        else if (field->type == RH_FIELD_LIST_MAP)
            set_words(s, field, child, false,
                      (void *)(entry + offsetof(struct rh_named_list, values)), &place);
        else
            set_entry(s, field, child, entry, &place);
    }
    out.items = items;
    memcpy(member, &out, sizeof(out));
}

static void set_raw(struct section *s, const struct rh_field *field, const struct node *node,
                    char *member, const struct field_place *place)
{
    struct rh_str text;
    int32_t rc;

    if (field->type == RH_FIELD_RAW_OBJECT && node->kind != NODE_MAP) {
        tell_rule(s, field, node, place);
        return;
    }
    rc = node_json(node, s->arena, &text);
    if (rc == RH_OK && field_bytes_ok(field, text))
        memcpy(member, &text, sizeof(text));
    else if (rc == RH_OK || s->arena->rc == RH_OK)
        tell_rule(s, field, node, place);
    else
        tell_arena(s, node);
}

static void set_field(struct section *s, const struct rh_field *field, const struct node *node,
                      char *base, const struct field_place *place)
{
    char *member = base + field->offset;
    struct rh_fields sub;

    switch (field->type) {
    case RH_FIELD_STRING_LIST:
        set_words(s, field, node, true, (void *)member, place);
        break;
    case RH_FIELD_MAP:
    case RH_FIELD_LIST_MAP:
    case RH_FIELD_OBJECT_LIST:
    case RH_FIELD_OBJECT_MAP:
        set_entries(s, field, node, member, place);
        break;
    case RH_FIELD_OBJECT:
        sub = field_sub(field);
        set_map(s, &sub, node, member, place);
        break;
    case RH_FIELD_RAW:
    case RH_FIELD_RAW_OBJECT:
        set_raw(s, field, node, member, place);
        break;
    default:
        set_scalar(s, field, node, base, place);
        break;
    }
}

static void tell_unknown(struct section *s, const struct rh_fields *table, const struct node *node,
                         const struct field_place *up)
{
    struct field_place place = {.up = up, .name = node->key};
    const char *suggestion = field_suggest_name(table, node->key);
    char path[128];
    char message[320];

    field_path(&place, path, sizeof(path));
    /* Cut where it does not fit. */
    (void)snprintf(message, sizeof(message), "unknown key \"%s\"%s%s%s", path,
                   suggestion ? "; did you mean \"" : "", suggestion ? suggestion : "",
                   suggestion ? "\"?" : "");
    tell(s, node, 1, RH_EINVAL, message);
}

/* Defaults for what was not given; a report for what had to be. */
static void complete(struct section *s, const struct rh_fields *table, const struct node *map,
                     const uint64_t *given, char *base, const struct field_place *up)
{
    for (uint32_t i = 0; i < table->count; i++) {
        struct rh_field room;
        const struct rh_field *field = field_get(table, i, &room);
        struct field_place place = {.up = up, .name = rh_str_from(field->name)};
        char path[128];
        char message[192];

        if (given[i / 64] >> (i % 64) & 1)
            continue;
        if (field->flags & RH_REQUIRED) {
            field_path(&place, path, sizeof(path));
            (void)snprintf(message, sizeof(message), "\"%s\" is required", path); /* Fits. */
            tell(s, map, 0, RH_EINVAL, message);
        } else if (s->arena->rc == RH_OK && field_set_default(field, base, s->arena) != RH_OK) {
            tell_arena(s, map);
        }
    }
}

static void set_map(struct section *s, const struct rh_fields *table, const struct node *map,
                    char *base, const struct field_place *up)
{
    uint64_t given[FIELD_COUNT_MAX / 64] = {0};
    bool is_empty = !map || map->kind == NODE_NULL;

    assert(table->count <= FIELD_COUNT_MAX);
    if (!is_empty && map->kind != NODE_MAP) {
        static const struct rh_field any = {.type = RH_FIELD_OBJECT};

        tell_rule(s, &any, map, up);
        return;
    }
    for (const struct node *node = is_empty ? NULL : map->first; node; node = node->next) {
        uint32_t i = field_find(table, node->key, 0);
        struct rh_field room;
        const struct rh_field *field;
        struct field_place place = {.up = up, .name = node->key};

        if (i == table->count) {
            tell_unknown(s, table, node, up);
            continue;
        }
        if (node->kind == NODE_NULL)
            continue;
        given[i / 64] |= UINT64_C(1) << (i % 64);
        field = field_get(table, i, &room);
        set_field(s, field, node, base, &place);
        field_mark_given(field, base);
    }
    complete(s, table, map, given, base, up);
}

int32_t field_decode_node(const struct rh_fields *table, const struct node *map, node_report report,
                          void *user, void *out, struct field_arena *arena)
{
    struct section s = {report, user, arena, arena->rc};
    char none; /* a table without a struct sets nothing */
    char *base = table->struct_size > 0 ? out : &none;

    memset(base, 0, table->struct_size);
    set_map(&s, table, map, base, NULL);
    if (s.rc != RH_OK)
        memset(base, 0, table->struct_size);
    return s.rc;
}
