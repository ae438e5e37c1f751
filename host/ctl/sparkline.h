/* A curve in one line of text: a column for each value, eight heights. */
#ifndef RH_HOST_CTL_SPARKLINE_H
#define RH_HOST_CTL_SPARKLINE_H

#include <ringhost/sdk/buf.h>

#define SPARKLINE_COLUMNS_MAX 200u

/* Appends the curve of values[count], oldest first, in at most `columns` columns (1 to
 * SPARKLINE_COLUMNS_MAX): of more values each column shows its last. Heights are logarithms when
 * all values are above 0, else proportional. Values are finite; errors stay in out. [any] */
void sparkline_put(struct rh_buf *out, const double *values, uint32_t count, uint32_t columns);

#endif
