/* Everything one call of ringhost-sim does: its suites one after the other, and what is printed. */
#ifndef RH_HOST_SIM_RUN_SESSION_H
#define RH_HOST_SIM_RUN_SESSION_H

#include "host/sim/run/options.h"

/* program: path of this executable; argv: of this process. Returns the exit status: 0, 1 (something
 * did not hold) or 2 (a suite cannot be run). */
int session_run(const struct options *options, const char *program, char *const *argv);

#endif
