/* Pieces of a file: which bytes of it are meant, and whether one that arrived is the one wanted. */
#ifndef RH_PLUGINS_ARTIFACTS_PIECE_H
#define RH_PLUGINS_ARTIFACTS_PIECE_H

#include <stdint.h>

/* Where a file that arrives in pieces stands. */
enum piece_verdict {
    PIECE_TAKE,      /* the one wanted, or the end of it that is new */
    PIECE_HAD,       /* all of it is here already */
    PIECE_TOO_FAR,   /* bytes before it are missing: go on at `next` */
    PIECE_TOO_LARGE, /* it goes beyond the end of the file */
};

/* bytes from offset on have arrived of a file of size_bytes, of which the first `next` are here.
 * For PIECE_TAKE *skip is how many of them are here already. All >= 0, next <= size_bytes. */
enum piece_verdict piece_judge(int64_t size_bytes, int64_t next, int64_t offset, int64_t bytes,
                               int64_t *skip);

/* How many bytes from offset on, of at most max, a file of size_bytes has; 0 behind its end. */
int64_t piece_bytes(int64_t size_bytes, int64_t offset, int64_t max);

#endif
