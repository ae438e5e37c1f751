/* YAML text in, trees of nodes out; it opens no file and gives values no meaning.
 *
 * The dialect: YAML 1.2 core scalars, several documents in a file, anchors and aliases up to a cap.
 * Refused with the place and what to write instead: tags, merge keys (<<), keys given twice, keys
 * that are not scalars, yes/no/on/off, NUL bytes, text that is not UTF-8, and everything above the
 * limits below. */
#ifndef RH_HOST_CORE_YAML_LOAD_H
#define RH_HOST_CORE_YAML_LOAD_H

#include <ringhost/errors.h>
#include <ringhost/types.h>
#include <stdint.h>

#include "host/core/field_arena.h"
#include "host/core/node.h"
#include "host/core/yaml_scalar.h"

#define YAML_TEXT_MAX        (4u * 1024u * 1024u) /* bytes of one file */
#define YAML_DEPTH_MAX       64u                  /* maps and lists inside each other */
#define YAML_CHILDREN_MAX    4096u                /* entries of one map or list */
#define YAML_ALIAS_NODES_MAX 10000u               /* values of one file that come from aliases */
#define YAML_ANCHORS_MAX     256u                 /* of one document */
#define YAML_VALUE_MAX       65536u               /* bytes of one value after ${NAME} is replaced */

#define YAML_OLD_BOOLS \
    1u /* read yes, no, on, off, True, FALSE ... as booleans, for files of other programs */

/* What to read. Everything is borrowed for the call, but file must live as long as the nodes. */
struct yaml_input {
    const char *file; /* as shown in messages */
    struct rh_str text;
    uint32_t flags;     /* YAML_OLD_BOOLS */
    yaml_lookup lookup; /* values of ${NAME}; NULL: "$" is an ordinary character */
    void *lookup_user;
    node_report report; /* called for every problem, in the order of the text */
    void *report_user;
};

/* Reads all documents; empty ones are left out. *documents is the first, the others follow by
 * `next`, NULL if there is none; they live in arena. Returns RH_OK; RH_EINVAL when something was
 * reported: *documents then still holds the documents that could be read to their end, without the
 * entries at fault, so that more problems can be found in one run; or RH_ENOMEM, with *documents
 * NULL. [any] */
int32_t yaml_load(const struct yaml_input *input, struct field_arena *arena,
                  struct node **documents);

#endif
