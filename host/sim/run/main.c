/* ringhost-sim: clusters in one process on virtual time; see options.c for its use. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/sim/run/options.h"
#include "host/sim/run/session.h"

#define EXIT_USAGE 2

int main(int argc, char **argv)
{
    struct options options;
    char why[OPTIONS_WHY_MAX];
    char program[2048];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);

    if (!options_parse(argc, argv, &options, why)) {
        (void)fprintf(stderr, "ringhost-sim: %s\n%s", why, options_help);
        return EXIT_USAGE;
    }
    if (options.help) {
        (void)fputs(options_help, stdout);
        return EXIT_SUCCESS;
    }
    if (options.version) {
        (void)puts("ringhost-sim " RINGHOST_VERSION);
        return EXIT_SUCCESS;
    }
    program[n > 0 ? n : 0] = '\0';
    return session_run(&options, program, argv);
}
