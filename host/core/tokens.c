/* The token file as a table; see tokens.h. */
#include "host/core/tokens.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/map.h>
#include <ringhost/sdk/str.h>

#define WORDS_MAX     4u
#define MESSAGE_BYTES 160u

struct token_row {
    struct rh_str name;    /* into tokens->text */
    struct rh_str node_id; /* into tokens->text */
    struct rh_str secret;  /* into tokens->text */
    uint32_t scope_mask;
    uint32_t line;
};

struct tokens {
    struct token_row *rows;
    size_t count;
    char *text; /* the file's own copy */
    size_t text_bytes;
};

/* One run over the file. */
struct token_reader {
    struct tokens *tokens;
    struct rh_map names;   /* NAME -> row */
    struct rh_map secrets; /* TOKEN -> row */
    void (*report)(void *user, uint32_t line, const char *message);
    void *user;
    uint32_t line;
    uint32_t problems;
    int32_t rc; /* RH_OK or RH_ENOMEM */
};

static const char *const scope_names[] = {"public", "read", "worker", "operator",
                                          "admin",  "peer", "voter"};

_Static_assert(sizeof scope_names / sizeof scope_names[0] == SCOPE_COUNT, "a name for each scope");

const char *scope_name(uint32_t scope)
{
    return scope < SCOPE_COUNT ? scope_names[scope] : "unknown";
}

uint32_t scope_mask_of(uint32_t scope)
{
    assert(scope < SCOPE_COUNT);
    if (scope > RH_ADMIN)
        return (1u << RH_PUBLIC) | (1u << scope);
    return (1u << (scope + 1)) - 1; /* the scopes for people are numbered in order of inclusion */
}

bool scope_allows(uint32_t mask, uint32_t scope)
{
    return scope < SCOPE_COUNT && (mask >> scope & 1u) != 0;
}

static void problem(struct token_reader *r, const char *message)
{
    r->problems++;
    r->report(r->user, r->line, message);
}

/* Whether all bytes are visible ASCII. */
static bool is_visible(struct rh_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '!' || s.p[i] > '~')
            return false;
    return true;
}

/* A NAME or NODE_ID: [A-Za-z0-9][A-Za-z0-9._-]*. */
static bool is_name(struct rh_str s)
{
    if (s.n == 0 || s.n > TOKENS_NAME_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!is_word && (i == 0 || (c != '.' && c != '_' && c != '-')))
            return false;
    }
    return true;
}

/* The piece of *rest before the first `mark`, which is skipped; everything when there is none. */
static struct rh_str take_until(struct rh_str *rest, char mark)
{
    const char *at = rest->n > 0 ? memchr(rest->p, mark, rest->n) : NULL;
    struct rh_str piece = {rest->p, at ? (size_t)(at - rest->p) : rest->n};
    size_t used = at ? piece.n + 1 : piece.n;

    *rest = (struct rh_str){used > 0 ? rest->p + used : rest->p, rest->n - used};
    return piece;
}

/* Splits at blanks. Returns how many words there are; words[] gets the first WORDS_MAX. */
static uint32_t split(struct rh_str line, struct rh_str *words)
{
    uint32_t count = 0;
    size_t at = 0;

    while (at < line.n) {
        size_t from;

        while (at < line.n && (line.p[at] == ' ' || line.p[at] == '\t' || line.p[at] == '\r'))
            at++;
        from = at;
        while (at < line.n && line.p[at] != ' ' && line.p[at] != '\t' && line.p[at] != '\r')
            at++;
        if (at == from)
            break;
        if (count < WORDS_MAX)
            words[count] = (struct rh_str){line.p + from, at - from};
        count++;
    }
    return count;
}

/* Never quotes the word: a token may stand here by mistake. */
static void problem_scope(struct token_reader *r, struct rh_str word)
{
    const char *near = rh_suggest(word, &scope_names[RH_READ], SCOPE_COUNT - RH_READ);
    char message[MESSAGE_BYTES];

    (void)snprintf(message, sizeof message, /* fits: all parts are short constants */
                   "SCOPES must be of read, worker, operator, admin, peer, voter, parted by "
                   "commas%s%s%s",
                   near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    problem(r, message);
}

/* The closed mask of "worker,peer"; 0 after a report. */
static uint32_t read_scopes(struct token_reader *r, struct rh_str list)
{
    uint32_t mask = 0;

    do {
        bool is_last = list.n == 0 || !memchr(list.p, ',', list.n);
        struct rh_str word = take_until(&list, ',');
        uint32_t scope = RH_READ;

        while (scope < SCOPE_COUNT && !rh_str_eq_c(word, scope_names[scope]))
            scope++;
        if (scope == SCOPE_COUNT) {
            problem_scope(r, word);
            return 0;
        }
        mask |= scope_mask_of(scope);
        if (is_last)
            return mask;
    } while (true);
}

/* Remembers key; a problem if an earlier line had it. */
static void check_unique(struct token_reader *r, struct rh_map *map, struct rh_str key,
                         struct token_row *row, const char *word)
{
    const struct token_row *other = rh_map_get(map, key);
    char message[MESSAGE_BYTES];

    if (other) {
        (void)snprintf(message, sizeof message, "the same %s as in line %" PRIu32, word,
                       other->line); /* fits */
        problem(r, message);
    } else if (rh_map_put(map, key, row, NULL) != RH_OK) {
        r->rc = RH_ENOMEM; /* never full: the map takes as many entries as there are lines */
    }
}

static void read_row(struct token_reader *r, const struct rh_str *words, uint32_t count)
{
    struct token_row *row = &r->tokens->rows[r->tokens->count];
    const uint32_t node_mask = (1u << RH_PEER) | (1u << RH_VOTER);

    *row = (struct token_row){.name = words[0], .secret = words[2], .line = r->line};
    if (!is_name(row->name))
        problem(r, "NAME must be 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or digit");
    row->scope_mask = read_scopes(r, words[1]);
    if (row->secret.n < TOKENS_SECRET_MIN || row->secret.n > TOKENS_SECRET_MAX ||
        !is_visible(row->secret))
        problem(r, "TOKEN must be 16 to 256 printable ASCII characters");
    if (count == WORDS_MAX)
        row->node_id = words[3];
    if (count == WORDS_MAX && !is_name(row->node_id) && !rh_str_eq_c(row->node_id, "*"))
        problem(r, "NODE_ID must be a node id or *");
    if (count < WORDS_MAX && (row->scope_mask & node_mask) != 0)
        problem(r, "scopes peer and voter need a NODE_ID, or * for any node, after TOKEN");
    check_unique(r, &r->names, row->name, row, "NAME");
    check_unique(r, &r->secrets, row->secret, row, "TOKEN");
    r->tokens->count++;
}

static void read_line(struct token_reader *r, struct rh_str line)
{
    struct rh_str words[WORDS_MAX];
    uint32_t count = split(line, words);

    if (count == 0 || words[0].p[0] == '#')
        return;
    if (count < WORDS_MAX - 1 || count > WORDS_MAX)
        problem(r, "a line is NAME SCOPES TOKEN, and a NODE_ID or * where it is a node's");
    else
        read_row(r, words, count);
}

static uint32_t count_lines(struct rh_str text)
{
    uint32_t lines = 0;

    while (text.n > 0 && lines <= TOKENS_LINES_MAX) {
        (void)take_until(&text, '\n'); /* only counted here */
        lines++;
    }
    return lines;
}

static struct tokens *tokens_new(struct rh_str text, uint32_t lines)
{
    struct tokens *tokens = calloc(1, sizeof *tokens);

    if (!tokens)
        return NULL;
    tokens->rows = calloc((size_t)lines + 1, sizeof *tokens->rows);
    tokens->text = malloc(text.n + 1);
    if (!tokens->rows || !tokens->text) {
        tokens_free(tokens);
        return NULL;
    }
    if (text.n > 0)
        memcpy(tokens->text, text.p, text.n);
    tokens->text_bytes = text.n;
    return tokens;
}

int32_t tokens_parse(struct rh_str text,
                     void (*report)(void *user, uint32_t line, const char *message), void *user,
                     struct tokens **out)
{
    struct token_reader r = {.report = report, .user = user};
    uint32_t lines = count_lines(text);
    struct rh_str rest;

    if (lines > TOKENS_LINES_MAX) {
        report(user, lines, "a token file has at most 4096 lines");
        return RH_EINVAL;
    }
    r.tokens = tokens_new(text, lines);
    if (!r.tokens)
        return RH_ENOMEM;
    rh_map_init(&r.names, 0, TOKENS_LINES_MAX);
    rh_map_init(&r.secrets, 0, TOKENS_LINES_MAX);
    rest = (struct rh_str){r.tokens->text, text.n};
    while (rest.n > 0 && r.rc == RH_OK) {
        struct rh_str line = take_until(&rest, '\n');

        r.line++;
        read_line(&r, line);
    }
    rh_map_release(&r.names);
    rh_map_release(&r.secrets);
    if (r.rc == RH_OK && r.tokens->count == 0 && r.problems == 0) {
        r.line = r.line > 0 ? r.line : 1;
        problem(&r, "no line holds a token, so everybody would be refused");
    }
    if (r.rc == RH_OK && r.problems > 0)
        r.rc = RH_EINVAL;
    if (r.rc == RH_OK)
        *out = r.tokens;
    else
        tokens_free(r.tokens);
    return r.rc;
}

void tokens_free(struct tokens *tokens)
{
    volatile char *wipe; /* volatile: the compiler must not drop stores before free */

    if (!tokens)
        return;
    wipe = tokens->text;
    for (size_t i = 0; i < tokens->text_bytes; i++)
        wipe[i] = 0;
    free(tokens->text);
    free(tokens->rows);
    free(tokens);
}

/* 0 if the bytes are equal, and no branch on any of them. */
static unsigned int differ(const char *stored, const char *given, size_t n)
{
    unsigned int bits = 0;

    for (size_t i = 0; i < n; i++)
        bits |= (unsigned int)((unsigned char)stored[i] ^ (unsigned char)given[i]);
    return bits;
}

bool tokens_find(const struct tokens *tokens, struct rh_str token, struct token_match *out)
{
    size_t found = 0; /* row number + 1 */

    if (token.n < TOKENS_SECRET_MIN || token.n > TOKENS_SECRET_MAX)
        return false;
    for (size_t i = 0; i < tokens->count; i++) {
        struct rh_str secret = tokens->rows[i].secret;
        bool is_same = false;

        if (secret.n == token.n)
            is_same = differ(secret.p, token.p, token.n) == 0;
        found |= (size_t)is_same * (i + 1); /* at most one row is the same */
    }
    if (found == 0)
        return false;
    *out = (struct token_match){
        .name = tokens->rows[found - 1].name,
        .scope_mask = tokens->rows[found - 1].scope_mask,
        .node_id = tokens->rows[found - 1].node_id,
    };
    return true;
}

bool tokens_of_node(const struct tokens *tokens, struct rh_str node_id, struct rh_str *token)
{
    const struct token_row *any = NULL;

    for (size_t i = 0; i < tokens->count; i++) {
        const struct token_row *row = &tokens->rows[i];

        if (!scope_allows(row->scope_mask, RH_PEER))
            continue;
        if (rh_str_eq(row->node_id, node_id)) {
            *token = row->secret;
            return true;
        }
        if (!any && rh_str_eq_c(row->node_id, "*"))
            any = row;
    }
    if (any)
        *token = any->secret;
    return any != NULL;
}
