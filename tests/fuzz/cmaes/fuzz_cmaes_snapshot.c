/* Fuzzer of stored searches: whatever is accepted can be gone on with, and written and read again.
 */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "plugins/cmaes/snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A bound, an integer and restarts, so that all of a search is read. */
static struct search_spec make_spec(void)
{
    struct search_spec spec = {.dimension = 3,
                               .population = 7,
                               .sigma = 0.3,
                               .seed = 1,
                               .restart = RESTART_BIPOP,
                               .doublings_max = 3,
                               .rules = stop_rules_default()};

    for (uint32_t i = 0; i < 3; i++)
        spec.parameters[i] =
            (struct parameter){.initial = 0.5, .lower = -INFINITY, .upper = INFINITY, .scale = 1.0};
    spec.parameters[0].lower = 0.0;
    spec.parameters[1].is_integer = true;
    spec.parameters[1].upper = 9.0;
    return spec;
}

static void go_on(struct search *s)
{
    struct report reports[POPULATION_MAX];
    double values[DIMENSION_MAX];
    int32_t rc;

    search_sample(s);
    for (uint32_t i = 0; i < search_population(s); i++) {
        search_values(s, i, values);
        reports[i] = (struct report){i % 5 ? REPORT_FITNESS : REPORT_NONE, (double)(i % 7)};
        for (uint32_t k = 0; k < s->spec->dimension; k++)
            assert(!isnan(values[k]));
    }
    rc = search_tell(s, reports);
    assert(rc == RH_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct search_spec spec = make_spec();
    struct search *s = NULL;
    struct search *again = NULL;
    struct rh_buf buf;
    int32_t rc;

    if (snapshot_decode(&spec, (struct rh_str){(const char *)data, size}, &s) != RH_OK)
        return 0;
    if (s->reason == STOP_NONE)
        go_on(s);
    rh_buf_init(&buf, SNAPSHOT_BYTES_MAX);
    snapshot_encode(s, &buf);
    assert(buf.rc == RH_OK);
    rc = snapshot_decode(&spec, rh_buf_str(&buf), &again);
    assert(rc == RH_OK);
    search_free(s);
    search_free(again);
    rh_buf_release(&buf);
    return 0;
}
