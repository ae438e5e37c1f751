/* One vote per term; see ballot.h. */
#include "ballot.h"

#include <assert.h>
#include <string.h>

#include <ringhost/sdk/str.h>

bool ballot_advance(struct ballot *ballot, uint64_t term)
{
    if (term <= ballot->term)
        return false;
    ballot->term = term;
    ballot->vote[0] = '\0';
    return true;
}

bool ballot_can_grant(const struct ballot *ballot, uint64_t term, const char *candidate)
{
    if (term != ballot->term)
        return term > ballot->term;
    return ballot->vote[0] == '\0' || strcmp(ballot->vote, candidate) == 0;
}

bool ballot_grant(struct ballot *ballot, uint64_t term, const char *candidate)
{
    int32_t rc;

    assert(ballot_can_grant(ballot, term, candidate));
    assert(candidate[0]);
    if (term == ballot->term && ballot->vote[0])
        return false;
    ballot->term = term;
    rc = rh_str_copy(ballot->vote, sizeof(ballot->vote), rh_str_from(candidate));
    assert(rc == RH_OK);
    (void)rc; /* only checked */
    return true;
}
