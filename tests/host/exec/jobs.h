/* Makes job folders, starts the real ringhost-exec on them and waits with deadlines; for tests
 * only. */
#ifndef RH_TESTS_HOST_EXEC_JOBS_H
#define RH_TESTS_HOST_EXEC_JOBS_H

#include <stddef.h>
#include <sys/types.h>

#include "host/exec/record.h"
#include "host/exec/spec.h"

#define JOBS_DEADLINE_MS 30000

struct job {
    char path[64];
    int dir_fd;
    pid_t pid;             /* of ringhost-exec, a child of the caller; 0 = not running */
    struct exec_spec spec; /* to be completed between job_init and job_start */
};

/* Every function fails the running test when the system refuses. */

/* A fresh folder and a spec with PATH as only environment. The caller becomes a subreaper, so
 * that whatever ringhost-exec might lose is found by jobs_assert_no_child. */
void job_init(struct job *job);

/* As job_init, for sh -c script; borrows script. */
void job_init_shell(struct job *job, const char *script);

/* Write the spec. */
void job_write_spec(struct job *job);

/* Start ringhost-exec on the folder as it is. */
void job_launch(struct job *job);

/* Wait for the child pid; its exit status, or 128 + signal. */
int jobs_wait_pid(pid_t pid);

/* job_write_spec, job_launch, wait; ringhost-exec's exit status must be 0; read the record. */
void job_run(struct job *job, struct exec_record *rec);

/* Wait for ringhost-exec, whose status must be 0, and read the record. */
void job_finish(struct job *job, struct exec_record *rec);

/* Wait until the file name in the folder contains text. */
void job_await(struct job *job, const char *name, const char *text);

/* The file's bytes, NUL-terminated; *len may be NULL. The caller frees. */
char *job_file(struct job *job, const char *name, size_t *len);

/* Standard output must be exactly text. */
void job_assert_stdout(struct job *job, const char *text);

/* Delete the folder. */
void job_release(struct job *job);

/* Nothing is left below this process, not even a zombie. */
void jobs_assert_no_child(void);

#endif
