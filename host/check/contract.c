/* Runs the rules of the contract, each in a process of its own; see contract.h. */
#include "host/check/contract.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/check/contract_rules.h"
#include "host/sim/sim.h"

#define LAST_WORDS_MAX 200u /* bytes of stderr that are told */

struct rule {
    const char *name;
    bool (*judge)(const struct trial_plugin *plugin);
    const char *after; /* judged only when this one has not failed: else it would fail likewise */
};

static const struct rule rules[] = {
    {"load", rule_load, NULL},
    {"start_stop", rule_start_stop, "load"},
    {"idle", rule_idle, "start_stop"},
    {"requests", rule_requests, "start_stop"},
    {"garbage", rule_garbage, "requests"},
    {"instances", rule_instances, "garbage"},
    {"restart", rule_restart, "requests"},
    {"crash", rule_crash, "restart"},
    {"in_flight", rule_in_flight, "restart"},
    {"reactivate", rule_reactivate, "restart"},
};
#define RULE_COUNT (sizeof rules / sizeof rules[0])

/* What the judging process hangs from. */
struct court {
    const struct contract_options *options;
    struct trial_note *note; /* shared */
    int words_fd;            /* its stderr */
};

/* In the child: load, judge, leave without running anything on the way out. */
static void judge(const struct court *court, const struct rule *rule)
{
    struct trial_plugin plugin = {.note = court->note};
    const struct rlimit none = {0, 0};
    char why[CHECK_DETAIL_MAX];

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);     /* without it an orphan ends by itself, later */
    (void)setrlimit(RLIMIT_CORE, &none);        /* a core file is a nuisance, no more */
    (void)dup2(court->words_fd, STDERR_FILENO); /* else its words go to the screen */
    if (trial_plugin_load(court->options, &plugin, why) != RH_OK) {
        court->note->verdict = CHECK_FAIL;
        memcpy(court->note->detail, why, sizeof why);
    } else {
        (void)rule->judge(&plugin); /* the note has the verdict */
    }
    court->note->is_done = true;
    _exit(0);
}

/* The last line that it wrote on stderr, such as a failed assertion. */
static void last_words(int fd, char *out)
{
    char text[4096];
    off_t end = lseek(fd, 0, SEEK_END);
    off_t from = end > (off_t)sizeof text ? end - (off_t)sizeof text : 0;
    ssize_t n = pread(fd, text, sizeof text, from);
    ssize_t begin;

    out[0] = '\0';
    while (n > 0 && text[n - 1] == '\n')
        n--;
    if (n <= 0)
        return;
    begin = n;
    while (begin > 0 && text[begin - 1] != '\n')
        begin--;
    (void)snprintf(out, LAST_WORDS_MAX, ": %.*s", (int)(n - begin), text + begin); /* cut */
}

/* The child holds the pipe's only writing end: it hangs up when the child ends. True: in time. */
static bool await_end(int fd, int64_t deadline_ms)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    int rc;

    do
        rc = poll(&one, 1, (int)deadline_ms);
    while (rc < 0 && errno == EINTR);
    return rc != 0;
}

static void tell(const struct court *court, const char *name, int status, bool is_late,
                 struct check_report *report)
{
    const struct trial_note *note = court->note;
    char words[LAST_WORDS_MAX];

    if (is_late)
        check_add(report, name, CHECK_FAIL, "not done in %" PRId64 " s of real time, while %s",
                  court->options->deadline_ms / 1000, note->doing);
    else if (note->is_done)
        check_add(report, name, note->verdict, "%s", note->detail);
    else if (note->verdict == CHECK_FAIL)
        check_add(report, name, CHECK_FAIL, "%s", note->detail);
    else {
        last_words(court->words_fd, words);
        if (WIFSIGNALED(status))
            check_add(report, name, CHECK_FAIL, "%s while %s%s", strsignal(WTERMSIG(status)),
                      note->doing, words);
        else
            check_add(report, name, CHECK_FAIL, "it ended the process, while %s%s", note->doing,
                      words);
    }
}

/* One rule in a process. Whether it passed. */
static bool hold(struct court *court, const struct rule *rule, struct check_report *report)
{
    const char *name = rule->name;
    int ends[2] = {-1, -1};
    int status = 0;
    bool is_late;
    pid_t pid;

    memset(court->note, 0, sizeof *court->note);
    (void)snprintf(court->note->doing, TRIAL_DOING_MAX, "loading");
    if (ftruncate(court->words_fd, 0) != 0 || pipe(ends) != 0) {
        check_add(report, name, CHECK_FAIL, "no process to run it in: %s", strerror(errno));
        return false;
    }
    (void)fflush(stdout); /* what waits there is not for the child */
    pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        judge(court, rule);
    }
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        check_add(report, name, CHECK_FAIL, "no process to run it in: %s", strerror(errno));
        return false;
    }
    is_late = !await_end(ends[0], court->options->deadline_ms);
    if (is_late)
        (void)kill(pid, SIGKILL);
    (void)close(ends[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    tell(court, name, status, is_late, report);
    return report->lines[report->count - 1].verdict != CHECK_FAIL;
}

static size_t index_of(const char *name)
{
    size_t i = 0;

    while (strcmp(rules[i].name, name) != 0)
        i++;
    return i;
}

void contract_run(const struct contract_options *options, struct check_report *report)
{
    struct court court = {.options = options, .note = MAP_FAILED, .words_fd = -1};
    bool is_fine[RULE_COUNT];

    assert(options->path || options->entry);
    court.note =
        mmap(NULL, sizeof *court.note, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    court.words_fd = memfd_create("words", MFD_CLOEXEC);
    if (court.note == MAP_FAILED || court.words_fd < 0) {
        check_add(report, "load", CHECK_FAIL, "nothing to run it in: %s", strerror(errno));
        goto out;
    }
    for (size_t i = 0; i < RULE_COUNT; i++) {
        is_fine[i] = !rules[i].after || is_fine[index_of(rules[i].after)];
        if (is_fine[i])
            is_fine[i] = hold(&court, &rules[i], report);
        else
            check_add(report, rules[i].name, CHECK_NOT_APPLICABLE, "not judged: see %s",
                      rules[i].after);
    }
out:
    if (court.words_fd >= 0)
        (void)close(court.words_fd); /* nothing in it is wanted any more */
    if (court.note != MAP_FAILED)
        (void)munmap(court.note, sizeof *court.note); /* likewise */
}
