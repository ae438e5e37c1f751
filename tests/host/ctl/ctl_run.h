/* One run of ringctl inside the test, with what it printed. */
#ifndef RH_TESTS_HOST_CTL_CTL_RUN_H
#define RH_TESTS_HOST_CTL_CTL_RUN_H

#include "fake_node.h"
#include "host/ctl/ctl.h"

struct ctl_run {
    const char *addr;  /* like $RINGHOST_ADDR */
    const char *token; /* like $RINGHOST_TOKEN */
    const char *input; /* standard input; NULL = empty */
    bool is_tty;
    char *out;
    char *err;
    int code;
};

/* Runs the words, parted by single blanks. Fills out, err and code;
 * ctl_run_release frees them. */
void ctl_run(struct ctl_run *run, const char *words);
/* The same with the words as an array that ends with NULL. */
void ctl_run_argv(struct ctl_run *run, const char *const *words);
/* The same against a node with this script, which has stopped when it returns; to be freed. */
struct fake_node *ctl_run_with(const struct fake_step *steps, uint32_t step_count,
                               struct ctl_run *run, const char *words);
void ctl_run_release(struct ctl_run *run);

#endif
