/* Who may do what: the token file as a table, and which scope includes which. It reads no file and
 * decides no request. */
#ifndef RH_HOST_CORE_TOKENS_H
#define RH_HOST_CORE_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/abi.h>
#include <ringhost/types.h>

#define TOKENS_LINES_MAX  4096u /* lines of the file, comments and empty ones included */
#define TOKENS_SECRET_MIN 16u   /* bytes of a token */
#define TOKENS_SECRET_MAX 256u
#define TOKENS_NAME_MAX   64u /* bytes of NAME and NODE_ID */

#define SCOPE_COUNT       (RH_VOTER + 1u)
/* Every scope: what a caller has on a loopback bind without a token file. */
#define SCOPE_ALL ((1u << SCOPE_COUNT) - 1u)

struct tokens;

/* Whose token it is. Borrowed from the table. */
struct token_match {
    struct rh_str name;
    uint32_t scope_mask; /* bit 1 << RH_READ ..., closed: with RH_PUBLIC and all that is included */
    struct rh_str node_id; /* the only node that may use it; "*" any node; "" not a node's token */
};

/* Reads the whole token file: lines `NAME SCOPES TOKEN [NODE_ID|*]`, words parted by blanks; a line
 * that begins with '#' is a comment. SCOPES are names parted by commas; peer and voter need a
 * NODE_ID. A file without any token is a problem of its last line. Every problem is reported with
 * its line (from 1) and a rule that never quotes a token; message is borrowed. RH_OK and a table
 * for tokens_free, which copies text; RH_EINVAL after reports; RH_ENOMEM without one. *out is
 * written only on success. [any] */
int32_t tokens_parse(struct rh_str text,
                     void (*report)(void *user, uint32_t line, const char *message), void *user,
                     struct tokens **out);
/* NULL is allowed; tokens are wiped first. */
void tokens_free(struct tokens *tokens);

/* Looks a token up. The time depends on lengths and the number of lines, never on
 * what either holds. *out is written only when found. [any] */
bool tokens_find(const struct tokens *tokens, struct rh_str token, struct token_match *out);

/* The token that this node sends to its peers: of the first line with scope peer that is bound to
 * node_id, else of the first bound to '*'. Borrowed; false, *token unchanged, when there is none.
 * [any] */
bool tokens_of_node(const struct tokens *tokens, struct rh_str node_id, struct rh_str *token);

/* The mask of a scope (RH_PUBLIC ... RH_VOTER) with all that it includes: admin, operator, worker,
 * read in that order; every mask has RH_PUBLIC. Asserts that the scope exists. [any] */
uint32_t scope_mask_of(uint32_t scope);
/* Whether a caller with `mask` may use a route of `scope`. An unknown scope is never allowed. [any]
 */
bool scope_allows(uint32_t mask, uint32_t scope);
/* "read", "worker" ...; "unknown" for a number that is no scope. Static. [any] */
const char *scope_name(uint32_t scope);

#endif
