/* ringhost-check FILE: is this plugin file fit to be loaded? Reads the file, prints the verdicts;
 * the rules are in check.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>

#include "host/check/check.h"
#include "host/check/read_file.h"

#define EXIT_REFUSED 1
#define EXIT_USAGE   2

static int print_report(const struct check_report *report)
{
    static const char *const words[] = {
        [CHECK_OK] = "ok", [CHECK_FAIL] = "FAIL", [CHECK_NOT_APPLICABLE] = "n/a"};
    uint32_t failed = check_count(report, CHECK_FAIL);

    for (uint32_t i = 0; i < report->count; i++)
        (void)printf("%-4s %s: %s\n", words[report->lines[i].verdict], report->lines[i].rule,
                     report->lines[i].detail);
    (void)printf("%" PRIu32 " passed, %" PRIu32 " failed\n", check_count(report, CHECK_OK), failed);
    if (fflush(stdout) != 0) {
        (void)fprintf(stderr, "ringhost-check: the output could not be written\n");
        return EXIT_REFUSED;
    }
    return failed == 0 ? EXIT_SUCCESS : EXIT_REFUSED;
}

static int check_path(const char *path)
{
    struct check_report report = {.count = 0};
    char why[CHECK_DETAIL_MAX];
    void *bytes = NULL;
    size_t size = 0;

    if (read_file(path, CHECK_FILE_BYTES_MAX, &bytes, &size, why, sizeof why) == RH_OK)
        check_static(bytes, size, &report);
    else
        check_add(&report, "file", CHECK_FAIL, "%s", why);
    free(bytes);
    return print_report(&report);
}

int main(int argc, char **argv)
{
    static const char usage[] = "usage: ringhost-check FILE\n"
                                "       ringhost-check --help | --version\n";

    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        (void)fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        (void)puts("ringhost-check " RINGHOST_VERSION);
        return EXIT_SUCCESS;
    }
    if (argc != 2 || (argv[1][0] == '-' && argv[1][1] == '-')) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    return check_path(argv[1]);
}
