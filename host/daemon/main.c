/* The program ringhost: reads its command line and does what it says. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/daemon/body.h"
#include "host/daemon/references.h"
#include "host/daemon/run.h"

#define EXIT_USAGE 64
#define SAID_MAX   (16u * 1024u * 1024u)

/* Execute the program again, with its listening socket. Returns only on failure. */
static void run_again(int socket_fd, const char *program, char *const *argv)
{
    char number[16];

    if (socket_fd >= 0) {
        (void)snprintf(number, sizeof number, "%d", socket_fd); /* fits */
        (void)fcntl(socket_fd, F_SETFD, 0);                     /* ours and open */
        if (setenv("RINGHOST_LISTEN_FD", number, 1) != 0)
            return;
    }
    (void)execv(program, argv); /* returns only on failure */
    perror("ringhost: cannot execute itself again");
}

static int32_t act(const struct options *options, struct body *body, struct rh_buf *said,
                   int *socket_fd)
{
    struct rh_buf text;
    int32_t code = 0;

    if (options->mode == MODE_RUN)
        return run_node(body, options, said, socket_fd);
    rh_buf_init(&text, SAID_MAX);
    if (options->mode == MODE_ROUTES)
        code = references_routes(body, &text);
    else if (options->mode == MODE_DOCS)
        code = references_docs(body, options->docs, &text, said);
    else if (options->mode == MODE_EXPLAIN)
        (void)rh_buf_append_str(&text, rh_buf_str(&body->explained_text)); /* same limit */
    else
        (void)rh_buf_printf(&text, "configuration ok: %u plugins\n", body->plugin_count); /* fits */
    if (fwrite(text.p ? text.p : "", 1, text.n, stdout) != text.n || fflush(stdout) != 0)
        code = CORE_EXIT_INTERNAL;
    rh_buf_release(&text);
    return code;
}

int main(int argc, char **argv)
{
    struct options options;
    struct body *body;
    struct rh_buf said;
    char why[OPTIONS_WHY_MAX];
    int socket_fd = RUN_ENDED;
    int32_t code;

    if (options_parse(argc, argv, &options, why) != RH_OK) {
        (void)fprintf(stderr, "ringhost: %s\n%s", why, options_help);
        return EXIT_USAGE;
    }
    if (options.mode == MODE_HELP || options.mode == MODE_VERSION) {
        (void)printf("%s",
                     options.mode == MODE_HELP ? options_help : "ringhost " RINGHOST_VERSION "\n");
        return fflush(stdout) == 0 ? 0 : CORE_EXIT_INTERNAL;
    }
    body = calloc(1, sizeof *body);
    if (!body)
        return CORE_EXIT_INTERNAL;
    rh_buf_init(&said, SAID_MAX);
    code = body_load(body, &options, &said);
    if (said.n > 0)
        (void)fprintf(stderr, "%.*s", (int)said.n, said.p); /* nowhere else to say it */
    rh_buf_reset(&said);
    if (code == 0)
        code = act(&options, body, &said, &socket_fd);
    if (said.n > 0)
        (void)fprintf(stderr, "ringhost: %.*s\n", (int)said.n, said.p); /* likewise */
    rh_buf_release(&said);
    body_release(body);
    if (code == 0 && socket_fd != RUN_ENDED)
        run_again(socket_fd, body->program, argv);
    free(body);
    return code;
}
