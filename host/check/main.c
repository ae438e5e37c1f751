/* ringhost-check FILE: is this plugin file fit to be loaded? Reads the file, runs it in the test
 * host, prints the verdicts; the rules are in check.c and contract.c. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "host/check/check.h"
#include "host/check/contract.h"
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

/* What the command line asks for. */
struct request {
    struct contract_options contract;
    bool is_static; /* only the rules that read the file */
};

static int check_path(const struct request *request)
{
    struct check_report report = {.count = 0};
    char why[CHECK_DETAIL_MAX];
    void *bytes = NULL;
    size_t size = 0;

    if (read_file(request->contract.path, CHECK_FILE_BYTES_MAX, &bytes, &size, why, sizeof why) ==
        RH_OK)
        check_static(bytes, size, &report);
    else
        check_add(&report, "file", CHECK_FAIL, "%s", why);
    free(bytes);
    if (!request->is_static && check_count(&report, CHECK_FAIL) == 0) {
        if (check_count(&report, CHECK_NOT_APPLICABLE) == 0)
            contract_run(&request->contract, &report);
        else
            check_add(&report, "contract", CHECK_NOT_APPLICABLE,
                      "not applicable to a build with a sanitizer or coverage");
    }
    return print_report(&report);
}

/* False: the usage is wrong. */
static bool read_options(int argc, char **argv, struct request *out)
{
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        bool has_value = i + 1 < argc;

        if (strcmp(word, "--static") == 0)
            out->is_static = true;
        else if (strcmp(word, "--config") == 0 && has_value)
            out->contract.config_json = argv[++i];
        else if (strcmp(word, "--seed") == 0 && has_value &&
                 rh_parse_u64(rh_str_from(argv[i + 1]), &out->contract.seed) == RH_OK)
            i++;
        else if (word[0] == '-' || out->contract.path)
            return false;
        else
            out->contract.path = word;
    }
    return out->contract.path != NULL;
}

int main(int argc, char **argv)
{
    static const char usage[] = "usage: ringhost-check [--static] [--config JSON] [--seed N] FILE\n"
                                "       ringhost-check --help | --version\n";
    struct request request = {
        .contract = {.seed = CONTRACT_SEED_DEFAULT, .deadline_ms = CONTRACT_DEADLINE_MS}};

    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        (void)fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        (void)puts("ringhost-check " RINGHOST_VERSION);
        return EXIT_SUCCESS;
    }
    if (!read_options(argc, argv, &request)) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    return check_path(&request);
}
