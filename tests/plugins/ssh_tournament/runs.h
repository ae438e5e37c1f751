/* Runs for the tests of their core and records. */
#ifndef RH_TESTS_PLUGINS_SSH_TOURNAMENT_RUNS_H
#define RH_TESTS_PLUGINS_SSH_TOURNAMENT_RUNS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "plugins/ssh_tournament/record.h"

#define RUNS_HOSTS 2u

static const struct rh_str runs_words[] = {RH_STR_INIT("play"), RH_STR_INIT("{match}"),
                                           RH_STR_INIT("")};
static const struct target runs_hosts[RUNS_HOSTS] = {
    {.name = RH_STR_INIT("one"), .host = RH_STR_INIT("10.0.0.1"), .port = 2222},
    {.name = RH_STR_INIT("two"), .user = RH_STR_INIT("u"), .host = RH_STR_INIT("h2")}};
static const struct match_spec runs_matches[] = {
    {.id = RH_STR_INIT("m0"),
     .players = {RH_STR_INIT("a"), RH_STR_INIT("b")},
     .board_type = RH_STR_INIT("hex8"),
     .args = {runs_words, 2, 0}},
    {.id = RH_STR_INIT("m1")},
    {.id = RH_STR_INIT("m2"), .args = {runs_words, 3, 0}}};

/* Three matches on two hosts, two retries; a test changes what it is about. */
static inline struct run_spec runs_spec(void)
{
    return (struct run_spec){.id = RH_STR_LIT("n1-ssh-0000000001-abcd"),
                             .number = 1,
                             .label = RH_STR_LIT("a label"),
                             .command = {runs_words, 2, 0},
                             .hosts = runs_hosts,
                             .matches = runs_matches,
                             .host_count = RUNS_HOSTS,
                             .match_count = 3,
                             .per_host = 4,
                             .retries = 2,
                             .timeout_s = 60,
                             .created_at_ms = 1700000000000,
                             .halt_fail = 1};
}

static inline struct run *runs_new(const struct run_spec *spec)
{
    struct run *run = NULL;
    struct rh_buf buf;

    rh_buf_init(&buf, RECORD_SPEC_MAX);
    record_spec(spec, &buf);
    assert_int_equal(record_run_new(rh_buf_str(&buf), &run), RH_OK);
    rh_buf_release(&buf);
    return run;
}

#endif
