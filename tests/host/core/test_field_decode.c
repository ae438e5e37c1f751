/* JSON becomes a struct exactly as its table says, or an error that names field and rule. */
#include "host/core/field_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/rng.h>
#include <ringhost/sdk/str.h>

#include "host/core/field_all.h"
#include "host/core/json_scan.h"

/* What each test decodes into. */
struct bench {
    struct field_arena arena;
    struct field_error error;
    struct all out;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));

    if (!b)
        return -1;
    field_arena_init(&b->arena, 1 << 20);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;

    field_arena_release(&b->arena);
    free(b);
    return 0;
}

static int32_t decode(struct bench *b, const char *json, uint32_t flags)
{
    field_arena_reset(&b->arena);
    memset(&b->error, 0, sizeof(b->error));
    return field_decode(&all_table, rh_str_from(json), flags, 0, &b->out, &b->arena, &b->error);
}

static void fills_every_type(void **state)
{
    struct bench *b = *state;
    const struct rh_str *boards;
    const struct gpu *gpus;
    const struct host *hosts;

    assert_int_equal(
        decode(b,
               "{\"node_id\":\"n\\u0031\",\"kind\":\"standard\",\"max_items\":64,"
               "\"seed\":\"18446744073709551615\",\"ratio\":0.25,\"steal\":false,\"wait\":\"2m\","
               "\"space\":\"1MiB\",\"blob\":\"Zm9v\",\"boards\":[\"hex8\",\"go9\"],"
               "\"labels\":{\"a\":\"1\",\"b\":\"\"},\"affinity\":{\"H100\":[\"hex8\"],\"A10\":[]},"
               "\"gpu\":{\"name\":\"H100\",\"count\":2,\"shared\":true},"
               "\"gpus\":[{\"name\":\"x\"},{}],\"hosts\":{\"n1\":{\"cpus\":4},\"n2\":{}},"
               "\"payload\":[1, {\"x\":null}],\"result\":{ \"score\" : 1 }}",
               FIELD_STRICT),
        RH_OK);

    assert_true(rh_str_eq_c(b->out.node_id, "n1"));
    assert_true(rh_str_eq_c(b->out.kind, "standard"));
    assert_int_equal(b->out.max_items, 64);
    assert_int_equal(b->out.max_items_given, 1);
    assert_true(b->out.seed == UINT64_MAX);
    assert_true(b->out.ratio == 0.25);
    assert_int_equal(b->out.steal, 0);
    assert_int_equal(b->out.wait, 120000);
    assert_int_equal(b->out.space, 1 << 20);
    assert_true(rh_str_eq_c(b->out.blob, "foo"));
    boards = b->out.boards.items;
    assert_int_equal(b->out.boards.count, 2);
    assert_true(rh_str_eq_c(boards[1], "go9"));
    assert_int_equal(b->out.labels.count, 2);
    assert_true(rh_str_eq_c(b->out.labels.items[0].key, "a"));
    assert_true(rh_str_eq_c(b->out.labels.items[0].value, "1"));
    assert_int_equal(b->out.affinity.count, 2);
    assert_true(rh_str_eq_c(b->out.affinity.items[0].values.items[0], "hex8"));
    assert_int_equal(b->out.affinity.items[1].values.count, 0);
    assert_int_equal(b->out.gpu.count, 2);
    assert_int_equal(b->out.gpu.shared, 1);
    assert_int_equal(b->out.gpu_given, 1);
    gpus = b->out.gpus.items;
    assert_int_equal(b->out.gpus.count, 2);
    assert_int_equal(b->out.gpus.stride, sizeof(struct gpu));
    assert_true(rh_str_eq_c(gpus[0].name, "x"));
    assert_int_equal(gpus[1].count, 1);
    hosts = b->out.hosts.items;
    assert_int_equal(b->out.hosts.count, 2);
    assert_true(rh_str_eq_c(hosts[0].id, "n1"));
    assert_int_equal(hosts[0].cpus, 4);
    assert_true(rh_str_eq_c(hosts[1].role, "worker"));
    assert_true(rh_str_eq_c(b->out.payload, "[1, {\"x\":null}]"));
    assert_true(rh_str_eq_c(b->out.result, "{ \"score\" : 1 }"));
}

static void assert_defaults(const struct all *out)
{
    assert_true(rh_str_eq_c(out->kind, "quick"));
    assert_int_equal(out->max_items, 1);
    assert_int_equal(out->max_items_given, 0);
    assert_true(out->ratio == 0.5);
    assert_int_equal(out->steal, 1);
    assert_int_equal(out->wait, 15000);
    assert_int_equal(out->space, 65536);
    assert_int_equal(out->gpu.count, 1);
    assert_int_equal(out->gpu_given, 0);
    assert_int_equal(out->boards.count, 0);
    assert_int_equal(out->payload.n, 0);
    assert_true(rh_str_eq_c(out->result, "{}"));
}

static void absent_fields_get_their_defaults(void **state)
{
    struct bench *b = *state;

    assert_int_equal(decode(b, "{\"node_id\":\"n1\"}", 0), RH_OK);

    assert_defaults(&b->out);
}

static void null_counts_as_absent(void **state)
{
    struct bench *b = *state;

    assert_int_equal(decode(b,
                            "{\"node_id\":\"n1\",\"kind\":null,\"max_items\":null,\"ratio\":null,"
                            "\"steal\":null,\"gpu\":null,\"boards\":null,\"payload\":null,"
                            "\"result\":null,\"wait\":null,\"space\":null}",
                            FIELD_STRICT),
                     RH_OK);

    assert_defaults(&b->out);
}

static void keys_may_be_escaped(void **state)
{
    struct bench *b = *state;

    assert_int_equal(decode(b, "{\"node\\u005fid\":\"n1\"}", FIELD_STRICT), RH_OK);

    assert_true(rh_str_eq_c(b->out.node_id, "n1"));
}

static void unknown_fields_are_ignored_from_peers(void **state)
{
    struct bench *b = *state;

    assert_int_equal(
        decode(b, "{\"new\":{\"x\":[1]},\"node_id\":\"n1\",\"max_itemz\":3,\"\":0}", 0), RH_OK);

    assert_int_equal(b->out.max_items, 1);
}

static const struct {
    const char *json; /* put after {"node_id":"n1", */
    const char *field;
    const char *message;
} refused[] = {
    {"\"max_items\":0", "max_items", "\"max_items\" must be an integer in [1, 64]"},
    {"\"max_items\":65", "max_items", "\"max_items\" must be an integer in [1, 64]"},
    {"\"max_items\":1.0", "max_items", "\"max_items\" must be an integer in [1, 64]"},
    {"\"max_items\":1e1", "max_items", "\"max_items\" must be an integer in [1, 64]"},
    {"\"max_items\":\"1\"", "max_items", "\"max_items\" must be an integer in [1, 64]"},
    {"\"max_items\":9007199254740993", "max_items", "\"max_items\" must be an integer in [1, 64]"},
    {"\"max_items\":{\"a\":[]}", "max_items", "\"max_items\" must be an integer in [1, 64]"},
    {"\"max_item\":1", "max_item", "\"max_item\" is not a field here; did you mean \"max_items\"?"},
    {"\"zzzzzz\":1", "zzzzzz", "\"zzzzzz\" is not a field here"},
    {"\"gpu\":{\"cuont\":1}", "gpu.cuont",
     "\"gpu.cuont\" is not a field here; did you mean \"count\"?"},
    {"\"kind\":\"quik\"", "kind",
     "\"kind\" must be one of \"quick\", \"standard\", \"thorough\"; did you mean \"quick\"?"},
    {"\"kind\":\"zzzzzz\"", "kind",
     "\"kind\" must be one of \"quick\", \"standard\", \"thorough\""},
    {"\"seed\":7", "seed", "\"seed\" must be a 64-bit number as a decimal string, such as \"42\""},
    {"\"seed\":\"18446744073709551616\"", "seed",
     "\"seed\" must be a 64-bit number as a decimal string, such as \"42\""},
    {"\"seed\":\"-1\"", "seed",
     "\"seed\" must be a 64-bit number as a decimal string, such as \"42\""},
    {"\"ratio\":1.5", "ratio", "\"ratio\" must be a number in [0, 1]"},
    {"\"steal\":1", "steal", "\"steal\" must be true or false"},
    {"\"steal\":\"true\"", "steal", "\"steal\" must be true or false"},
    {"\"wait\":15", "wait",
     "\"wait\" must be a duration such as \"15s\" (ns us ms s m h) in [100ms, 10m]"},
    {"\"wait\":\"1ms\"", "wait",
     "\"wait\" must be a duration such as \"15s\" (ns us ms s m h) in [100ms, 10m]"},
    {"\"space\":\"2GiB\"", "space",
     "\"space\" must be a size such as \"64KiB\" or a number of bytes in [1, 1GiB]"},
    {"\"space\":-5", "space",
     "\"space\" must be a size such as \"64KiB\" or a number of bytes in [1, 1GiB]"},
    {"\"blob\":\"Zg\"", "blob", "\"blob\" must be base64 of at most 8 bytes"},
    {"\"blob\":\"Zm9vYmFyYmF6\"", "blob", "\"blob\" must be base64 of at most 8 bytes"},
    {"\"boards\":\"hex8\"", "boards", "\"boards\" must be a list of at most 256 strings"},
    {"\"boards\":[\"a\",1]", "boards[1]", "\"boards[1]\" must be a string"},
    {"\"boards\":[null]", "boards[0]", "\"boards[0]\" must be a string"},
    {"\"labels\":[]", "labels", "\"labels\" must be an object of at most 256 strings by name"},
    {"\"labels\":{\"a\":1}", "labels.a", "\"labels.a\" must be a string"},
    {"\"affinity\":{\"H\":\"x\"}", "affinity.H",
     "\"affinity.H\" must be an object of at most 256 lists of strings by name"},
    {"\"affinity\":{\"H\":[2]}", "affinity.H[0]", "\"affinity.H[0]\" must be a string"},
    {"\"gpu\":[]", "gpu", "\"gpu\" must be an object"},
    {"\"gpus\":{}", "gpus", "\"gpus\" must be a list of at most 4 objects"},
    {"\"gpus\":[{},{},{},{},{}]", "gpus", "\"gpus\" must be a list of at most 4 objects"},
    {"\"gpus\":[{},{\"count\":17}]", "gpus[1].count",
     "\"gpus[1].count\" must be an integer in [0, 16]"},
    {"\"gpus\":[null]", "gpus[0]", "\"gpus[0]\" must be an object"},
    {"\"hosts\":{\"n1\":{\"role\":\"boss\"}}", "hosts.n1.role",
     "\"hosts.n1.role\" must be one of \"coordinator\", \"worker\""},
    {"\"hosts\":{\"a\":{},\"b\":{},\"c\":{},\"d\":{}}", "hosts",
     "\"hosts\" must be an object of at most 3 objects by name"},
    {"\"result\":[]", "result", "\"result\" must be an object"},
    {"\"node_id\":\"n2\"", "node_id",
     "at byte 16 (line 1, column 17): the object has this key already, in \"node_id\""},
    {"\"payload\":{\"a\":1,\"\\u0061\":2}", "payload",
     "at byte 33 (line 1, column 34): the object has this key already, in \"payload\""},
    {"\"hosts\":{\"n1\":{},\"n1\":{}}", "hosts",
     "at byte 33 (line 1, column 34): the object has this key already, in \"hosts\""},
    {"\"gpus\":[{},{\"name\":01}]", "gpus[1].name",
     "at byte 35 (line 1, column 36): numbers have no leading zeros, in \"gpus[1].name\""},
    {"\"ratio\":1e999", "ratio",
     "at byte 24 (line 1, column 25): the number is too large for a double, in \"ratio\""},
};

static void refuses_with_field_and_rule(void **state)
{
    struct bench *b = *state;

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        static const struct all zero;
        char json[256];

        (void)snprintf(json, sizeof(json), "{\"node_id\":\"n1\",%s}", refused[i].json);
        if (decode(b, json, FIELD_STRICT) != RH_EINVAL ||
            strcmp(b->error.message, refused[i].message) != 0 ||
            strcmp(b->error.field, refused[i].field) != 0)
            fail_msg("%s\n gave %s: %s", refused[i].json, b->error.field, b->error.message);
        assert_memory_equal(&b->out, &zero, sizeof(zero));
    }
}

static void what_is_required_may_be_neither_absent_nor_null(void **state)
{
    struct bench *b = *state;

    assert_int_equal(decode(b, "{}", 0), RH_EINVAL);
    assert_string_equal(b->error.message, "\"node_id\" is required");
    assert_int_equal(decode(b, "{\"node_id\":null}", 0), RH_EINVAL);
    assert_string_equal(b->error.field, "node_id");
}

static void only_one_object_is_accepted(void **state)
{
    struct bench *b = *state;

    assert_int_equal(decode(b, "[]", 0), RH_EINVAL);
    assert_string_equal(b->error.message, "the value must be an object");
    assert_int_equal(decode(b, "", 0), RH_EINVAL);
    assert_string_equal(b->error.message, "at byte 0 (line 1, column 1): a value is missing");
    assert_int_equal(decode(b, "{\"node_id\":\"a\"} {}", 0), RH_EINVAL);
    assert_string_equal(b->error.field, "");
}

static void repeated_keys_in_ignored_fields_are_refused(void **state)
{
    struct bench *b = *state;

    assert_int_equal(decode(b, "{\"node_id\":\"a\",\"x\":1,\"x\":1}", 0), RH_EINVAL);
    assert_int_equal(decode(b, "{\"node_id\":\"a\",\"x\":{\"y\":1,\"y\":1}}", 0), RH_EINVAL);
    assert_int_equal(decode(b, "{\"node_id\":\"a\",\"x\":1,\"X\":1}", 0), RH_OK);
}

static void text_above_its_limit_is_too_large(void **state)
{
    struct bench *b = *state;
    struct rh_str json = RH_STR_LIT("{\"node_id\":\"a\"}");

    assert_int_equal(field_decode(&all_table, json, 0, json.n, &b->out, &b->arena, &b->error),
                     RH_OK);
    assert_int_equal(field_decode(&all_table, json, 0, json.n - 1, &b->out, &b->arena, &b->error),
                     RH_ETOOLARGE);
}

static void lists_grow_up_to_their_limit(void **state)
{
    struct bench *b = *state;
    struct rh_buf buf;

    rh_buf_init(&buf, 1 << 16);
    (void)rh_buf_append_c(&buf, "{\"node_id\":\"a\",\"boards\":[");
    for (int i = 0; i < 256; i++)
        (void)rh_buf_printf(&buf, "%s\"b%d\"", i > 0 ? "," : "", i);
    (void)rh_buf_append_c(&buf, "]}");

    assert_int_equal(decode(b, buf.p, 0), RH_OK);

    assert_int_equal(b->out.boards.count, 256);
    for (int i = 0; i < 256; i++) {
        char want[8];

        (void)snprintf(want, sizeof(want), "b%d", i);
        assert_true(rh_str_eq_c(b->out.boards.items[i], want));
    }
    buf.n -= 2;
    (void)rh_buf_append_c(&buf, ",\"b256\"]}");
    assert_int_equal(decode(b, buf.p, 0), RH_EINVAL);
    rh_buf_release(&buf);
}

static const char rich[] =
    "{\"node_id\":\"n1\",\"boards\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"],\"gpus\":[{},{},{}],"
    "\"hosts\":{\"n1\":{}},\"labels\":{\"k\":\"v\"},\"payload\":{\"x\":[1,2,3]},\"blob\":\"Zm9v\"}";

static void every_smaller_arena_is_refused_cleanly(void **state)
{
    struct bench *b = *state;
    uint64_t needed;

    assert_int_equal(decode(b, rich, 0), RH_OK);
    needed = b->arena.used_bytes;

    for (uint64_t max = 0; max < needed; max++) {
        field_arena_release(&b->arena);
        field_arena_init(&b->arena, max);
        assert_int_equal(decode(b, rich, 0), RH_ETOOLARGE);
        assert_null(b->out.boards.items);
    }
    field_arena_release(&b->arena);
    field_arena_init(&b->arena, needed);
    assert_int_equal(decode(b, rich, 0), RH_OK);
}

static void *fail_allocation(size_t size)
{
    (void)size;
    return NULL;
}

static void out_of_memory_is_told(void **state)
{
    struct bench *b = *state;

    b->arena.allocate = fail_allocation;

    assert_int_equal(decode(b, rich, 0), RH_ENOMEM);

    assert_string_equal(b->error.message, "\"node_id\" could not be kept: out of memory");
}

static void an_older_shorter_row_reads_as_zero_beyond_its_end(void **state)
{
    struct bench *b = *state;
    struct rh_field row = all_fields[2];
    struct rh_fields table = {&row, 1, sizeof(row), sizeof(struct all), 0};

    row.size = (uint32_t)offsetof(struct rh_field, given_offset);

    assert_int_equal(
        field_decode(&table, RH_STR_LIT("{\"max_items\":3}"), 0, 0, &b->out, &b->arena, &b->error),
        RH_OK);
    assert_int_equal(b->out.max_items, 3);
    assert_int_equal(b->out.max_items_given, 0);
}

static void a_newer_longer_row_is_stepped_over_by_stride(void **state)
{
    struct bench *b = *state;
    struct {
        struct rh_field row;
        uint64_t later;
    } rows[2] = {{all_fields[0], 1}, {all_fields[2], 1}};
    struct rh_fields table = {&rows[0].row, 2, sizeof(rows[0]), sizeof(struct all), 0};

    rows[0].row.size = rows[1].row.size = sizeof(rows[0]);

    assert_int_equal(field_decode(&table, RH_STR_LIT("{\"max_items\":3,\"node_id\":\"x\"}"), 0, 0,
                                  &b->out, &b->arena, &b->error),
                     RH_OK);
    assert_int_equal(b->out.max_items, 3);
    assert_true(rh_str_eq_c(b->out.node_id, "x"));
}

static void what_the_writer_writes_decodes_to_the_same_values(void **state)
{
    struct bench *b = *state;
    uint64_t seed = 11;
    struct rh_rng rng;

    print_message("seed %llu\n", (unsigned long long)seed);
    rh_rng_seed(&rng, seed);
    for (int round = 0; round < 500; round++) {
        struct rh_json_writer w;
        struct rh_buf buf;
        char name[41];
        size_t name_n = (size_t)rh_rng_below(&rng, sizeof(name));
        double ratio = rh_rng_double(&rng);
        uint64_t number = rh_rng_u64(&rng);
        int64_t items = 1 + (int64_t)rh_rng_below(&rng, 64);

        for (size_t i = 0; i < name_n; i++)
            name[i] = (char)(1 + rh_rng_below(&rng, 127));
        rh_buf_init(&buf, 1 << 16);
        rh_json_init(&w, &buf);
        rh_json_begin_object(&w);
        rh_json_kv_double(&w, "ratio", ratio);
        rh_json_kv_str(&w, "node_id", (struct rh_str){name, name_n});
        rh_json_kv_int(&w, "max_items", items);
        rh_json_kv_u64(&w, "seed", number);
        rh_json_end_object(&w);
        assert_int_equal(rh_json_finish(&w), RH_OK);

        if (decode(b, buf.p, FIELD_STRICT) != RH_OK)
            fail_msg("round %d %s: %s", round, buf.p, b->error.message);

        assert_true(rh_str_eq(b->out.node_id, (struct rh_str){name, name_n}));
        assert_memory_equal(&b->out.ratio, &ratio, sizeof(ratio));
        assert_true(b->out.seed == number);
        assert_int_equal(b->out.max_items, items);
        rh_buf_release(&buf);
    }
}

/* Any change of one byte either is refused or leaves valid JSON. */
static void broken_json_is_never_accepted(void **state)
{
    struct bench *b = *state;
    uint64_t seed = 13;
    struct rh_rng rng;

    print_message("seed %llu\n", (unsigned long long)seed);
    rh_rng_seed(&rng, seed);
    for (int round = 0; round < 20000; round++) {
        char json[sizeof(rich)];

        memcpy(json, rich, sizeof(rich));
        json[rh_rng_below(&rng, sizeof(rich) - 1)] = (char)rh_rng_below(&rng, 256);
        field_arena_reset(&b->arena);
        if (field_decode(&all_table, (struct rh_str){json, sizeof(json) - 1}, 0, 0, &b->out,
                         &b->arena, NULL) == RH_OK)
            assert_int_equal(json_check((struct rh_str){json, sizeof(json) - 1}, NULL, 0), RH_OK);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fills_every_type),
        TEST(absent_fields_get_their_defaults),
        TEST(null_counts_as_absent),
        TEST(keys_may_be_escaped),
        TEST(unknown_fields_are_ignored_from_peers),
        TEST(refuses_with_field_and_rule),
        TEST(what_is_required_may_be_neither_absent_nor_null),
        TEST(only_one_object_is_accepted),
        TEST(repeated_keys_in_ignored_fields_are_refused),
        TEST(text_above_its_limit_is_too_large),
        TEST(lists_grow_up_to_their_limit),
        TEST(every_smaller_arena_is_refused_cleanly),
        TEST(out_of_memory_is_told),
        TEST(an_older_shorter_row_reads_as_zero_beyond_its_end),
        TEST(a_newer_longer_row_is_stepped_over_by_stride),
        TEST(what_the_writer_writes_decodes_to_the_same_values),
        TEST(broken_json_is_never_accepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
