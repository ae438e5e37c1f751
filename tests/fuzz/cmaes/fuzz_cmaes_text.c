/* Fuzzer of what reads JSON and templates as text: it stays within its bytes and comes to an end,
 * and a text without placeholders comes out as it was. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "plugins/cmaes/candidate.h"
#include "plugins/cmaes/members.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(struct rh_str text)
{
    struct member member;
    size_t offset = 0;
    size_t before = 0;

    while (members_next(text, &offset, &member)) {
        assert(offset > before);
        assert(offset <= text.n);
        assert(member.value.p >= text.p && member.value.p + member.value.n <= text.p + text.n);
        before = offset;
    }
    (void)members_at(text, RH_STR_LIT("a.b.c"));
}

static void expand(struct rh_str text)
{
    static const struct parameter parameters[] = {{.name = "a"}, {.name = "b.c"}};
    static const double values[] = {0.25, 3.0};
    const struct candidate candidate = {.parameters = parameters,
                                        .values = values,
                                        .count = 2,
                                        .job_id = RH_STR_LIT("c1"),
                                        .generation = 5,
                                        .index = 2};
    const struct candidate none = {.job_id = RH_STR_LIT("c1")};
    struct rh_buf out;

    rh_buf_init(&out, 1u << 20);
    candidate_expand(text, &candidate, &out);
    if (!memchr(text.p, '{', text.n))
        assert(rh_str_eq(rh_buf_str(&out), text));
    rh_buf_reset(&out);
    candidate_expand(text, &none, &out);
    (void)candidate_unknown(text, parameters, 2);
    rh_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1); /* of its very size, so that a byte too far is noticed */
    const struct rh_str text = {copy, size};
    uint64_t generation = 0;
    uint32_t index = 0;

    assert(copy);
    memcpy(copy, data, size);
    walk(text);
    expand(text);
    (void)candidate_id_read(text, &generation, &index);
    free(copy);
    return 0;
}
