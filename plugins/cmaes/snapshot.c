/* Writes what counts between generations and makes the rest anew. */
#include "snapshot.h"

#include <assert.h>
#include <math.h>
#include <ringhost/sdk/record.h>
#include <string.h>

/* First byte of the record. */
#define SNAPSHOT_VERSION 1u

void snapshot_put_double(struct rh_buf *buf, double value)
{
    uint64_t bits;

    static_assert(sizeof(bits) == sizeof(value), "a double has 64 bits");
    memcpy(&bits, &value, sizeof(bits));
    rh_record_put_u64(buf, bits); /* errors stay in buf */
}

double snapshot_get_double(struct rh_record_reader *reader)
{
    const uint64_t bits = rh_record_get_u64(reader);
    double value;

    memcpy(&value, &bits, sizeof(value));
    if (isfinite(value))
        return value;
    reader->rc = RH_EINVAL;
    return 0.0;
}

static void put_doubles(struct rh_buf *buf, const double *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        snapshot_put_double(buf, values[i]);
}

static void get_doubles(struct rh_record_reader *r, double *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        values[i] = snapshot_get_double(r);
}

static uint32_t kept(const struct stop_track *track)
{
    return track->count < STOP_HISTORY_MAX ? (uint32_t)track->count : STOP_HISTORY_MAX;
}

static void put_track(struct rh_buf *buf, const struct stop_track *track)
{
    rh_record_put(buf, track->flat);
    rh_record_put_u64(buf, track->count);
    put_doubles(buf, track->best, kept(track));
    put_doubles(buf, track->median, kept(track));
}

static void get_track(struct rh_record_reader *r, struct stop_track *track)
{
    track->flat = (uint32_t)rh_record_get(r, 0, UINT32_MAX);
    track->count = rh_record_get_u64(r);
    get_doubles(r, track->best, kept(track));
    get_doubles(r, track->median, kept(track));
}

static void put_cma(struct rh_buf *buf, const struct cma *c)
{
    const uint32_t n = c->strategy.dimension;

    rh_record_put(buf, c->strategy.population);
    rh_record_put_u64(buf, c->generation);
    snapshot_put_double(buf, c->sigma);
    put_doubles(buf, c->mean, n);
    put_doubles(buf, c->path_sigma, n);
    put_doubles(buf, c->path_c, n);
    for (uint32_t i = 0; i < n; i++)
        put_doubles(buf, &c->covariance[(size_t)i * n], i + 1);
}

static void get_covariance(struct rh_record_reader *r, struct cma *c)
{
    const size_t n = c->strategy.dimension;

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            c->covariance[i * n + j] = snapshot_get_double(r);
            c->covariance[j * n + i] = c->covariance[i * n + j];
        }
    }
}

static int32_t get_cma(struct rh_record_reader *r, uint32_t n, struct cma **out)
{
    const uint32_t population = (uint32_t)rh_record_get(r, POPULATION_MIN, POPULATION_MAX);
    const uint64_t generation = rh_record_get_u64(r);
    const double sigma = snapshot_get_double(r);
    double mean[DIMENSION_MAX];
    int32_t rc;

    get_doubles(r, mean, n);
    if (r->rc != RH_OK || !(sigma > 0.0))
        return RH_EINVAL;
    rc = cma_new(n, population, mean, sigma, out);
    if (rc != RH_OK)
        return rc;
    (*out)->generation = generation;
    get_doubles(r, (*out)->path_sigma, n);
    get_doubles(r, (*out)->path_c, n);
    get_covariance(r, *out);
    return r->rc;
}

void snapshot_encode(const struct search *s, struct rh_buf *buf)
{
    const uint32_t n = s->spec->dimension;
    const struct restart *r = &s->restart;
    const uint64_t numbers[] = {
        s->rng.s[0],          s->rng.s[1],          s->rng.s[2],
        s->rng.s[3],          s->run_evaluations,   s->run_evaluations_max,
        s->generations,       s->evaluations,       s->best_generation,
        r->evaluations_large, r->evaluations_small, r->evaluations_last_large};

    rh_record_put(buf, SNAPSHOT_VERSION); /* errors stay in buf */
    rh_record_put(buf, n);
    rh_record_put(buf, (int64_t)s->reason);
    rh_record_put(buf, (int64_t)s->run_reason);
    rh_record_put(buf, r->doublings);
    rh_record_put(buf, r->runs);
    rh_record_put(buf, r->is_small);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        rh_record_put_u64(buf, numbers[i]);
    snapshot_put_double(buf, s->sigma_first);
    put_doubles(buf, s->factors, n);
    rh_record_put(buf, s->has_best);
    snapshot_put_double(buf, s->best_fitness);
    put_doubles(buf, s->best_values, n);
    put_track(buf, &s->track);
    put_cma(buf, s->cma);
}

static void get_search(struct rh_record_reader *reader, struct search *s)
{
    const uint32_t n = s->spec->dimension;
    struct restart *r = &s->restart;
    uint64_t *const numbers[] = {
        &s->rng.s[0],          &s->rng.s[1],          &s->rng.s[2],
        &s->rng.s[3],          &s->run_evaluations,   &s->run_evaluations_max,
        &s->generations,       &s->evaluations,       &s->best_generation,
        &r->evaluations_large, &r->evaluations_small, &r->evaluations_last_large};

    s->reason = (enum stop_reason)rh_record_get(reader, STOP_NONE, STOP_REASONS - 1);
    s->run_reason = (enum stop_reason)rh_record_get(reader, STOP_NONE, STOP_REASONS - 1);
    r->doublings = (uint32_t)rh_record_get(reader, 0, RESTARTS_MAX);
    r->runs = (uint32_t)rh_record_get(reader, 0, UINT32_MAX);
    r->is_small = rh_record_get(reader, 0, 1) != 0;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        *numbers[i] = rh_record_get_u64(reader);
    s->sigma_first = snapshot_get_double(reader);
    get_doubles(reader, s->factors, n);
    s->has_best = rh_record_get(reader, 0, 1) != 0;
    s->best_fitness = snapshot_get_double(reader);
    get_doubles(reader, s->best_values, n);
    get_track(reader, &s->track);
}

int32_t snapshot_decode(const struct search_spec *spec, struct rh_str bytes, struct search **out)
{
    struct rh_record_reader reader;
    struct search *s = NULL;
    struct cma *cma = NULL;
    int32_t rc = search_new(spec, &s);

    if (rc != RH_OK)
        return rc;
    rh_record_reader_init(&reader, bytes);
    (void)rh_record_get(&reader, SNAPSHOT_VERSION, SNAPSHOT_VERSION); /* another one stays in it */
    (void)rh_record_get(&reader, spec->dimension, spec->dimension);
    get_search(&reader, s);
    rc = reader.rc == RH_OK ? get_cma(&reader, spec->dimension, &cma) : reader.rc;
    if (rc == RH_OK)
        rc = rh_record_end(&reader);
    if (rc == RH_OK && s->reason == STOP_NONE)
        rc = cma_decompose(cma);
    if (rc != RH_OK) {
        cma_free(cma);
        search_free(s);
        return rc;
    }
    cma_free(s->cma);
    s->cma = cma;
    if (s->reason == STOP_NONE && !search_is_sound(s)) {
        search_free(s);
        return RH_EINVAL;
    }
    *out = s;
    return RH_OK;
}
