/* Runs one job until its process tree is empty; reading spec and writing record are not here. */
#ifndef RH_HOST_EXEC_RUN_H
#define RH_HOST_EXEC_RUN_H

#include "host/exec/record.h"
#include "host/exec/spec.h"

#define EXEC_RUN_KILL_ROUND_MS   20    /* between two rounds of SIGKILL: what forked meanwhile */
#define EXEC_RUN_KILL_GIVE_UP_MS 30000 /* a process in the kernel's hands may never die */

/* Block the signals exec_run watches, ignore SIGPIPE and SIGHUP. Call first of all: a SIGTERM that
 * arrives later, even before the job, cancels the job. */
void exec_run_prepare(void);

/* Run the job in the open job folder and fill *rec. The caller is single-threaded, has called
 * exec_run_prepare, is a child subreaper and has no other children. On return no descendant is
 * left; should some survive EXEC_RUN_KILL_GIVE_UP_MS of SIGKILL, the message says how many. */
void exec_run(const struct exec_spec *spec, int dir_fd, struct exec_record *rec);

#endif
