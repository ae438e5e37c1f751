/* One run of ringctl: what every command shares. Asking, showing and failing are here; what each
 * command does is in cmd_*.c. */
#ifndef RH_HOST_CTL_CTL_H
#define RH_HOST_CTL_CTL_H

#include <stdio.h>

#include "host/ctl/args.h"
#include "host/ctl/client.h"

/* What ringctl exits with. */
enum ctl_exit {
    CTL_OK = 0,
    CTL_REFUSED = 1, /* the node said no, or what was asked about is not well */
    CTL_USAGE = 2,
    CTL_UNREACHABLE = 3, /* no node answered; or the connection was lost */
    CTL_TIMEOUT = 4
};

#define CTL_OUTPUT_MAX (256u * 1024u * 1024u)
#define CTL_INPUT_MAX  (16u * 1024u * 1024u)
#define CTL_WHY_MAX    (64u * 1024u)

/* The world that one run sees; all borrowed. */
struct ctl_env {
    FILE *in;
    FILE *out;
    FILE *err;
    bool in_is_tty;
    bool out_is_tty;
    const char *addr;     /* $RINGHOST_ADDR, or NULL */
    const char *token;    /* $RINGHOST_TOKEN, or NULL */
    const char *no_color; /* $NO_COLOR, or NULL */
    const char *version;
    int64_t poll_ms;  /* between two looks at a gauntlet */
    int64_t retry_ms; /* before the first new connection of an event stream */
    int64_t idle_ms;  /* an event stream that is silent for so long is lost */
    int64_t quiet_ms; /* an event stream that is silent for so long has shown all that is stored */
};

struct ctl {
    const struct ctl_env *env;
    const struct args *args;
    struct client client;
    int64_t timeout_ms; /* of one request */
    bool is_json;
    bool has_colour;
};

/* Everything: reads argv[1..argc), does it, prints. Returns the exit code. */
int ctl_main(const struct ctl_env *env, int argc, char *const *argv);

/* "ringctl: ..." and an end of line on standard error; returns code. */
int ctl_fail(const struct ctl *ctl, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What came back for a request. */
struct ctl_answer {
    struct http_reply reply;
    cJSON *json; /* of the body; NULL when it is not JSON */
    struct rh_buf why;
    int code; /* enum ctl_exit */
};

void ctl_answer_init(struct ctl_answer *answer);
void ctl_answer_release(struct ctl_answer *answer);

/* Sends a request and waits for the answer; prints nothing. Returns answer->code; unless it is
 * CTL_OK, answer->why has a sentence. */
int ctl_ask(struct ctl *ctl, const struct client_request *request, struct ctl_answer *answer);
/* The same for the request that a row of the command table describes. */
int ctl_ask_command(struct ctl *ctl, struct ctl_answer *answer);

/* Prints the answer: the reply itself with --json, else what render makes of it (NULL: "done");
 * what went wrong goes to standard error. Returns the exit code. */
int ctl_show(const struct ctl *ctl, const struct ctl_answer *answer, render_fn *render);

/* What render makes of a reply, to standard output; CTL_OK, or CTL_REFUSED with words. */
int ctl_print(const struct ctl *ctl, const cJSON *json, render_fn *render);

#endif
