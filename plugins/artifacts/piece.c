/* Sums that do not overflow, whatever the other side claims. */
#include "piece.h"

#include <assert.h>

enum piece_verdict piece_judge(int64_t size_bytes, int64_t next, int64_t offset, int64_t bytes,
                               int64_t *skip)
{
    assert(next >= 0);
    assert(next <= size_bytes);
    assert(offset >= 0);
    assert(bytes >= 0);
    if (offset > size_bytes || bytes > size_bytes - offset)
        return PIECE_TOO_LARGE;
    if (offset > next)
        return PIECE_TOO_FAR;
    if (offset + bytes <= next && !(bytes == 0 && size_bytes == 0))
        return PIECE_HAD;
    *skip = next - offset;
    return PIECE_TAKE;
}

int64_t piece_bytes(int64_t size_bytes, int64_t offset, int64_t max)
{
    int64_t left = offset < size_bytes ? size_bytes - offset : 0;

    return left < max ? left : max;
}
