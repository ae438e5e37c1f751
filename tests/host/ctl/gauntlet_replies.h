/* Replies of GET /gauntlet/results for tests. */
#ifndef RH_TESTS_HOST_CTL_GAUNTLET_REPLIES_H
#define RH_TESTS_HOST_CTL_GAUNTLET_REPLIES_H

#define GAUNTLET_HEAD(state) \
    "{\"gauntlet_id\":\"g1\",\"state\":\"" state "\",\"type\":\"quick\",\"model\":\"A\","
#define GAUNTLET_ROW(name, counts) "{\"baseline\":\"" name "\"," counts "}"
#define GAUNTLET_NODES                                                               \
    "\"nodes\":[{\"node_id\":\"n1\",\"games\":7},{\"node_id\":\"n2\",\"games\":7},{" \
    "\"node_id\":\"n3\",\"games\":6}]"

#define GAUNTLET_14_6                                                                \
    "\"games\":20,\"played\":20,\"pending\":0,\"wins\":14,\"losses\":6,\"draws\":0," \
    "\"errors\":0,\"win_rate\":0.7"
#define GAUNTLET_INTERVAL                                                               \
    ",\"wilson_low\":0.48102,\"wilson_high\":0.85452,\"elo\":147.19,\"elo_error\":170," \
    "\"verdict\":\"undecided\",\"reason\":\"interval_contains_half\""

/* 20 games, all there, none an error. */
#define GAUNTLET_GOOD                                                  \
    GAUNTLET_HEAD("completed")                                         \
    "\"verdict\":\"undecided\",\"reason\":\"interval_contains_half\"," \
    "\"baselines\":[" GAUNTLET_ROW(                                    \
        "B", GAUNTLET_14_6 GAUNTLET_INTERVAL) "],"                     \
                                              "\"total\":{" GAUNTLET_14_6 "}," GAUNTLET_NODES "}"

/* 2 of 20 games. */
#define GAUNTLET_HALF                                                                         \
    GAUNTLET_HEAD("running")                                                                  \
    "\"baselines\":[{\"baseline\":\"B\",\"games\":20,\"played\":2,\"wins\":1,\"losses\":1}]," \
    "\"total\":{\"games\":20,\"played\":2,\"wins\":1,\"losses\":1,\"draws\":0,\"errors\":0}," \
    "\"nodes\":[{\"node_id\":\"n1\",\"games\":2}]}"

/* A sequential test that was decided after 40 of 100 games; one node is odd. */
#define GAUNTLET_TESTED                                                                          \
    GAUNTLET_HEAD("completed")                                                                   \
    "\"baselines\":[{\"baseline\":\"B\",\"games\":100,\"played\":40,\"skipped\":60,\"wins\":30," \
    "\"losses\":10,\"draws\":0,\"errors\":0,\"win_rate\":0.75,\"wilson_low\":0.598,"             \
    "\"wilson_high\":0.858,\"sprt\":{\"state\":\"h1\",\"llr\":2.951,\"lower\":-2.944,"           \
    "\"upper\":2.944}}],\"total\":{\"games\":100,\"played\":40,\"skipped\":60,\"wins\":30,"      \
    "\"losses\":10,\"draws\":0,\"errors\":0,\"win_rate\":0.75},\"nodes\":[{\"node_id\":\"n1\","  \
    "\"games\":40,\"outlier\":true}]}"

/* All played, one an error. */
#define GAUNTLET_ERROR                                                                      \
    GAUNTLET_HEAD("completed")                                                              \
    "\"baselines\":[{\"baseline\":\"B\",\"games\":2,\"played\":2,\"wins\":1,\"losses\":0,"  \
    "\"draws\":0,\"errors\":1,\"win_rate\":1,\"wilson_low\":0.2065,\"wilson_high\":1}],"    \
    "\"total\":{\"games\":2,\"played\":2,\"wins\":1,\"losses\":0,\"draws\":0,\"errors\":1," \
    "\"win_rate\":1},\"nodes\":[{\"node_id\":\"n1\",\"games\":2}]}"

#endif
