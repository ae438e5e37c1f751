/* Runs a scenario: a text of commands and expectations about a few raft cores, one in each line, in
 * which nothing happens unless a line says so. The words are in scenarios/README.md. */
#ifndef RH_TESTS_PLUGINS_RAFT_SCRIPT_H
#define RH_TESTS_PLUGINS_RAFT_SCRIPT_H

#include <stdio.h>

#include <ringhost/sdk/str.h>

#include "group.h"

#define SCRIPT_WORDS_MAX 40u
#define SCRIPT_TEXT_MAX  512u

struct script {
    struct group group;
    bool is_held[GROUP_NODES_MAX]; /* the disk: writes end only when told */
    bool is_cut[GROUP_NODES_MAX];
    bool is_ready;
    const char *file;
    unsigned line;
    const char *words[SCRIPT_WORDS_MAX];
    uint32_t word_count;
};

#define SCRIPT_FAIL(s, ...)                           \
    do {                                              \
        print_error("%s:%u: ", (s)->file, (s)->line); \
        fail_msg(__VA_ARGS__);                        \
    } while (0)

static inline const char *script_word(struct script *s, uint32_t i)
{
    if (i >= s->word_count)
        SCRIPT_FAIL(s, "a word is missing");
    return s->words[i];
}

static inline uint64_t script_u64(struct script *s, const char *text)
{
    uint64_t value = 0;

    if (rh_parse_u64(rh_str_from(text), &value) != RH_OK)
        SCRIPT_FAIL(s, "\"%s\" is no number", text);
    return value;
}

static inline uint32_t script_node(struct script *s, const char *id)
{
    const uint32_t node = group_find(&s->group, id);

    if (node == GROUP_NODES_MAX)
        SCRIPT_FAIL(s, "no node \"%s\"", id);
    return node;
}

/* A node that is up. */
static inline struct raft *script_raft(struct script *s, const char *id)
{
    struct raft *raft = s->group.nodes[script_node(s, id)].raft;

    if (!raft)
        SCRIPT_FAIL(s, "%s is down", id);
    return raft;
}

static inline void script_on_write(struct group *group, uint32_t node)
{
    (void)group;
    (void)node; /* ends in script_flush */
}

/* Writes end at once unless the disk is held; so do installations. */
static inline void script_flush(struct script *s)
{
    for (bool is_busy = true; is_busy;) {
        is_busy = false;
        for (uint32_t i = 0; i < s->group.count; i++) {
            struct node *n = &s->group.nodes[i];

            if (s->is_held[i] || !n->raft)
                continue;
            if (n->write.is_active) {
                group_end_write(&s->group, i, RH_OK);
                is_busy = true;
            }
            if (n->is_installing) {
                group_end_install(&s->group, i, RH_OK);
                is_busy = true;
            }
        }
    }
}

static inline void script_settle(struct script *s, uint32_t node)
{
    group_pump(&s->group, node);
    script_flush(s);
}

/* Hands in the letter at this place, unless a cut swallows it. */
static inline void script_arrive(struct script *s, uint32_t place)
{
    struct group *group = &s->group;
    struct letter *letter = group->letters[place];

    group->letter_count--;
    memmove(&group->letters[place], &group->letters[place + 1],
            (group->letter_count - place) * sizeof(group->letters[0]));
    if (!s->is_cut[letter->from] && !s->is_cut[letter->to])
        (void)group_step(group, letter); /* what it says shows in what follows */
    letter_free(letter);
    script_flush(s);
}

/* "n1>n2": the first letter on this line, or GROUP_LETTERS_MAX. */
static inline uint32_t script_letter(struct script *s, const char *line)
{
    uint32_t from;
    uint32_t to;
    char id[3] = {line[0], line[0] ? line[1] : '\0', '\0'};

    if (strlen(line) != 5 || line[2] != '>')
        SCRIPT_FAIL(s, "\"%s\" is not like n1>n2", line);
    from = script_node(s, id);
    to = script_node(s, line + 3);
    for (uint32_t i = 0; i < s->group.letter_count; i++)
        if (s->group.letters[i]->from == from && s->group.letters[i]->to == to)
            return i;
    return GROUP_LETTERS_MAX;
}

static inline void script_deliver_all(struct script *s)
{
    for (uint32_t i = 0; s->group.letter_count > 0; i++) {
        if (i == 20000)
            SCRIPT_FAIL(s, "messages without end");
        script_arrive(s, 0);
    }
}

/* Words of a line; '#' begins a comment. Changes text. */
static inline void script_split(struct script *s, char *text)
{
    s->word_count = 0;
    while (*text && *text != '#') {
        while (*text == ' ')
            text++;
        if (!*text || *text == '#')
            break;
        if (s->word_count == SCRIPT_WORDS_MAX)
            SCRIPT_FAIL(s, "too many words");
        s->words[s->word_count++] = text;
        while (*text && *text != ' ')
            text++;
        if (*text)
            *text++ = '\0';
    }
}

#endif
