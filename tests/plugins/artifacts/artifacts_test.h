/* The plugin on simulated nodes, one or three that know each other, and short ways to talk to it.
 */
#ifndef RH_TESTS_PLUGINS_ARTIFACTS_ARTIFACTS_TEST_H
#define RH_TESTS_PLUGINS_ARTIFACTS_ARTIFACTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/sha256.h>
#include <ringhost/sdk/str.h>
#include <ringhost/testhost.h>

#define NODES_MAX 3u
#define CONFIG    "{\"bytes_max\":\"1000\",\"files_max\":8,\"fetch_wait\":\"20s\"}"

const struct rh_plugin *rh_plugin_entry_v1_artifacts(void);
const struct rh_plugin *rh_plugin_entry_v1_swim(void);
const struct rh_plugin *rh_plugin_entry_v1_election(void);

static const char *const names[] = {"a", "b", "c"};

struct rig {
    struct rh_testnet *net;
    struct rh_testhost *hosts[NODES_MAX];
    uint32_t count;
};

static inline bool is_ready(void *host)
{
    return rh_testhost_is_ready(host);
}

static inline int setup_nodes(void **state, uint32_t count)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    const struct rh_testhost_plugin plugins[] = {{rh_plugin_entry_v1_artifacts(), CONFIG},
                                                 {rh_plugin_entry_v1_swim(), NULL},
                                                 {rh_plugin_entry_v1_election(), NULL}};
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(rig);
    rig->net = rh_testnet_new(7, INT64_C(1700000000000));
    rig->count = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct rh_testhost_setup node = {.node_id = names[i],
                                               .plugins = plugins,
                                               .plugin_count = count > 1 ? 3 : 1,
                                               .voters = names,
                                               .voter_count = count > 1 ? count : 0,
                                               .seeds = names,
                                               .seed_count = count > 1 ? count : 0,
                                               .cluster_id = "test"};

        if (rh_testhost_new(rig->net, &node, &rig->hosts[i], why) != RH_OK)
            fail_msg("%s does not start: %s", names[i], why);
    }
    for (uint32_t i = 0; i < count; i++)
        assert_true(rh_testnet_run_until(rig->net, is_ready, rig->hosts[i], 30000));
    if (count > 1)
        rh_testnet_run(rig->net, 20000);
    *state = rig;
    return 0;
}

static inline int setup_one(void **state)
{
    return setup_nodes(state, 1);
}

static inline int setup_three(void **state)
{
    return setup_nodes(state, 3);
}

static inline int teardown(void **state)
{
    struct rig *rig = *state;
    uint64_t errors = 0;
    const char *last = "";

    for (uint32_t i = 0; i < rig->count; i++)
        errors += rh_testhost_errors(rig->hosts[i], &last);
    rh_testnet_free(rig->net);
    free(rig);
    assert_int_equal(errors, 0);
    return 0;
}

static inline const char *hex_of(const char *text)
{
    static char digits[RH_SHA256_HEX];
    unsigned char digest[RH_SHA256_SIZE];
    struct rh_sha256 hash;

    rh_sha256_init(&hash);
    rh_sha256_update(&hash, text, strlen(text));
    rh_sha256_final(&hash, digest);
    rh_sha256_hex(digits, digest);
    return digits;
}

static inline uint32_t put(struct rh_testhost *host, const char *whole, size_t offset, size_t n,
                           struct rh_testhost_reply *reply)
{
    char target[256];
    char piece[2048];

    (void)snprintf(target, sizeof(target), "/artifacts/data?sha256=%s&size=%zu&offset=%zu",
                   hex_of(whole), strlen(whole), offset);
    (void)snprintf(piece, sizeof(piece), "%.*s", (int)n, whole + offset);
    return rh_testhost_request(host, "PUT", target, piece, reply);
}

static inline uint32_t ask(struct rh_testhost *host, const char *method, const char *route,
                           const char *whole, const char *more, struct rh_testhost_reply *reply)
{
    char target[256];

    (void)snprintf(target, sizeof(target), "%s?sha256=%s%s", route, hex_of(whole), more);
    return rh_testhost_request(host, method, target, NULL, reply);
}

static inline void put_whole(struct rh_testhost *host, const char *whole)
{
    struct rh_testhost_reply reply;

    assert_int_equal(put(host, whole, 0, strlen(whole), &reply), 201);
}

static inline void expect(struct rh_testhost *host, const char *whole)
{
    struct rh_testhost_reply reply;

    assert_int_equal(ask(host, "GET", "/artifacts/data", whole, "", &reply), 200);
    assert_string_equal(reply.body, whole);
    assert_string_equal(reply.content_type, "application/octet-stream");
}

/* Other bytes in the file that a node holds. */
static inline void damage(struct rh_testhost *host, const char *whole, const char *with)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "files/artifacts/%s", hex_of(whole));
    assert_int_equal(rh_testhost_file(host, path, with), RH_OK);
}

#endif
