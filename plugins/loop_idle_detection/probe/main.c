/* The program ringhost-probe: what the GPUs and processors of this machine do, as one JSON object.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ringhost/sdk/str.h>

#include "cpu.h"
#include "nvml.h"
#include "report.h"
#include "smi.h"

#define TEXT_MAX    (256u * 1024u)
#define REPORT_MAX  (256u * 1024u)
#define EXIT_USAGE  64
#define EXIT_OUTPUT 74

struct options {
    const char *library;
    const char *smi;
    const char *proc;
    int64_t sample_ms;
    int64_t smi_timeout_ms;
};

static const char usage[] =
    "usage: ringhost-probe [OPTION]...\n"
    "Prints what the GPUs and processors of this machine do, as one JSON object.\n\n"
    "  --nvml FILE        NVIDIA's management library; libnvidia-ml.so.1\n"
    "  --nvidia-smi FILE  asked where the library does not tell; nvidia-smi\n"
    "  --smi-timeout-ms N it is killed after that; 3000\n"
    "  --sample-ms N      over how long processors are watched; 250\n"
    "  --proc DIR         /proc\n"
    "  --help, --version\n";

/* The whole file into text; its size, or 0. */
static size_t read_file(const char *folder, const char *name, char *text)
{
    char path[4096];
    const int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
    size_t size = 0;
    ssize_t got;
    int fd;

    if (n < 0 || (size_t)n >= sizeof(path))
        return 0;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    while (size < TEXT_MAX &&
           ((got = read(fd, text + size, TEXT_MAX - size)) > 0 || (got < 0 && errno == EINTR)))
        size += got > 0 ? (size_t)got : 0;
    (void)close(fd);
    return size;
}

/* Two looks at the counters with the other questions between them, and at least sample_ms. */
static int32_t look_at_cpu(const struct options *options, char *text, struct cpu_times *out)
{
    const size_t size = read_file(options->proc, "stat", text);

    return cpu_parse_stat(text, size, out);
}

static const char *look_at_gpus(const struct options *options, struct gpus *gpus)
{
    struct gpus by_library;

    nvml_read(options->library, gpus);
    if (gpus->state == GPUS_SOME)
        return "nvml";
    by_library = *gpus;
    smi_read(options->smi, (int)options->smi_timeout_ms, gpus);
    if (gpus->state == GPUS_SOME)
        return "nvidia-smi";
    /* Both say that there is none, or one of them is there and does not tell. */
    if (by_library.state == GPUS_UNKNOWN || gpus->state == GPUS_NONE)
        *gpus = by_library;
    return "none";
}

static int parse(int argc, char **argv, struct options *options)
{
    static const struct option table[] = {{"nvml", required_argument, NULL, 'n'},
                                          {"nvidia-smi", required_argument, NULL, 's'},
                                          {"proc", required_argument, NULL, 'p'},
                                          {"sample-ms", required_argument, NULL, 'm'},
                                          {"smi-timeout-ms", required_argument, NULL, 't'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'v'},
                                          {NULL, 0, NULL, 0}};
    int choice;

    while ((choice = getopt_long(argc, argv, "", table, NULL)) != -1) {
        int64_t *number = choice == 'm' ? &options->sample_ms : &options->smi_timeout_ms;

        if (choice == 'h' || choice == 'v') {
            (void)fputs(choice == 'h' ? usage : "ringhost-probe " RINGHOST_VERSION "\n", stdout);
            exit(EXIT_SUCCESS);
        } else if (choice == 'n') {
            options->library = optarg;
        } else if (choice == 's') {
            options->smi = optarg;
        } else if (choice == 'p') {
            options->proc = optarg;
        } else if (choice == '?' || rh_parse_i64(rh_str_from(optarg), number) != RH_OK ||
                   *number < 1 || *number > 60000) {
            (void)fputs(usage, stderr);
            return EXIT_USAGE;
        }
    }
    if (optind < argc)
        (void)fputs(usage, stderr);
    return optind < argc ? EXIT_USAGE : EXIT_SUCCESS;
}

static int print(const struct report *report)
{
    struct rh_buf buf;
    bool is_written;

    rh_buf_init(&buf, REPORT_MAX);
    report_write(report, &buf);
    is_written = buf.rc == RH_OK && fwrite(buf.p, 1, buf.n, stdout) == buf.n && fflush(stdout) == 0;
    rh_buf_release(&buf);
    return is_written ? EXIT_SUCCESS : EXIT_OUTPUT;
}

int main(int argc, char **argv)
{
    struct options options = {.library = "libnvidia-ml.so.1",
                              .smi = "nvidia-smi",
                              .proc = "/proc",
                              .sample_ms = 250,
                              .smi_timeout_ms = 3000};
    struct cpu_times before = {0, 0, 0};
    struct cpu_times after = {0, 0, 0};
    struct gpus gpus;
    struct report report = {.gpus = &gpus, .cpu_percent = -1, .pressure_percent = -1};
    char *text = NULL;
    int rc = parse(argc, argv, &options);
    int32_t has_before;

    if (rc != EXIT_SUCCESS)
        return rc;
    text = malloc(TEXT_MAX);
    if (!text)
        return EXIT_OUTPUT;
    has_before = look_at_cpu(&options, text, &before);
    report.source = look_at_gpus(&options, &gpus);
    (void)poll(NULL, 0, (int)options.sample_ms); /* a signal only makes the sample shorter */
    if (has_before == RH_OK && look_at_cpu(&options, text, &after) == RH_OK) {
        report.cpu_percent = cpu_percent(&before, &after);
        report.cpu_count = after.count;
    }
    if (cpu_parse_pressure(text, read_file(options.proc, "pressure/cpu", text),
                           &report.pressure_percent) != RH_OK)
        report.pressure_percent = -1;
    free(text);
    return print(&report);
}
