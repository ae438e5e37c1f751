/* Collects every problem of a configuration and prints them as compilers do. It finds none itself.
 */
#ifndef RH_HOST_CORE_CONFIG_ERROR_H
#define RH_HOST_CORE_CONFIG_ERROR_H

#include <ringhost/errors.h>
#include <ringhost/sdk/buf.h>
#include <stdint.h>

#include "host/core/config_files.h"
#include "host/core/node.h"

/* Errors kept in one run, and notes as many; further ones are only counted. */
#define CONFIG_ERRORS_MAX 100u

/* Longest message, bytes; longer ones are cut. */
#define CONFIG_MESSAGE_MAX 1024u

/* Longest source line that is quoted, bytes. */
#define CONFIG_SOURCE_LINE_MAX 200u

struct config_problem {
    char *file; /* "" = the whole configuration */
    char *message;
    char *source;  /* the line, or NULL */
    uint32_t line; /* 0 = none */
    uint32_t column;
    uint32_t file_index; /* in the order of reading */
    uint32_t is_note;
};

/* Fields are private but for the counts. Zero-filled is empty. One thread at a time. */
struct config_errors {
    struct config_problem *items;
    uint32_t used;
    uint32_t room;
    uint32_t error_count; /* all, also those above the cap */
    uint32_t note_count;
    uint32_t error_kept;
    uint32_t note_kept;
    const struct config_file *files; /* borrowed; to quote source lines from */
    uint32_t file_count;
    uint32_t is_short_of_memory; /* some are lost, the counts hold */
};

void config_errors_init(struct config_errors *errors);
void config_errors_release(struct config_errors *errors);

/* From now on quotes lines from these files, in this order; borrowed until the next call. NULL, 0:
 * from none. */
void config_errors_set_files(struct config_errors *errors, const struct config_file *files,
                             uint32_t count);

/* Adds an error. where: the value at fault, or with at_key its key; its line 0 prints the file
 * only; NULL: no place. The same message at the same place counts once. */
void config_errors_add(struct config_errors *errors, const struct node *where, int at_key,
                       const char *message);
void config_errors_addf(struct config_errors *errors, const struct node *where, int at_key,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));

/* config_errors_add as a node_report; user is the struct config_errors. */
void config_errors_report(void *user, const struct node *where, int at_key, const char *message);

/* Adds a note: something worth knowing that stops nothing. where as above. */
void config_errors_note(struct config_errors *errors, const struct node *where, int at_key,
                        const char *message);

/* Appends all, in the order of files and lines: "file:line:column: error: message", the source line
 * and a caret. Returns out->rc. */
int32_t config_errors_print(const struct config_errors *errors, struct rh_buf *out);

#endif
