/* The command line: turns argv into a match, or into the wish for help; it reads no file. */
#ifndef RH_PLUGINS_WORKER_GTP_MATCH_OPTIONS_H
#define RH_PLUGINS_WORKER_GTP_MATCH_OPTIONS_H

#include <ringhost/sdk/buf.h>

#include "match_spec.h"

enum options_mode {
    OPTIONS_RUN,  /* spec is filled, spec_finish not yet called */
    OPTIONS_SPEC, /* read the match from *spec_path, "-" for stdin */
    OPTIONS_HELP,
    OPTIONS_VERSION,
    OPTIONS_WRONG /* message says what */
};

/* argv as main gets it, borrowed; *spec_path points into it. spec comes from spec_init.
 * message holds SPEC_MESSAGE_BYTES. */
enum options_mode options_parse(int argc, char *const *argv, struct match_spec *spec,
                                const char **spec_path, char *message);

/* The text of --help onto out. */
void options_help(struct rh_buf *out);

#endif
