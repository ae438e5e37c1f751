/* A model of state (two sorted arrays) against the real one, under random operations, groups and
 * restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <ringhost/errors.h>

#include "tests/host/core/state_box.h"

#define OPERATIONS 20000
#define KEYS       60
#define BATCH_MAX  6

/* Keys are "k00" to "k59", so an array by number is an ordered map. */
struct model {
    struct cell {
        uint64_t version;
        uint64_t value;
    } cells[KEYS];
    uint64_t revision;
};

struct walk {
    struct state_box box;
    struct rh_rng rng;
    struct model models[2];
    uint32_t outstanding;
    uint32_t operations;
};

struct expected {
    struct walk *walk;
    int32_t rc;
    uint64_t revision;
};

static void key_of(char out[4], uint64_t number)
{
    out[0] = 'k';
    out[1] = (char)('0' + number / 10);
    out[2] = (char)('0' + number % 10);
    out[3] = 0;
}

static void on_done(void *user, int32_t rc, uint64_t revision)
{
    struct expected *expected = user;
    assert_int_equal(rc, expected->rc);
    assert_int_equal(revision, expected->revision);
    expected->walk->outstanding--;
    free(expected);
}

static int model_apply(struct model *model, const struct rh_op *ops, const uint64_t (*numbers)[2],
                       uint32_t count, const uint64_t *values)
{
    for (uint32_t i = 0; i < count; i++) {
        if (ops[i].op == RH_OP_CHECK && model->cells[numbers[i][0]].version != ops[i].version)
            return RH_ECONFLICT;
    }
    model->revision++;
    for (uint32_t i = 0; i < count; i++) {
        struct cell *cell = &model->cells[numbers[i][0]];
        if (ops[i].op == RH_OP_PUT)
            *cell = (struct cell){model->revision, values[i]};
        else if (ops[i].op == RH_OP_DELETE)
            *cell = (struct cell){0, 0};
        for (uint64_t k = numbers[i][0]; ops[i].op == RH_OP_DELETE_RANGE && k < numbers[i][1]; k++)
            model->cells[k] = (struct cell){0, 0};
    }
    return RH_OK;
}

static void commit_random(struct walk *walk)
{
    struct rh_op ops[BATCH_MAX];
    char keys[BATCH_MAX][2][4];
    uint64_t numbers[BATCH_MAX][2];
    uint64_t values[BATCH_MAX];
    uint32_t which = (uint32_t)rh_rng_below(&walk->rng, 2);
    uint32_t count = 1 + (uint32_t)rh_rng_below(&walk->rng, BATCH_MAX);
    struct model *model = &walk->models[which];
    for (uint32_t i = 0; i < count; i++) {
        uint64_t dice = rh_rng_below(&walk->rng, 20);
        uint32_t kind = dice < 13   ? RH_OP_PUT
                        : dice < 17 ? RH_OP_DELETE
                        : dice < 18 ? RH_OP_DELETE_RANGE
                                    : RH_OP_CHECK;
        numbers[i][0] = rh_rng_below(&walk->rng, KEYS);
        numbers[i][1] = numbers[i][0] + rh_rng_below(&walk->rng, KEYS - numbers[i][0]);
        values[i] = rh_rng_u64(&walk->rng);
        key_of(keys[i][0], numbers[i][0]);
        key_of(keys[i][1], numbers[i][1]);
        ops[i] = box_op(kind, keys[i][0], kind == RH_OP_DELETE_RANGE ? keys[i][1] : "", 0);
        if (kind == RH_OP_PUT)
            ops[i].value = (struct rh_str){(const char *)&values[i], sizeof(values[i])};
        if (kind == RH_OP_CHECK)
            ops[i].version =
                model->cells[numbers[i][0]].version + (rh_rng_below(&walk->rng, 4) == 0);
    }
    struct expected *expected = calloc(1, sizeof(*expected));
    assert_non_null(expected);
    expected->walk = walk;
    expected->rc = model_apply(model, ops, (const uint64_t(*)[2])numbers, count, values);
    expected->revision = expected->rc == RH_OK ? model->revision : 0;
    const struct rh_batch batch = {
        .size = sizeof(batch), .ops = ops, .op_count = count, .op_stride = sizeof(ops[0])};
    struct state_ns *ns = which ? walk->box.rep : walk->box.ns;
    assert_int_equal(state_commit(walk->box.state, ns, &batch, "p", 0, on_done, expected), RH_OK);
    walk->outstanding++;
    walk->operations += count;
}

static void compare(struct walk *walk, uint32_t which, uint32_t flags)
{
    const struct rh_scan scan = {.size = sizeof(scan), .flags = flags};
    const struct model *model = &walk->models[which];
    struct state_ns *ns = which ? walk->box.rep : walk->box.ns;
    struct rh_rows rows;
    uint32_t at = 0;
    assert_int_equal(walk->outstanding, 0);
    assert_int_equal(state_scan(walk->box.state, ns, &scan, &rows), RH_OK);
    for (uint32_t i = 0; i < KEYS; i++) {
        uint32_t number = flags & RH_SCAN_REVERSE ? KEYS - 1 - i : i;
        const struct cell *cell = &model->cells[number];
        char key[4];
        if (cell->version == 0)
            continue;
        key_of(key, number);
        assert_true(at < rows.count);
        assert_memory_equal(rows.rows[at].key.p, key, 3);
        assert_int_equal(rows.rows[at].version, cell->version);
        assert_memory_equal(rows.rows[at].data.p, &cell->value, sizeof(cell->value));
        at++;
    }
    struct rh_usage usage = box_usage(&walk->box, ns);
    assert_int_equal(rows.count, at);
    assert_int_equal(usage.keys, at);
    assert_int_equal(usage.bytes, at * (3 + sizeof(uint64_t)));
    assert_int_equal(usage.revision, model->revision);
}

static void state_behaves_like_its_model(void **fixture)
{
    const char *given = getenv("RINGHOST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    struct walk walk = {0};
    (void)fixture;
    print_message("RINGHOST_SEED=%llu\n", (unsigned long long)seed);
    rh_rng_seed(&walk.rng, seed);
    box_init(&walk.box);
    assert_int_equal(box_open(&walk.box), RH_OK);

    while (walk.operations < OPERATIONS) {
        uint64_t dice = rh_rng_below(&walk.rng, 400);
        commit_random(&walk);
        if (dice < 40)
            state_flush(walk.box.state);
        if (dice >= 40 && dice < 80)
            (void)fake_driver_step(&walk.box.fake); /* there may be nothing to do */
        if (dice == 399) {
            box_close(&walk.box);
            assert_int_equal(walk.outstanding, 0);
            assert_int_equal(box_open(&walk.box), RH_OK);
        }
        if (dice == 398)
            state_checkpoint(walk.box.state);
        if (dice >= 390) {
            box_run(&walk.box);
            compare(&walk, (uint32_t)(dice % 2), dice % 3 ? 0 : RH_SCAN_REVERSE);
        }
    }
    box_run(&walk.box);
    compare(&walk, 0, 0);
    compare(&walk, 1, RH_SCAN_REVERSE);
    box_release(&walk.box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(state_behaves_like_its_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
