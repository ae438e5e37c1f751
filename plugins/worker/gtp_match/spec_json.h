/* Reads a match from one JSON document, strictly; it opens no file. */
#ifndef RH_PLUGINS_WORKER_GTP_MATCH_SPEC_JSON_H
#define RH_PLUGINS_WORKER_GTP_MATCH_SPEC_JSON_H

#include "match_spec.h"

#define SPEC_JSON_BYTES_MAX ((size_t)1024 * 1024)

/* text[0..len) plus a NUL behind it. Unknown and repeated keys, wrong types and text behind the
 * document are refused. An object "parameters", which candidates of a search carry, is ignored. On
 * failure false, message (SPEC_MESSAGE_BYTES) names field and rule, and the spec is half-built:
 * spec_release it. Does not call spec_finish. Keeps no pointer. */
bool spec_from_json(struct match_spec *spec, const char *text, size_t len, char *message);

#endif
