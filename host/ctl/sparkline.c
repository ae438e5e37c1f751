/* Scales values to the eight block elements U+2581 to U+2588. */
#include "host/ctl/sparkline.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#define HEIGHTS 8

static double height_of(double value, double low, double high)
{
    return high > low ? (value - low) / (high - low) : 0.0;
}

/* The value that a column shows. */
static double column_value(const double *values, uint32_t count, uint32_t columns, uint32_t column)
{
    const uint64_t behind = ((uint64_t)column + 1) * count / columns;

    return values[behind - 1];
}

void sparkline_put(struct rh_buf *out, const double *values, uint32_t count, uint32_t columns)
{
    static const char *const blocks[HEIGHTS] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                                "\u2585", "\u2586", "\u2587", "\u2588"};
    double heights[SPARKLINE_COLUMNS_MAX];
    double low = INFINITY;
    double high = -INFINITY;
    bool is_log = true;

    assert(columns >= 1);
    assert(columns <= SPARKLINE_COLUMNS_MAX);
    if (columns > count)
        columns = count;
    for (uint32_t i = 0; i < columns; i++) {
        heights[i] = column_value(values, count, columns, i);
        is_log = is_log && heights[i] > 0.0;
    }
    for (uint32_t i = 0; i < columns; i++) {
        heights[i] = is_log ? log(heights[i]) : heights[i];
        low = heights[i] < low ? heights[i] : low;
        high = heights[i] > high ? heights[i] : high;
    }
    for (uint32_t i = 0; i < columns; i++) {
        const double height = height_of(heights[i], low, high);

        (void)rh_buf_append_c(out, blocks[(int)(height * (HEIGHTS - 1) + 0.5)]); /* sticky */
    }
}
