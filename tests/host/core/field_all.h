/* A field table with every type, for tests and fuzzers. */
#ifndef RH_TESTS_HOST_CORE_FIELD_ALL_H
#define RH_TESTS_HOST_CORE_FIELD_ALL_H

#include <ringhost/fields.h>

struct gpu {
    struct rh_str name;
    int64_t count;
    int32_t shared;
};

struct host {
    struct rh_str id;
    int64_t cpus;
    struct rh_str role;
};

struct all {
    struct rh_str node_id;
    struct rh_str kind;
    int64_t max_items;
    uint64_t seed;
    double ratio;
    int32_t steal;
    int64_t wait;
    int64_t space;
    struct rh_str blob;
    struct rh_str_list boards;
    struct rh_pair_list labels;
    struct rh_named_list_list affinity;
    struct gpu gpu;
    struct rh_list gpus;
    struct rh_list hosts;
    struct rh_str payload;
    struct rh_str result;
    uint8_t max_items_given;
    uint8_t gpu_given;
};

static const struct rh_field gpu_fields[] = {
    RH_STR(struct gpu, name, 0, "model of the card"),
    RH_INT(struct gpu, count, 1, 0, 16, "how many cards"),
    RH_BOOL(struct gpu, shared, false, "whether others use it too"),
};

static const struct rh_field host_fields[] = {
    RH_INT(struct host, cpus, 1, 1, 1024, "logical processors"),
    RH_CHOICE(struct host, role, 0, "worker", "coordinator worker", "what it does"),
};

static const struct rh_field all_fields[] = {
    RH_STR(struct all, node_id, RH_REQUIRED, "who claims"),
    RH_CHOICE(struct all, kind, 0, "quick", "quick standard thorough", "how long"),
    RH_FIELD_ROW_(struct all, max_items, RH_FIELD_INT, .fallback = "1", .min = 1, .max = 64,
                  .given_offset = 1 + (uint32_t)offsetof(struct all, max_items_given),
                  .doc = "how many at most"),
    RH_UINT64(struct all, seed, 0, "random seed"),
    RH_NUMBER(struct all, ratio, 0.5, 0, 1, "share"),
    RH_BOOL(struct all, steal, true, "may take from others | or not"),
    RH_DURATION(struct all, wait, "15s", 100, 600000, "how long to wait"),
    RH_SIZE(struct all, space, "64KiB", 1, 1 << 30, "disk space"),
    RH_BYTES(struct all, blob, 0, 8, "some bytes"),
    RH_STR_LIST(struct all, boards, 0, "boards preferred"),
    RH_MAP(struct all, labels, 0, "labels"),
    RH_LIST_MAP(struct all, affinity, 0, "boards by card"),
    RH_FIELD_ROW_(struct all, gpu, RH_FIELD_OBJECT, RH_SUB_(struct gpu, gpu_fields),
                  .given_offset = 1 + (uint32_t)offsetof(struct all, gpu_given), .doc = "the card"),
    RH_OBJECT_LIST(struct all, gpus, 0, 4, struct gpu, gpu_fields, "more cards"),
    RH_OBJECT_MAP(struct all, hosts, 0, 3, struct host, host_fields, "machines"),
    RH_RAW(struct all, payload, 0, "anything"),
    RH_RAW_OBJECT(struct all, result, 0, "any object"),
};

static const struct rh_fields all_table = RH_FIELDS(struct all, all_fields);

#endif
