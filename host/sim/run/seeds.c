/* Lists of seeds; see seeds.h. */
#include "host/sim/run/seeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

static int32_t read_kept(const char *path, struct seeds *out, char *why, uint32_t size)
{
    FILE *in = fopen(path, "r");
    char line[256];
    int32_t rc = RH_OK;
    uint32_t number = 0;

    while (rc == RH_OK && in && fgets(line, sizeof line, in)) {
        size_t n = strcspn(line, " \t\r\n#");

        number++;
        if (n == 0)
            continue;
        if (out->count == SEEDS_KEPT_MAX ||
            rh_parse_u64((struct rh_str){line, n}, &out->list[out->count]) != RH_OK) {
            (void)snprintf(why, size, "%s:%u:1: error: not a seed, or more than %u of them", path,
                           (unsigned)number, SEEDS_KEPT_MAX); /* cut */
            rc = RH_EINVAL;
        }
        out->count++;
    }
    if (in)
        (void)fclose(in); /* was only read */
    return rc;
}

int32_t seeds_make(const char *path, uint64_t first, uint64_t last, struct seeds *out, char *why,
                   uint32_t size)
{
    struct seeds seeds = {0};
    int32_t rc = RH_OK;

    seeds.list = calloc((size_t)(last - first) + 1 + SEEDS_KEPT_MAX, sizeof *seeds.list);
    if (!seeds.list)
        abort(); /* nothing can be run then */
    if (path)
        rc = read_kept(path, &seeds, why, size);
    seeds.kept_count = seeds.count;
    for (uint64_t seed = first; rc == RH_OK && seed - first <= last - first; seed++)
        seeds.list[seeds.count++] = seed;
    if (rc == RH_OK)
        *out = seeds;
    else
        free(seeds.list);
    return rc;
}
