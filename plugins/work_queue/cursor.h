/* Where a page of a list ended, as a text that says nothing to people and belongs to one list. */
#ifndef RH_PLUGINS_WORK_QUEUE_CURSOR_H
#define RH_PLUGINS_WORK_QUEUE_CURSOR_H

#include <stdbool.h>

#include <ringhost/types.h>

/* Bytes of a text with its NUL. */
#define CURSOR_TEXT_SIZE 17u

/* The lists whose pages have cursors. */
enum cursor_list { CURSOR_HISTORY = 'h', CURSOR_FINISHED = 'f', CURSOR_RETRY = 'r' };

/* base64url of list, position and a check; dst as a string. [any] */
struct rh_str cursor_format(enum cursor_list list, uint64_t position, char dst[CURSOR_TEXT_SIZE]);

/* The position; false for a text that no page of this list gave out. [any] */
bool cursor_parse(enum cursor_list list, struct rh_str text, uint64_t *position);

#endif
