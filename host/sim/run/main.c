/* ringhost-sim: clusters in one process on virtual time; see options.c for its use. */
#include <malloc.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/sim/run/options.h"
#include "host/sim/run/session.h"

#define EXIT_USAGE      2
#define KEPT_BYTES      (256 * 1024 * 1024) /* of freed memory, rather than giving it back */
#define LOOKASIDE_BYTES 1024
#define LOOKASIDE_SLOTS 256

/* All happens on one thread, and thousands of databases are opened: spare SQLite its locks and its
 * counting, give its parser memory of its own, and keep what was freed. Only speed depends on it.
 */
static void tune(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)sqlite3_config(SQLITE_CONFIG_LOOKASIDE, LOOKASIDE_BYTES, LOOKASIDE_SLOTS);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    (void)mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
}

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
    tune();
    return session_run(&options, program, argv);
}
