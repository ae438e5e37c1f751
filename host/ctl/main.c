/* ringctl: hands the real world to ctl_main; nothing else. */
#include <stdlib.h>
#include <unistd.h>

#include "host/ctl/ctl.h"

#define POLL_MS  1000
#define RETRY_MS 250
#define IDLE_MS  45000 /* three of the node's keep-alives */
#define QUIET_MS 1000

int main(int argc, char **argv)
{
    const struct ctl_env env = {.in = stdin,
                                .out = stdout,
                                .err = stderr,
                                .in_is_tty = isatty(STDIN_FILENO) == 1,
                                .out_is_tty = isatty(STDOUT_FILENO) == 1,
                                .addr = getenv("RINGHOST_ADDR"),
                                .token = getenv("RINGHOST_TOKEN"),
                                .no_color = getenv("NO_COLOR"),
                                .version = RINGHOST_VERSION,
                                .poll_ms = POLL_MS,
                                .retry_ms = RETRY_MS,
                                .idle_ms = IDLE_MS,
                                .quiet_ms = QUIET_MS};

    return ctl_main(&env, argc, argv);
}
